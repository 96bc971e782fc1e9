"""Sections 7, 10 and 11: targets, lots and orders."""

from kedge.domain.reason import Reason
from oracle.book import sign
from oracle.limits import (
    Book,
    Target,
    distance,
    linear_scale,
    one_instrument,
    shape_book,
    stop_ticks,
)
from oracle.result import Bound, RowTrace
from oracle.session import clip
from oracle.state import Order, State
from oracle.views import View

HOUR_NS = 3_600_000_000_000
BREACH = 1e-9
AT_THRESHOLD = 1e-12
"""Width around limit x (1 + BREACH): a target scaled to its limit stays clear of it."""


def decide(state: State, views: list[View]) -> tuple[list[int], list[int], list[int]]:
    """Target lots, reason codes and orders made, one of each per instrument."""
    targets = [_target(state, n, view) for n, view in enumerate(views)]
    for n, target in enumerate(targets):
        if not target.fixed:
            state.decided_stop[n] = target.view.stop
    for n, target in enumerate(targets):
        if not target.fixed:
            one_instrument(state, n, target)
    distances = [
        distance(state, n, sign(t.w), stop_ticks(state, n, t)) for n, t in enumerate(targets)
    ]
    shape_book(state, targets, distances)
    q = [_lots(state, n, target) for n, target in enumerate(targets)]
    for n, target in enumerate(targets):
        if not target.fixed:
            _verify_alone(state, n, target, q)
    aims = list(q)
    slices = [plain_slice(state, n) for n in range(len(q))]
    q = [_within_reach(state, n, target, q[n]) for n, target in enumerate(targets)]
    _keep_pace(state, targets, aims, q)
    infeasible = _verify(state, targets, q)
    lots_before, cur = list(state.lots), [t.cur for t in targets]
    ordered = [_order(state, n, target, aims[n], q[n]) for n, target in enumerate(targets)]
    _trace(state, targets, q, aims, slices, cur, lots_before, ordered, infeasible)
    return q, [int(t.reason) for t in targets], ordered


def _target(state: State, n: int, view: View) -> Target:
    """The first rule of section 7 that applies."""
    cur = state.lots[n] + state.pending_lots(n)
    unit = state.unit(n, state.last[n])
    weight = cur * unit / state.money
    target = Target(view, cur, unit, weight)
    side = sign(view.edge)
    if state.live(n) and state.locked[n] != side:
        state.locked[n] = 0
    rules, near = state.setup.rules, state.near
    net = abs(view.edge) - view.tau * state.cost[n]
    if not state.live(n):
        target.w, target.fixed, target.reason = weight, True, Reason.MASKED
    elif state.halted:
        target.reason = Reason.HALTED
    elif state.exiting[n]:
        target.reason = Reason.EXITING
    elif not view.live or side == 0:
        target.reason = Reason.NO_FORECAST
    elif state.locked[n] == side:
        target.reason = Reason.LOCKED
    elif not near.above(view.confidence, rules.confidence_gate, n, "confidence gate"):
        _hold(target, side, Reason.CONFIDENCE)
    elif not near.above(abs(view.edge), view.tau * state.cost[n], n, "net edge"):
        _hold(target, side, Reason.COST)
    else:
        target.w = side * _size(state, n, view, net)
    return target


def _hold(target: Target, side: int, reason: Reason) -> None:
    target.reason = reason
    if target.cur * side > 0:
        target.w, target.keep = target.held_weight, True


def _size(state: State, n: int, view: View, net: float) -> float:
    rules = state.setup.rules
    size = rules.size_risk_per_trade / (view.stop / state.last[n])
    variance = state.sigma[n] ** 2 * rules.horizon_sessions + (view.error * 1e-4) ** 2
    if variance > 0:
        size = min(size, rules.kelly_fraction * net * 1e-4 / variance)
    return size * view.confidence


def _lots(state: State, n: int, target: Target) -> int:
    """Section 10, rules 1 and 2."""
    if target.fixed or target.keep:
        return target.cur
    if target.w == 0:
        return 0
    rules, view = state.setup.rules, target.view
    if target.held_weight * target.w > 0:
        width = clip(view.tau * state.cost[n] / abs(view.edge), rules.buffer_min, rules.buffer_max)
        off = abs(target.w - target.held_weight)
        if not state.near.above(off, abs(target.w) * width, n, "buffer", 1e-11):
            return target.cur
    return state.near.trunc(target.w * state.money / target.unit, n, "lots")


def _over(state: State, value: float, limit: float, n: int, what: str) -> bool:
    return state.near.above(value, limit * (1 + BREACH), n, what, AT_THRESHOLD)


def _verify(state: State, targets: list[Target], q: list[int]) -> bool:
    """Section 10, rule 5, on the lots in ``q``; whether no feasible book exists."""
    fixed = [t.fixed for t in targets]
    everyone, reason = range(len(q)), Reason.NONE
    for _ in range(8):
        exceeded, scales = _book_scales(state, targets, q, fixed)
        if not any(exceeded):
            return False
        if all(k >= 1 for over, (k, _) in zip(exceeded, scales, strict=True) if over):
            return _infeasible(state)
        k, reason = min(scales, key=lambda pair: pair[0])
        for n in everyone:
            if fixed[n] or q[n] == 0:
                continue
            want = state.near.trunc(k * q[n], n, "verified lots")
            lots = _sliced(state, n, targets[n].cur, want)
            fixed[n] = lots != want
            _cut(state, n, targets[n], q, lots, reason)
    if not any(_book_scales(state, targets, q, fixed)[0]):
        return False
    least = [lots if fixed[n] else _sliced(state, n, targets[n].cur, 0) for n, lots in enumerate(q)]
    if any(_book_scales(state, targets, least, fixed)[0]):
        return _infeasible(state)
    for n in everyone:
        _cut(state, n, targets[n], q, least[n], reason)
    return False


def _infeasible(state: State) -> bool:
    """The targets stand, and the row is written down."""
    state.out.bound.append(Bound(state.row, -1, Reason.INFEASIBLE))
    return True


def _cut(state: State, n: int, target: Target, q: list[int], lots: int, reason: Reason) -> None:
    if abs(lots) < abs(q[n]):
        q[n] = lots
        target.reason = reason
        state.out.bound.append(Bound(state.row, n, reason))


def _verify_alone(state: State, n: int, target: Target, q: list[int]) -> None:
    rules = state.setup.rules
    if q[n] == 0:
        return
    weight = abs(q[n]) * target.unit / state.money
    if _over(state, weight, rules.position_cap[n], n, "position in lots"):
        most = rules.position_cap[n] * (1 - rules.cure_margin) * state.money / target.unit
        lots = sign(q[n]) * state.near.trunc(most, n, "position cure")
        _cut(state, n, target, q, lots, Reason.POSITION)
    d = distance(state, n, sign(q[n]), target.view.stop)
    weight = abs(q[n]) * target.unit / state.money
    if d > 0 and _over(state, weight * d, rules.risk_per_trade, n, "risk in lots"):
        most = rules.risk_per_trade * (1 - rules.cure_margin) / d * state.money / target.unit
        lots = sign(q[n]) * state.near.trunc(most, n, "risk cure")
        _cut(state, n, target, q, lots, Reason.TRADE_RISK)


def lot_book(state: State, targets: list[Target], q: list[int], fixed: list[bool]) -> Book:
    """The book that lots ``q`` would make."""
    weights = [lots * t.unit / state.money for lots, t in zip(q, targets, strict=True)]
    distances = [
        distance(state, n, sign(q[n]), stop_ticks(state, n, t)) for n, t in enumerate(targets)
    ]
    return Book(state, weights, distances, fixed)


def _book_scales(
    state: State, targets: list[Target], q: list[int], fixed: list[bool]
) -> tuple[list[bool], list[tuple[float, Reason]]]:
    """For each limit of the book: whether it is exceeded, and the scale that cures it."""
    rules, book = state.setup.rules, lot_book(state, targets, q, fixed)
    cure = 1 - rules.cure_margin
    linear = [(book.open_risk(), rules.open_risk, Reason.OPEN_RISK)]
    linear += [(book.group(g), rules.group, Reason.GROUP) for g in sorted(set(state.group))]
    linear.append((book.gross(), rules.gross, Reason.GROSS))
    over = [_over(state, abs(sum(parts)), limit, -1, why.name) for parts, limit, why in linear]
    var, shortfall = book.tail()
    over.append(_over(state, var, rules.var, -1, "VaR in lots"))
    over.append(_over(state, shortfall, rules.expected_shortfall, -1, "ES in lots"))
    scales = [(linear_scale(*parts, limit * cure), why) for parts, limit, why in linear]
    first, second = book.tail_scales(rules.var * cure, rules.expected_shortfall * cure)
    return over, [*scales, (first, Reason.VAR), (second, Reason.ES)]


def plain_slice(state: State, n: int) -> int:
    """Lots that participation allows now; what is not ordered needs no care at a boundary."""
    rules, av = state.setup.rules, state.av[n] or 0.0
    rows = max(1.0, HOUR_NS / state.setup.panel.interval_ns)
    left = int(rules.participation_hour * av * rows) - state.used[n]
    return max(0, min(int(rules.participation * av), left))


def _sliced(state: State, n: int, cur: int, lots: int) -> int:
    """How far towards ``lots`` one order can go."""
    rules, near, av = state.setup.rules, state.near, state.av[n] or 0.0
    rows = max(1.0, HOUR_NS / state.setup.panel.interval_ns)
    per_order = near.trunc(rules.participation * av, n, "slice", 1e-13)
    per_hour = near.trunc(rules.participation_hour * av * rows, n, "hour", 1e-13)
    size = min(abs(lots - cur), per_order, max(0, per_hour - state.used[n]))
    return cur + sign(lots - cur) * size


def _within_reach(state: State, n: int, target: Target, q: int) -> int:
    """Section 10, rule 4: where this row's order can bring the position."""
    cur, rules = target.cur, state.setup.rules
    if q == cur:
        return q
    lots = _sliced(state, n, cur, q)
    if lots != q:
        _note(state, n, target, Reason.PARTICIPATION)
    if lots == cur or _reduces(cur, lots):
        return lots
    if state.row - state.last_order[n] < rules.min_rows:
        _note(state, n, target, Reason.INTERVAL)
        return cur
    if len(state.pending[n]) >= rules.max_open_orders:
        _note(state, n, target, Reason.OPEN_ORDERS)
        return cur
    return lots


def _reduces(cur: int, lots: int) -> bool:
    return cur * (lots - cur) < 0 and abs(lots - cur) <= abs(cur)


def _keep_pace(state: State, targets: list[Target], aims: list[int], q: list[int]) -> None:
    """Section 10, rule 5: where slices break a limit, what adds goes in step with them."""
    everyone = range(len(q))
    held_back = [n for n in everyone if q[n] != aims[n]]
    if not held_back or not any(_book_scales(state, targets, q, [t.fixed for t in targets])[0]):
        return
    cur = [t.cur for t in targets]
    pace = min((q[n] - cur[n]) / (aims[n] - cur[n]) for n in held_back)
    for n in everyone:
        if q[n] == cur[n] or _reduces(cur[n], q[n]):
            continue
        lots = cur[n] + int(pace * (aims[n] - cur[n]))
        if lots != q[n]:
            q[n] = lots
            _note(state, n, targets[n], Reason.PARTICIPATION)


def _order(state: State, n: int, target: Target, aim: int, q: int) -> int:
    """Section 11: the order that is sent, in signed lots."""
    lots = q - target.cur
    if lots == 0:
        return 0
    if q != 0 and _too_small(state, n, lots):
        _note(state, n, target, Reason.NOTIONAL)
        return 0
    _send(state, n, target, lots, 0 if aim == 0 else q)
    return lots


def _note(state: State, n: int, target: Target, reason: Reason) -> None:
    target.reason = reason
    state.out.bound.append(Bound(state.row, n, reason))


def _too_small(state: State, n: int, lots: int) -> bool:
    c = state.setup.settle[n]
    least = state.setup.instruments[n].min_notional.scaleb(state.setup.digits[c])
    return abs(state.setup.value(n, lots, state.last[n])) < least


def _send(state: State, n: int, target: Target, lots: int, q: int) -> None:
    due = state.row + 1 + state.setup.rules.latency_rows
    order = Order(due, lots, state.last[n], target.view.stop, int(target.reason))
    state.pending[n].append(order)
    state.last_order[n] = state.row
    state.used[n] += abs(lots)
    if q != 0:
        for s, share in enumerate(target.view.shares):
            state.shares[s][n] = share


def new_hour(state: State) -> None:
    """What was ordered in this clock hour starts again at nothing."""
    hour = state.setup.ts[state.row] // HOUR_NS
    if hour != state.hour:
        state.hour, state.used = hour, [0] * state.setup.count


def _trace(
    state: State,
    targets: list[Target],
    q: list[int],
    aims: list[int],
    slices: list[int],
    cur: list[int],
    lots: list[int],
    ordered: list[int],
    infeasible: bool,
) -> None:
    stops = [stop_ticks(state, n, t) for n, t in enumerate(targets)]
    state.out.trace.append(
        RowTrace(
            row=state.row,
            equity=state.equity,
            lots=lots,
            cur=cur,
            q=list(q),
            aim=aims,
            slice=slices,
            fixed=[t.fixed for t in targets],
            unit=[t.unit for t in targets],
            distance=[distance(state, n, sign(q[n]), d) for n, d in enumerate(stops)],
            distance_cur=[distance(state, n, sign(cur[n]), d) for n, d in enumerate(stops)],
            beta=list(state.beta),
            group=list(state.group),
            covariance=state.covariance,
            scenarios=state.scenarios,
            volatility=list(state.sigma),
            sessions_seen=list(state.returns),
            adv=[x or 0.0 for x in state.adv],
            av=[x or 0.0 for x in state.av],
            fx=list(state.fx),
            drawdown=state.drawdown,
            halted=state.halted,
            daily_banned=state.daily_ban,
            loss_banned=state.session <= state.loss_ban_until,
            exiting=list(state.exiting),
            ordered=ordered,
            infeasible=infeasible,
        )
    )
