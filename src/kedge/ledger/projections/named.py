"""Which rows of orders and fills a batch of records is about."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

from kedge.domain.record import Record
from kedge.domain.report import Filled
from kedge.ledger.projections.places import Places
from kedge.ledger.projections.tables import FILLS, ORDERS

Keys = list[tuple[Any, ...]]
"""Primary keys of a table's rows, each once."""


def named(records: Iterable[Record], places: Places) -> dict[Table, Keys]:
    """Keys of rows that may be in the tables already, by their table."""
    orders: dict[tuple[Any, ...], None] = {}
    fills: dict[tuple[Any, ...], None] = {}
    for record in records:
        order = getattr(record, "order", None)
        if isinstance(order, str):
            orders[(order,)] = None
        if isinstance(record, Filled):
            fills[(*places.position(record.key).values(), record.trade)] = None
    return {ORDERS: list(orders), FILLS: list(fills)}
