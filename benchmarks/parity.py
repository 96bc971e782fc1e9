"""Do all sides give the same trades? Compared before anything is timed."""

from dataclasses import dataclass

import numpy as np

from benchmarks.market import F64
from benchmarks.peers.measure import TRADE

COLUMN, ENTRY, EXIT, SIDE, QUANTITY, PAID, SOLD = range(len(TRADE))


@dataclass(frozen=True)
class Tolerance:
    """How far a side may be from the reference.

    Attributes:
        quantity: relative; None where the side sizes by another rule.
        price: relative.
        open_kept: whether the side reports positions that are open at the end.
    """

    quantity: float | None
    price: float = 1e-9
    open_kept: bool = True


class ParityError(AssertionError):
    """Two sides traded differently."""


def ordered(trades: F64) -> F64:
    """(K, 7) trades by column, then entry."""
    return trades[np.lexsort((trades[:, ENTRY], trades[:, COLUMN]))]


def check(name: str, found: F64, reference: F64, allowed: Tolerance) -> int:
    """Compare a side's trades with the reference's.

    Args:
        name: of the side.
        found, reference: (K, 7) trades in the columns of ``measure.TRADE``.
        allowed: how far apart they may be.

    Returns:
        The number of trades compared.

    Raises:
        ParityError: what differs, and where first.
    """
    if not allowed.open_kept:
        found = found[found[:, EXIT] >= 0]
        reference = reference[reference[:, EXIT] >= 0]
    found, reference = ordered(found), ordered(reference)
    if not len(reference):
        raise ParityError(f"{name}: the reference has no trades to compare")
    if len(found) != len(reference):
        raise ParityError(f"{name}: {len(found)} trades, the reference has {len(reference)}")
    exact = (COLUMN, ENTRY, EXIT, SIDE)
    differs = (found[:, exact] != reference[:, exact]).any(axis=1)
    _refuse(name, "rows or side", differs, found, reference)
    for price in (PAID, SOLD):
        _refuse(
            name, TRADE[price], _apart(found, reference, price, allowed.price), found, reference
        )
    if allowed.quantity is not None:
        apart = _apart(found, reference, QUANTITY, allowed.quantity)
        _refuse(name, "quantity", apart, found, reference)
    return len(found)


def _apart(found: F64, reference: F64, column: int, share: float) -> np.ndarray:
    """Rows further apart than a share; an open trade has no exit price to compare."""
    a, b = found[:, column], reference[:, column]
    still_open = reference[:, EXIT] < 0 if column == SOLD else np.zeros(len(a), dtype=bool)
    return ~still_open & ~(np.abs(a - b) <= share * np.abs(b))


def _refuse(name: str, what: str, differs: np.ndarray, found: F64, reference: F64) -> None:
    if differs.any():
        first = int(np.flatnonzero(differs)[0])
        raise ParityError(
            f"{name}: {what} of {int(differs.sum())} trades differ, first "
            f"{found[first].tolist()} instead of {reference[first].tolist()}"
        )
