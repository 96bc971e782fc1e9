"""Which strategy a fill belongs to: integer shares that sum exactly (section 12)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import portion
from kedge.domain.compiled import compiled, inlined
from kedge.domain.state import Booking, State


@inlined
def take_shares(n: int, S: int, s: State) -> None:
    """Shares of an order: what each agreeing strategy put into the blended edge."""
    total = 0.0
    for k in range(S):
        b = k * o.SF_
        agrees = s.SF[n, b + o.SF_AGE] >= 0.0 and s.SF[n, b + o.SF_E] * s.F[n, o.F_EDGE] > 0.0
        share = s.SF[n, b + o.SF_W] * abs(s.SF[n, b + o.SF_E]) if agrees else 0.0
        s.SF[n, b + o.SF_E] = share
        total += share
    if total > 0.0:
        for k in range(S):
            b = k * o.SF_
            s.SF[n, b + o.SF_SHARE] = s.SF[n, b + o.SF_E] / total


@compiled
def split_book(n: int, lots: int, S: int, SF: np.ndarray, out: np.ndarray) -> None:
    """Target sub-books for a position of ``lots``, by the shares of the last order.

    Args:
        out: (>= S,) int64; what truncation leaves goes to the largest share.
    """
    rest, largest = lots, 0
    for s in range(S):
        share = SF[n, s * o.SF_ + o.SF_SHARE]
        out[s] = int(share * lots)
        rest -= out[s]
        if share > SF[n, largest * o.SF_ + o.SF_SHARE]:
            largest = s
    out[largest] += rest


@compiled
def proportion(total: int, parts: np.ndarray, S: int, out: np.ndarray) -> None:
    """Split ``total`` in proportion to ``parts``, truncated; the rest to the largest."""
    whole, largest, given = 0, 0, 0
    for s in range(S):
        whole += parts[s]
        if abs(parts[s]) > abs(parts[largest]):
            largest = s
    for s in range(S):
        out[s] = portion(total, parts[s], whole)
        given += out[s]
    out[largest] += total - given


@inlined
def attribute(n: int, filled: int, fee: int, holding: int, slippage: int, b: Booking) -> None:
    """Book one fill into the sub-books and write quantity, fee and profit per strategy.

    Args:
        filled: signed lots; ``I[I_LOTS, n]`` already holds the new position.
        fee: fee of the fill, minor units, positive when paid.
        holding: profit of the position held before the fill.
        slippage: profit of the fill itself against the base price.
    """
    S = b.Q[o.Q_STRATEGIES]
    record = b.attr[b.counts[0]]
    if S == 1:
        record[0, o.ATTR_QUANTITY] = b.I[n, o.I_LOTS] - b.I[n, o.I_BOOK]
        record[0, o.ATTR_FEE] = fee
        record[0, o.ATTR_PNL] = holding + slippage
        b.I[n, o.I_BOOK] = b.I[n, o.I_LOTS]
        return
    after, external, part, before = b.scratch[0], b.scratch[1], b.scratch[2], b.scratch[3]
    split_book(n, b.I[n, o.I_LOTS], S, b.SF, after)
    for k in range(S):
        before[k] = b.I[n, o.I_BOOK + k]
        change = after[k] - before[k]
        record[k, o.ATTR_QUANTITY] = change
        part[k] = change if change * filled > 0 else 0
        b.I[n, o.I_BOOK + k] = after[k]
    proportion(filled, part, S, external)
    proportion(fee, part, S, after)
    for k in range(S):
        record[k, o.ATTR_FEE] = after[k]
    proportion(holding, before, S, part)
    for k in range(S):
        record[k, o.ATTR_PNL] = part[k]
    proportion(slippage, external, S, part)
    for k in range(S):
        record[k, o.ATTR_PNL] += part[k]
