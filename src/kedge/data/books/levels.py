"""Sorted price levels in flat arrays, changed by compiled code.

Each side is one row of two (2, capacity) arrays: ranks, ascending, and lots. A bid's rank
is its price in ticks and an ask's is minus that, so on both sides the best level is the
last: most changes are near the best and move few entries.
"""

import numpy as np
import numpy.typing as npt

from kedge.data.books.moves import move
from kedge.domain.compiled import entry, inlined

I64 = npt.NDArray[np.int64]

OVERFLOW, CROSSED, INVALID = 1, 2, 4
"""What can be wrong with a book after `change`, as bits."""
NO_LOWEST, NO_HIGHEST = 2**62, -1
"""Of best prices that nobody has seen."""
NOTHING_BELOW, NOTHING_ABOVE = 0, 2**61
"""Lowest and highest best price where a side was empty: any price beyond may have been true."""


@inlined
def _place(ranks: I64, side: int, count: int, rank: int) -> int:
    """Where a rank stands or belongs; the last ones are looked at first."""
    low, high = 0, count
    step = 1
    while high - step >= 0 and ranks[side, high - step] >= rank:
        high -= step
        step *= 2
    if high - step >= 0:
        low = high - step + 1
    while low < high:
        middle = (low + high) // 2
        if ranks[side, middle] < rank:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _remove(ranks: I64, lots: I64, side: int, count: int, at: int) -> None:
    first = side * ranks.shape[1] + at
    move(ranks, first, first + 1, count - at - 1)
    move(lots, first, first + 1, count - at - 1)


@inlined
def _insert(ranks: I64, lots: I64, side: int, count: int, at: int, rank: int, held: int) -> None:
    first = side * ranks.shape[1] + at
    move(ranks, first + 1, first, count - at)
    move(lots, first + 1, first, count - at)
    ranks[side, at] = rank
    lots[side, at] = held


@inlined
def _set(ranks: I64, lots: I64, counts: I64, side: int, rank: int, held: int) -> bool:
    """One level as it now is; False when there is no room for it."""
    count = counts[side]
    at = _place(ranks, side, count, rank)
    found = at < count and ranks[side, at] == rank
    if held == 0:
        if found:
            _remove(ranks, lots, side, count, at)
            counts[side] = count - 1
        return True
    if found:
        lots[side, at] = held
        return True
    if count == ranks.shape[1]:
        return False
    _insert(ranks, lots, side, count, at, rank, held)
    counts[side] = count + 1
    return True


@inlined
def _cut(ranks: I64, lots: I64, counts: I64, side: int, depth: int) -> None:
    """Keep the best ``depth`` levels."""
    surplus = counts[side] - depth
    if surplus > 0:
        first = side * ranks.shape[1]
        move(ranks, first, first + surplus, depth)
        move(lots, first, first + surplus, depth)
        counts[side] = depth


@entry
def change(
    levels: I64, fresh: bool, depth: int, ranks: I64, lots: I64, counts: I64, top: I64
) -> int:
    """Apply the levels of one message.

    Args:
        levels: (k, 3) side, ticks, lots; zero lots remove.
        fresh: they are the whole book.
        depth: keep so many on each side; zero keeps all.
        ranks: (2, capacity), changed.
        lots: (2, capacity), changed.
        counts: (2,) levels on each side, changed.
        top: (6,) bid, its lots, ask, its lots, written; zeros where a side is empty; then the
            lowest and the highest best price so far, widened where nothing is wrong.

    Returns:
        bits of `OVERFLOW`, `CROSSED` and `INVALID`; zero when all is well.
    """
    wrong = 0
    if fresh:
        counts[0] = 0
        counts[1] = 0
    size = len(levels)
    for i in range(size):
        row = size - 1 - i if fresh else i  # a snapshot comes best first: worst first is cheaper
        side, ticks, held = levels[row, 0], levels[row, 1], levels[row, 2]
        if side < 0 or side > 1 or ticks <= 0 or held < 0:
            wrong |= INVALID
            continue
        if fresh and held == 0:
            continue  # an empty level of a whole book says nothing
        before = counts[side]
        if not _set(ranks, lots, counts, side, ticks if side == 0 else -ticks, held):
            wrong |= OVERFLOW
        elif fresh and counts[side] == before:
            wrong |= INVALID  # a price named twice: which of the two is true is not known
    if depth > 0:
        _cut(ranks, lots, counts, 0, depth)
        _cut(ranks, lots, counts, 1, depth)
    bids, asks = counts[0], counts[1]
    top[:4] = 0
    if bids > 0:
        top[0] = ranks[0, bids - 1]
        top[1] = lots[0, bids - 1]
    if asks > 0:
        top[2] = -ranks[1, asks - 1]
        top[3] = lots[1, asks - 1]
    if bids > 0 and asks > 0 and top[0] >= top[2]:
        wrong |= CROSSED
    if wrong == 0 and bids + asks > 0:
        top[4] = min(top[4], top[0] if bids > 0 else NOTHING_BELOW)
        top[5] = max(top[5], top[2] if asks > 0 else NOTHING_ABOVE)
    return wrong
