"""Rows of the tables in memory: the ones that were changed, and the ones to go on from."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

from kedge.ledger.projections.tables import PROJECTED, STAYING

Row = dict[str, Any]


class Rows:
    """Rows by table and key, and which of them were changed since the last `take`.

    Of orders and fills only those that a batch names are here, and for its time: a session of
    months has more of them than room.
    """

    def __init__(self) -> None:
        self._rows: dict[Table, dict[tuple[Any, ...], Row]] = {table: {} for table in PROJECTED}
        self._changed: dict[Table, dict[tuple[Any, ...], Row]] = {}

    def load(self, table: Table, rows: Iterable[Row]) -> None:
        """Take rows that a database holds already."""
        for row in rows:
            self._rows[table][_key(table, row)] = row

    def find(self, table: Table, *key: Any) -> Row | None:
        """The row of a key."""
        return self._rows[table].get(key)

    def all(self, table: Table) -> list[Row]:
        """Every row of a table."""
        return list(self._rows[table].values())

    def put(self, table: Table, row: Row) -> Row:
        """Add a row, or change the one of its key."""
        key = _key(table, row)
        kept = self._rows[table].setdefault(key, row)
        kept.update(row)
        self._changed.setdefault(table, {})[key] = kept
        return kept

    def take(self) -> dict[Table, list[Row]]:
        """Rows that were changed since the last call."""
        changed = {table: list(rows.values()) for table, rows in self._changed.items()}
        self._changed = {}
        for table in self._rows.keys() - set(STAYING):
            self._rows[table].clear()
        return changed


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)
