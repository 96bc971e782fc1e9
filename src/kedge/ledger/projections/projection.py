"""The fold from records to rows: tables can be thrown away, the journal cannot."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from sqlalchemy import Table

from kedge.domain.control import Mode
from kedge.domain.decided import ModeSet
from kedge.domain.errors import JournalError
from kedge.domain.record import Opened, Record
from kedge.domain.row import RowDecided
from kedge.ledger.projections.accounts import project_account
from kedge.ledger.projections.named import Keys, named
from kedge.ledger.projections.orders import project_order
from kedge.ledger.projections.places import Places, reason_name
from kedge.ledger.projections.rows import Row, Rows
from kedge.ledger.projections.tables import DECISIONS, MODES

Fetch = Callable[[Table, Keys], Iterable[Row]]
"""Rows of a table by their keys; a key without a row gives none."""


class Projection:
    """Folds records, in order, into rows.

    Args:
        opened: the journal's first record.
        rows: positions and cash of the records before, empty at the start.
    """

    def __init__(self, opened: Opened, rows: Rows) -> None:
        self._rows = rows
        self._places = Places(opened)

    def fold(self, batch: Sequence[tuple[int, Record]], fetch: Fetch) -> dict[Table, list[Row]]:
        """Rows that the next records change.

        Args:
            batch: those records, with their numbers.
            fetch: gives rows that are written already.
        """
        for table, keys in named((record for _, record in batch), self._places).items():
            self._rows.load(table, fetch(table, keys))
        for seq, record in batch:
            self.project(seq, record)
        return self.take()

    def project(self, seq: int, record: Record) -> None:
        """Fold the next record."""
        match record:
            case RowDecided():
                self._rows.put(DECISIONS, _decision(seq, record))
            case ModeSet(at=at, mode=mode, killed=killed, why=why):
                self._rows.put(MODES, {
                    "number": seq, "at": at, "mode": Mode(mode).name, "killed": killed,
                    "why": why, "seq": seq,
                })  # fmt: skip
            case _:
                project_order(seq, record, self._rows, self._places)
                project_account(seq, record, self._rows, self._places)

    def take(self) -> dict[Table, list[Row]]:
        """Rows that were changed since the last call."""
        return self._rows.take()


def first_record(found: Iterator[tuple[int, Record]]) -> Opened:
    """The record that says what keys mean.

    Raises:
        JournalError: the journal does not start with one.
    """
    _, record = next(found, (0, None))
    if not isinstance(record, Opened):
        raise JournalError("the journal does not start with the record that opens it")
    return record


def _decision(seq: int, record: RowDecided) -> Row:
    counted = Counter(reason_name(int(code)) for code in np.frombuffer(record.reasons, np.int8))
    equity, cash, gross = record.marks
    return {
        "row": record.row, "at": record.at, "equity": equity, "cash": cash, "gross": gross,
        "held": int(np.count_nonzero(np.frombuffer(record.targets, "<i8"))),
        "reasons": json.dumps(dict(sorted(counted.items()))), "seq": seq,
    }  # fmt: skip
