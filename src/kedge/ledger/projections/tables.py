"""The tables that a journal is projected to, the same in SQLite and PostgreSQL.

Times are ns UTC, prices ticks, quantities lots, money minor units of its currency, all as
64-bit integers. Every row says the record that last changed it (``seq``).
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text

metadata = MetaData()


_TYPES: Final = {int: BigInteger, str: Text, bool: Boolean}


def _table(
    name: str, keys: dict[str, type], columns: dict[str, type], optional: tuple[str, ...] = ()
) -> Table:
    """A table whose last column is ``seq``; of the others only ``optional`` ones may be empty."""
    return Table(
        f"kedge_{name}",
        metadata,
        *(_column(each, keys[each], primary_key=True) for each in keys),
        *(_column(each, columns[each], nullable=each in optional) for each in columns),
        _column("seq", int),
    )


def _column(
    name: str, kind: type, *, primary_key: bool = False, nullable: bool = False
) -> "Column[Any]":
    return Column(
        name, _TYPES[kind](), primary_key=primary_key, nullable=nullable, autoincrement=False
    )


_POSITION: Final[dict[str, type]] = {"account": str, "venue": str, "instrument": str}

ORDERS = _table(
    "orders",
    {"id": str},
    {
        **_POSITION,
        "intent": int,
        "side": int,
        "lots": int,
        "type": str,
        "tif": str,
        "limit_ticks": int,
        "trigger_ticks": int,
        "post_only": bool,
        "reduce_only": bool,
        "reason": str,
        "status": str,
        "filled": int,
        "fees": int,
        "venue_id": str,
        "opened_at": int,
        "changed_at": int,
        "why": str,
    },
)
"""Every order that was approved or refused, and what is known of it."""

FILLS = _table(
    "fills",
    _POSITION | {"trade": str},
    {
        "order_id": str,
        "venue_id": str,
        "at": int,
        "side": int,
        "lots": int,
        "ticks": int,
        "fee": int,
        "maker": bool,
        "cash": int,
    },
    optional=("cash",),
)
"""Executions, each once however often it was reported; ``cash`` is what it moved, fee included."""

POSITIONS = _table(
    "positions",
    _POSITION,
    {"lots": int, "paid": str, "told": int, "told_at": int},
    ("told", "told_at"),
)
"""Net lots as booked, what of the coin went for fees, and lots as the venue last told."""

CASH = _table(
    "cash",
    {"account": str, "venue": str, "currency": str},
    {"booked": int, "told": int, "told_at": int},
    ("told", "told_at"),
)
"""What fills, fees and adjustments moved since the journal began, and what the venue last told."""

DECISIONS = _table(
    "decisions",
    {"row": int},
    {"at": int, "equity": int, "cash": int, "gross": int, "held": int, "reasons": str},
)
"""Every decided row: marks, targets that are not zero, and how often each reason was given."""

MODES = _table("modes", {"number": int}, {"at": int, "mode": str, "killed": bool, "why": str})
"""Changes of what the session may do."""

PROGRESS = _table("progress", {"lineage": str}, {"chain": str})
"""The journal that was projected, and the last record of it that is in the tables."""

STAYING: Final = (POSITIONS, CASH)
"""Tables whose rows, few as they are, stay in memory; those of the others are written, forgotten,
and fetched again where a record names one.
"""

PROJECTED: Final = (ORDERS, FILLS, POSITIONS, CASH, DECISIONS, MODES)
