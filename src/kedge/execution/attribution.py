"""Which strategy a fill belongs to: integer shares that sum exactly (section 12)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import portion
from kedge.domain.compiled import compiled
from kedge.domain.state import Out, Params, State


@compiled
def take_shares(n: int, S: int, s: State) -> None:
    """Shares of an order: what each agreeing strategy put into the blended edge."""
    total = 0.0
    for k in range(S):
        b = k * o.SF_
        agrees = s.SF[b + o.SF_AGE, n] >= 0.0 and s.SF[b + o.SF_E, n] * s.F[o.F_SIDE, n] > 0.0
        share = s.SF[b + o.SF_W, n] * abs(s.SF[b + o.SF_E, n]) if agrees else 0.0
        s.SF[b + o.SF_E, n] = share
        total += share
    if total > 0.0:
        for k in range(S):
            b = k * o.SF_
            s.SF[b + o.SF_SHARE, n] = s.SF[b + o.SF_E, n] / total


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
    whole, largest, given = 0, 0, 0
    for s in range(S):
        whole += parts[s]
        if abs(parts[s]) > abs(parts[largest]):
            largest = s
    for s in range(S):
        out[s] = portion(total, parts[s], whole)
        given += out[s]
    out[largest] += total - given


@compiled
def attribute(
    n: int, filled: int, fee: int, holding: int, slippage: int, p: Params, s: State, out: Out
) -> None:
    """Book one fill into the sub-books and write quantity, fee and profit per strategy.

    Args:
        filled: signed lots; ``I[I_LOTS, n]`` already holds the new position.
        fee: fee of the fill, minor units, positive when paid.
        holding: profit of the position held before the fill.
        slippage: profit of the fill itself against the base price.
    """
    S = p.Q[o.Q_STRATEGIES]
    record = out.attr[out.counts[0]]
    after, external, part, before = out.scratch[0], out.scratch[1], out.scratch[2], out.scratch[3]
    split_book(n, s.I[o.I_LOTS, n], S, s.SF, after)
    for k in range(S):
        before[k] = s.I[o.I_BOOK + k, n]
        change = after[k] - before[k]
        record[k, o.ATTR_QUANTITY] = change
        part[k] = change if change * filled > 0 else 0
        s.I[o.I_BOOK + k, n] = after[k]
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
