"""Startup is recovery: a desk from its journal, and nothing decided on the way."""

from collections.abc import Iterable

from kedge.domain.errors import JournalError
from kedge.domain.record import Opened, Record, decode
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.setup import same_universe


def recover(desk: Desk, payloads: Iterable[tuple[int, bytes]]) -> int:
    """Fold every record of a journal into a fresh desk.

    Args:
        desk: of the journal's universe, not used before.
        payloads: (number, bytes) in order.

    Returns:
        The number of the last record.

    Raises:
        JournalError: a record cannot be read, or the journal is of another universe.
    """
    last = 0
    for last, payload in payloads:
        record = _read(last, payload)
        if isinstance(record, Opened):
            _same_universe(desk, record)
        evolve(desk, record)
    desk.book.taken()
    return last


def _read(number: int, payload: bytes) -> Record:
    try:
        return decode(payload)
    except ValueError as error:
        raise JournalError(
            f"record {number} cannot be read: {error}", "journal", "`kedge audit verify` checks it"
        ) from error


def _same_universe(desk: Desk, opened: Opened) -> None:
    if not same_universe(opened, desk.universe):
        ours = tuple(i.id for i in desk.universe.instruments)
        raise JournalError(
            f"it trades {', '.join(opened.instruments)}, the configuration {', '.join(ours)}",
            "journal",
            "use the configuration it was made with, or another session folder",
        )
