"""Section 3: orders and stops meet the bar."""

import math

from kedge.domain.panel import CLOSE, HIGH, LOW, OPEN
from kedge.domain.reason import Reason
from kedge.domain.rules import FillMode
from oracle.book import fill, sign
from oracle.near import DIRECT
from oracle.result import Bound
from oracle.state import Order, State

PRICE = 1e-13
"""A price is its base times nearly one, so only the last bits of the slip can differ."""


def meet_bar(state: State) -> None:
    """Due orders and protective stops, in the order of the fill mode."""
    if state.setup.rules.fill == FillMode.NEXT_CLOSE:
        stops(state)
        due_orders(state)
    else:
        due_orders(state)
        stops(state)


def due_orders(state: State) -> None:
    """Fill what is due; whatever is left of it is cancelled."""
    due: list[tuple[int, Order]] = []
    for n, waiting in enumerate(state.pending):
        due += [(n, order) for order in waiting if order.due == state.row]
        state.pending[n] = [order for order in waiting if order.due != state.row]
    for n, order in due:
        if state.setup.closed[state.row][n]:
            _wait(state, n, order)
    due = [(n, order) for n, order in due if state.live(n)]
    for side in (-1, 1):
        for n, order in due:
            if sign(order.lots) == side:
                _meet(state, n, order)


def _wait(state: State, n: int, order: Order) -> None:
    """The exchange was closed: the order is due one row later, as part of the one due there."""
    order.due += 1
    later = [other for other in state.pending[n] if other.due == order.due]
    if later:
        later[0].lots += order.lots
        if later[0].lots == 0:
            state.pending[n].remove(later[0])
    else:
        state.pending[n].insert(0, order)


def _meet(state: State, n: int, order: Order) -> None:
    side, bar = sign(order.lots), [line[n] for line in state.setup.bars[state.row]]
    mode = state.setup.rules.fill
    size = min(abs(order.lots), volume_cap(state, n))
    if side < 0 and not state.setup.instruments[n].shortable:
        size = min(size, max(0, state.lots[n]))
        if size == 0:
            return
    if mode == FillMode.LIMIT:
        base = price = order.limit
        touched = bar[LOW] <= price - 1 if side > 0 else bar[HIGH] >= price + 1
        if not touched:
            return
    else:
        base = bar[OPEN] if mode == FillMode.NEXT_OPEN else bar[CLOSE]
        price = slipped(state, n, base, side, size)
    maker = mode == FillMode.LIMIT
    if side > 0:
        size = _affordable(state, n, size, price, maker)
    if size > 0:
        fee = fee_of(state, n, state.setup.value(n, side * size, price), maker)
        fill(state, n, side * size, price, base, fee, order.reason, order.stop)


def volume_cap(state: State, n: int) -> int:
    """Lots that may fill in this bar."""
    lots = state.setup.rules.participation * state.setup.volume(state.row, n)
    return state.near.trunc(lots, n, "bar volume", DIRECT)


def slipped(state: State, n: int, base: int, side: int, lots: int) -> int:
    """The price in ticks after half spread and square-root impact."""
    rules, adv = state.setup.rules, state.adv[n] or 0.0
    root = math.sqrt(min(1.0, lots / adv)) if adv > 0 else 1.0
    half = state.setup.instruments[n].half_spread_bps * 1e-4
    slip = rules.cost_multiplier * (half + rules.impact[n] * state.sigma[n] * root)
    if side > 0:
        return max(1, state.near.ceil(base * (1 + slip), n, "buy price", PRICE))
    return max(1, state.near.floor(base * (1 - slip), n, "sell price", PRICE))


def fee_rate(state: State, n: int, maker: bool) -> float:
    """Fraction of the notional; a rebate is not multiplied under stress."""
    fees = state.setup.instruments[n].fees
    bps = fees.maker_bps if maker else fees.taker_bps
    return bps * 1e-4 * (state.setup.rules.cost_multiplier if bps > 0 else 1.0)


def fee_of(state: State, n: int, notional: int, maker: bool) -> int:
    fees, m = state.setup.instruments[n].fees, state.setup.rules.cost_multiplier
    bps = fees.maker_bps if maker else fees.taker_bps
    return state.near.rint(abs(notional) * bps * 1e-4 * (m if bps > 0 else 1.0), n, "fee")


def _affordable(state: State, n: int, size: int, price: int, maker: bool) -> int:
    """A buy beyond covering a short is paid from cash that is there."""
    cover = min(size, max(0, -state.lots[n]))
    available = state.cash[0]
    for c in range(1, len(state.cash)):
        available += round(state.cash[c] * state.fx[c])
    unit, most = state.unit(n, price), 0
    if unit > 0:
        lots = available / (unit * (1 + fee_rate(state, n, maker)))
        most = max(0, state.near.trunc(lots, n, "cash", 1e-13))
    if size - cover <= most:
        return size
    state.out.bound.append(Bound(state.row, n, Reason.CASH))
    return cover + most


def stops(state: State) -> None:
    """Longs whose low reached the stop sell, shorts whose high did buy."""
    for side in (1, -1):
        for n in range(state.setup.count):
            if not state.live(n) or sign(state.lots[n]) != side or state.stop[n] == 0:
                continue
            bar = [line[n] for line in state.setup.bars[state.row]]
            if side > 0 and bar[LOW] <= state.stop[n]:
                _stop_out(state, n, min(bar[OPEN], state.stop[n]))
            elif side < 0 and bar[HIGH] >= state.stop[n]:
                _stop_out(state, n, max(bar[OPEN], state.stop[n]))


def _stop_out(state: State, n: int, base: int) -> None:
    side = sign(state.lots[n])
    size = min(abs(state.lots[n]), volume_cap(state, n))
    if size > 0:
        price = slipped(state, n, base, -side, size)
        fee = fee_of(state, n, state.setup.value(n, -side * size, price), False)
        fill(state, n, -side * size, price, base, fee, Reason.STOP)
    state.locked[n] = side
    state.pending[n].clear()
    state.exiting[n] = state.lots[n] != 0
