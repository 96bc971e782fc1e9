"""Cash, fills, trades, protective stops and attribution (sections 3.6, 3.7, 3.9, 12)."""

from oracle.result import Fill, Posting, Share, Trade
from oracle.state import State


def sign(x: float) -> int:
    return (x > 0) - (x < 0)


def cut(numerator: int, denominator: int) -> int:
    """Exact quotient of integers, truncated towards zero."""
    magnitude = abs(numerator) // abs(denominator)
    return magnitude * sign(numerator) * sign(denominator)


def post(state: State, kind: str, c: int, amount: int, n: int | None = None) -> None:
    """Move cash; what belongs to an instrument belongs to its open trade too."""
    if amount == 0:
        return
    state.cash[c] += amount
    state.out.postings.append(Posting(state.row, kind, c, amount))
    if n is not None:
        state.trade_profit[n] += amount


def fill(
    state: State, n: int, lots: int, ticks: int, base: int, fee: int, reason: int, stop: int = 0
) -> None:
    """Book a fill of signed ``lots`` at ``ticks``; ``stop`` is its decision's distance."""
    before = state.lots[n]
    after = before + lots
    notional = state.setup.value(n, lots, ticks)
    profit = _attribute(state, n, lots, notional, base, fee)
    c = state.setup.settle[n]
    post(state, "notional", c, -notional)
    post(state, "fee", c, -fee)
    state.out.fills.append(Fill(state.row, n, lots, ticks, base, fee, notional, reason, profit))
    state.lots[n] = after
    _book_trade(state, n, before, lots, ticks, notional, fee)
    _set_stop(state, n, before, after, ticks, stop)
    if after == 0 or before * after < 0:
        state.exiting[n] = False


def _book_trade(
    state: State, n: int, before: int, lots: int, ticks: int, notional: int, fee: int
) -> None:
    after = before + lots
    if before * after < 0:
        closing = state.setup.value(n, -before, ticks)
        closing_fee = cut(fee * abs(before), abs(lots))
        state.trade_profit[n] += -closing - closing_fee
        close_trade(state, n, sign(before))
        state.trade_open[n] = state.row
        state.trade_profit[n] = -(notional - closing) - (fee - closing_fee)
        return
    if before == 0:
        state.trade_open[n], state.trade_profit[n] = state.row, 0
    state.trade_profit[n] += -notional - fee
    if after == 0:
        close_trade(state, n, sign(before))


def close_trade(state: State, n: int, side: int) -> None:
    """A trade ended: write it down and count it in the run of losses."""
    profit = state.trade_profit[n]
    state.out.trades.append(Trade(n, state.trade_open[n], state.row, side, profit))
    state.trade_profit[n] = 0
    state.losses = state.losses + 1 if profit < 0 else 0


def _set_stop(state: State, n: int, before: int, after: int, ticks: int, distance: int) -> None:
    if after == 0:
        state.stop[n] = state.stop_distance[n] = 0
        return
    side = sign(after)
    turned = before == 0 or before * after < 0
    if not turned and abs(after) < abs(before):
        return
    stop = ticks - side * distance
    if not turned:
        stop = max(stop, state.stop[n]) if side > 0 else min(stop, state.stop[n])
    state.stop[n], state.stop_distance[n] = max(1, stop), distance


def spread(total: int, weights: list[int], largest: list[int]) -> list[int]:
    """``total`` in proportion to integer weights; the rest to the largest."""
    whole = sum(weights)
    parts = [cut(total * w, whole) for w in weights]
    parts[largest.index(max(largest))] += total - sum(parts)
    return parts


def _new_sub_books(state: State, n: int, after: int) -> list[int]:
    count = len(state.sub)
    if after == 0:
        return [0] * count
    shares = [state.shares[s][n] for s in range(count)]
    parts = [state.near.trunc(a * after, n, "sub-book") for a in shares]
    parts[shares.index(max(shares))] += after - sum(parts)
    return parts


def _attribute(state: State, n: int, lots: int, notional: int, base: int, fee: int) -> int:
    """Split a fill over the strategies; returns its change of the book's value."""
    setup, count = state.setup, len(state.sub)
    before, after = state.lots[n], state.lots[n] + lots
    held = setup.value(n, before, base) - state.book_value[n]
    slip = setup.value(n, after, base) - setup.value(n, before, base) - notional
    old = [state.sub[s][n] for s in range(count)]
    new = _new_sub_books(state, n, after)
    change = [b - a for a, b in zip(old, new, strict=True)]
    along = [abs(d) if d * lots > 0 else 0 for d in change]
    external = spread(lots, along, along)
    fees = spread(fee, along, along)
    holding = [0] * count
    if before != 0:
        holding = spread(held, old, [abs(q) for q in old])
    slips = spread(slip, external, [abs(x) for x in external])
    index = len(state.out.fills)
    for s in range(count):
        state.sub[s][n] = new[s]
        if change[s] or external[s] or fees[s] or holding[s] or slips[s]:
            state.out.attribution.append(
                Share(index, s, change[s], fees[s], holding[s] + slips[s], external[s])
            )
    state.book_value[n] = setup.value(n, after, base)
    return held + slip
