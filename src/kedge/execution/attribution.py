"""Which strategy a fill belongs to: integer shares that sum exactly (section 12)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.compiled import compiled


@compiled
def split_book(n: int, lots: int, S: int, SF: np.ndarray, out: np.ndarray) -> None:
    """Target sub-books for a position of ``lots``, by the shares of the last order.

    Args:
        out: (>= S,) int64; what truncation leaves goes to the largest share.
    """
    rest, largest = lots, 0
    for s in range(S):
        share = SF[s * o.SF_ + o.SF_SHARE, n]
        out[s] = int(share * lots)
        rest -= out[s]
        if share > SF[largest * o.SF_ + o.SF_SHARE, n]:
            largest = s
    out[largest] += rest


@compiled
def proportion(total: int, parts: np.ndarray, S: int, out: np.ndarray) -> None:
    """Split ``total`` in proportion to ``parts``, truncated; the rest to the largest."""
    whole, largest, given = 0.0, 0, 0
    for s in range(S):
        whole += parts[s]
        if abs(parts[s]) > abs(parts[largest]):
            largest = s
    for s in range(S):
        out[s] = int(total * (parts[s] / whole)) if whole != 0.0 else 0
        given += out[s]
    out[largest] += total - given


@compiled
def attribute(
    n: int,
    filled: int,
    fee: int,
    holding: int,
    slippage: int,
    S: int,
    I: np.ndarray,  # noqa: E741
    SF: np.ndarray,
    record: np.ndarray,
    scratch: np.ndarray,
) -> None:
    """Book one fill into the sub-books and write quantity, fee and profit per strategy.

    Args:
        filled: signed lots; ``I[I_LOTS, n]`` already holds the new position.
        fee: fee of the fill, minor units, positive when paid.
        holding: profit of the position held before the fill.
        slippage: profit of the fill itself against the base price.
        record: (S, ATTR_) int64 output.
        scratch: (4, >= S) int64.
    """
    position = I[o.I_LOTS, n]
    after, external, part, before = scratch[0], scratch[1], scratch[2], scratch[3]
    if position == 0:
        for s in range(S):
            after[s] = 0
    else:
        split_book(n, position, S, SF, after)
    for s in range(S):
        before[s] = I[o.I_BOOK + s, n]
        change = after[s] - before[s]
        record[s, o.ATTR_QUANTITY] = change
        part[s] = change if change * filled > 0 else 0
        I[o.I_BOOK + s, n] = after[s]
    proportion(filled, part, S, external)
    proportion(fee, external, S, part)
    for s in range(S):
        record[s, o.ATTR_FEE] = part[s]
    proportion(holding, before, S, part)
    for s in range(S):
        record[s, o.ATTR_PNL] = part[s]
    proportion(slippage, external, S, part)
    for s in range(S):
        record[s, o.ATTR_PNL] += part[s]
