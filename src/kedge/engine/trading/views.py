"""What the pre-trade gate is shown of a desk: one instant, for one key."""

from typing import Final

from kedge.domain import state as o
from kedge.domain.order import Order
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold_account import account_keys
from kedge.engine.trading.fold_clock import HOUR_NS
from kedge.execution.tracked import exposed
from kedge.risk.gate import GateRules, View

_NOTHING: Final = (0, 0)


def view(desk: Desk, order: Order, rules: tuple[GateRules, ...]) -> View:
    """The instant as the gate sees it for an order."""
    key = order.key
    n = desk.universe.instrument[key]
    quote, pace = desk.quotes[key], desk.paces[n]
    cells, p = desk.book.cells, desk.book.decision.program.params
    buying, selling, buys, sells = _at_work(desk, key, rules[key].reduce_only)
    rate = cells.G[o.G_ + p.J.item(n, o.J_CURRENCY)]
    row_volume = cells.F[n, o.F_AV]
    age = -1 if quote.age < 0 else quote.age + desk.at - desk.quoted_at
    return View(
        now=desk.at,
        mode=desk.mode,
        killed=desk.killed,
        link=desk.up[key],
        settled=desk.settled(key),
        duplicate=desk.state_of(order.id) is not None,
        bid=quote.bid,
        ask=quote.ask,
        age=age,
        held=desk.positions[key],
        net=cells.I[n, o.I_LOTS],
        buying=buying,
        selling=selling,
        key_buying=buying,
        key_selling=selling,
        buys=buys,
        sells=sells,
        last=max(-1, pace.last),
        used=pace.used if pace.hour == desk.at // HOUR_NS else 0,
        row_volume=row_volume,
        hour_volume=row_volume * max(1.0, HOUR_NS / desk.universe.interval_ns),
        session_volume=cells.F[n, o.F_ADV] or row_volume,
        sigma=cells.F[n, o.F_SIGMA],
        cash=_cash(desk, n, key, rate),
        reserved=_reserved(desk, rules),
        equity=float(cells.K[o.K_EQUITY]),
        gross=_gross(desk),
        rate=rate,
    )


def _at_work(desk: Desk, key: int, guarded: bool) -> tuple[int, int, int, int]:
    """Lots bought and sold by orders at work under a key, and how many orders that are no stops.

    Stops count where the venue itself does not keep them from opening a position.
    """
    buying = selling = buys = sells = 0
    for name in desk.by_key[key]:
        state = desk.orders[name]
        stop = state.order.protective
        if stop and guarded:
            continue
        if state.order.side > 0:
            buying, buys = buying + exposed(state), buys + (not stop)
        else:
            selling, sells = selling + exposed(state), sells + (not stop)
    return buying, selling, buys, sells


def _cash(desk: Desk, n: int, key: int, rate: float) -> int:
    """Cash in the instrument's settlement currency: all balances at today's rates.

    Of several accounts only what lies in the one that would pay.
    """
    if not desk.single:
        told = desk.cash_told.get(account_keys(desk, key)[0], {})
        return max(0, told.get(desk.universe.instruments[n].settle, 0))
    cells = desk.book.cells
    total = float(cells.K[o.K_])
    for c in range(1, len(desk.book.decision.program.currencies)):
        total += cells.K[o.K_ + c] * cells.G[o.G_ + c]
    return int(total / rate) if rate > 0.0 else 0


def _reserved(desk: Desk, rules: tuple[GateRules, ...]) -> int:
    """What working buys may still cost, settlement minor units."""
    total = 0.0
    for state in desk.orders.values():
        order = state.order
        if order.side < 0 or order.protective:
            continue
        rule = rules[order.key]
        ticks = order.limit or desk.quotes[order.key].ask
        worth = exposed(state) * ticks * rule.num / rule.den
        total += worth * (rule.margin + rule.fee)
    return int(total) + 1 if total else 0


def _gross(desk: Desk) -> float:
    """Exposure if the worst of what works fills, reporting minor units."""
    busy: dict[int, list[int]] = {}
    for each in desk.orders.values():
        if not each.order.protective:
            sums = busy.setdefault(desk.universe.instrument[each.order.key], [0, 0])
            sums[0 if each.order.side > 0 else 1] += exposed(each)
    cells, total = desk.book.cells, 0.0
    for n in range(len(desk.universe.instruments)):
        lots = cells.I[n, o.I_LOTS]
        buying, selling = busy.get(n, _NOTHING)
        if lots or buying or selling:
            total += max(abs(lots + buying), abs(lots - selling)) * cells.F[n, o.F_UNIT]
    return total
