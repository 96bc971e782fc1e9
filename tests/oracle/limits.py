"""Sections 8 and 9: what one instrument, and then the book, may carry."""

import math
from dataclasses import dataclass

from kedge.domain.reason import Reason
from oracle.book import sign
from oracle.result import Bound
from oracle.session import clip
from oracle.state import State
from oracle.views import View


@dataclass
class Target:
    """What an instrument is headed for: ``w`` a signed fraction of equity."""

    view: View
    cur: int
    unit: float
    held_weight: float
    w: float = 0.0
    keep: bool = False
    fixed: bool = False
    reason: int = Reason.NONE


def bind(state: State, n: int, target: Target, size: float, reason: Reason) -> None:
    """Make a target no larger than ``size``; say so where that makes it smaller."""
    if abs(target.w) != size:
        state.near.tie(abs(target.w), size, n)
    if abs(target.w) > size:
        target.w = math.copysign(size, target.w) if size > 0 else 0.0
        target.keep = False
        target.reason = reason
        state.out.bound.append(Bound(state.row, n, reason))


def clamp(state: State, n: int, target: Target, reason: Reason) -> None:
    """No more than what is held on the same side, nothing on the other."""
    same = target.held_weight * target.w > 0
    bind(state, n, target, abs(target.held_weight) if same else 0.0, reason)


def stop_ticks(state: State, n: int, target: Target) -> int:
    """Stop distance of a decision; of the last one where lots are pending; else 0."""
    if not target.fixed:
        return target.view.stop
    return state.decided_stop[n] if state.pending_lots(n) else 0


def distance(state: State, n: int, side: int, decision: int) -> float:
    """Distance to the stop for a target on ``side``, as a fraction of the last price."""
    last = state.last[n]
    if side == 0 or last == 0:
        return 0.0
    known = [decision] if decision else []
    if sign(state.lots[n]) == side:
        known.append(max(0, side * (last - state.stop[n])))
    return min(known) / last if known else 0.0


def one_instrument(state: State, n: int, target: Target) -> None:
    """The limits of section 8, in order."""
    rules, instrument = state.setup.rules, state.setup.instruments[n]
    m, near = rules.cost_multiplier, state.near
    if state.setup.left[state.row][n]:
        clamp(state, n, target, Reason.LEFT)
    unknown = state.sigma[n] == 0 or not state.adv[n] or state.fx[state.setup.settle[n]] == 0
    if state.returns[n] < rules.min_sessions or unknown:
        clamp(state, n, target, Reason.INPUT)
    if not instrument.shortable and target.w < 0:
        bind(state, n, target, 0.0, Reason.SHORT)
    if 2 * instrument.half_spread_bps * m > rules.spread_limit_bps[n]:
        clamp(state, n, target, Reason.SPREAD)
    slippage = state.cost[n] / 2 - instrument.fees.taker_bps * m
    if near.above(slippage, rules.slippage_limit_bps[n], n, "slippage"):
        clamp(state, n, target, Reason.SLIPPAGE)
    width = rules.drawdown_stop - rules.drawdown_start
    throttle = clip((rules.drawdown_stop - state.drawdown) / width, 0.0, 1.0)
    same = abs(target.held_weight) if target.held_weight * target.w > 0 else 0.0
    size = max(throttle * abs(target.w), min(abs(target.w), same))
    bind(state, n, target, size, Reason.DRAWDOWN)
    if state.daily_ban:
        clamp(state, n, target, Reason.DAILY_LOSS)
    if state.session <= state.loss_ban_until:
        clamp(state, n, target, Reason.LOSSES)
    d = distance(state, n, sign(target.w), target.view.stop)
    if d > 0:
        state.near.tie(abs(target.w), rules.risk_per_trade / d, n)
        bind(state, n, target, rules.risk_per_trade / d, Reason.TRADE_RISK)
    bind(state, n, target, rules.position_cap[n], Reason.POSITION)


def linear_scale(fixed: float, free: float, limit: float) -> float:
    """Largest k in [0, 1] with ``|fixed + k free| <= limit``, else the smallest breach."""
    if abs(fixed + free) <= limit or free == 0:
        return 1.0
    edge = math.copysign(limit, free)
    k = (edge - fixed) / free
    if 0 <= k <= 1:
        return k
    return clip(-fixed / free, 0.0, 1.0)


def root_scale(a: float, b: float, c: float, limit: float) -> float:
    """Largest k in [0, 1] with ``a k² + 2 b k + c <= limit²``, else the smallest breach."""
    rest = c - limit * limit
    if a + 2 * b + rest <= 0:
        return 1.0
    inside = b * b - a * rest
    if inside >= 0 and rest < 0:
        return min(1.0, -rest / (b + math.sqrt(inside)))
    if a > 0 and inside >= 0:
        k = (-b + math.sqrt(inside)) / a
        if 0 <= k <= 1:
            return k
    if a > 0:
        return clip(-b / a, 0.0, 1.0)
    return 1.0 if a + 2 * b <= 0 else 0.0


class Book:
    """Weights of the whole book at one moment: a fixed part and a free part."""

    def __init__(
        self, state: State, weights: list[float], distances: list[float], fixed: list[bool]
    ) -> None:
        self.state, self.w, self.d, self.fixed = state, weights, distances, fixed
        self.everyone = range(len(weights))
        self.part = [
            [w if f else 0.0 for w, f in zip(weights, fixed, strict=True)],
            [0.0 if f else w for w, f in zip(weights, fixed, strict=True)],
        ]

    def open_risk(self) -> tuple[float, float]:
        """Fixed and free part of the sum at the stops."""
        first, second = (sum(abs(p[n]) * self.d[n] for n in self.everyone) for p in self.part)
        return first, second

    def group(self, g: int) -> tuple[float, float]:
        """Fixed and free part of a group's net beta exposure."""
        members = [n for n in self.everyone if self.state.group[n] == g]
        first, second = (sum(self.state.beta[n] * p[n] for n in members) for p in self.part)
        return first, second

    def gross(self) -> tuple[float, float]:
        first, second = (sum(abs(x) for x in p) for p in self.part)
        return first, second

    def quadratic(self) -> tuple[float, float, float]:
        """Free, mixed and fixed part of the daily variance."""
        f, t = self.part

        def product(x: list[float], y: list[float]) -> float:
            cov = self.state.covariance
            return sum(x[i] * cov[i][j] * y[j] for i in self.everyone for j in self.everyone)

        return product(t, t), product(f, t), product(f, f)

    def variance(self) -> float:
        a, b, c = self.quadratic()
        return max(0.0, a + 2 * b + c)

    def historical(self) -> bool:
        rules = self.state.setup.rules
        enough = len(self.state.scenarios) >= rules.historical_min_sessions
        return rules.historical and enough

    def tail(self) -> tuple[float, float]:
        """Value at risk and expected shortfall of the whole book, fractions of equity."""
        rules = self.state.setup.rules
        if not self.historical():
            deviation = math.sqrt(self.variance())
            return rules.var_z * deviation, rules.es_y * deviation
        losses = sorted(
            (-sum(w * r for w, r in zip(self.w, row, strict=True)) for row in self.state.scenarios),
            reverse=True,
        )
        beyond = math.floor(rules.tail * len(losses))
        return losses[beyond], sum(losses[: beyond + 1]) / (beyond + 1)

    def tail_scales(self, var: float, shortfall: float) -> tuple[float, float]:
        """Scales for VaR and expected shortfall at these limits."""
        rules = self.state.setup.rules
        if self.historical():
            first, second = self.tail()
            return (
                var / first if first > var else 1.0,
                shortfall / second if second > shortfall else 1.0,
            )
        a, b, c = self.quadratic()
        return (
            root_scale(a, b, c, var / rules.var_z),
            root_scale(a, b, c, shortfall / rules.es_y),
        )


def shape_book(state: State, targets: list[Target], distances: list[float]) -> None:
    """The limits of section 9, one after the other, on target weights."""
    rules = state.setup.rules
    fixed = [t.fixed for t in targets]

    def book() -> Book:
        return Book(state, [t.w for t in targets], distances, fixed)

    def scale(k: float, reason: Reason, members: list[int]) -> None:
        for n in members:
            if not fixed[n] and targets[n].w != 0:
                bind(state, n, targets[n], k * abs(targets[n].w), reason)

    def linear(parts: tuple[float, float], limit: float, reason: Reason, who: list[int]) -> None:
        for n in who:
            state.near.tie(abs(sum(parts)), limit, n)
        scale(linear_scale(*parts, limit), reason, who)

    everyone = list(range(len(targets)))
    _count_few_scenarios(state, [t for t in targets if not t.fixed and t.w != 0])
    linear(book().open_risk(), rules.open_risk, Reason.OPEN_RISK, everyone)
    for g in sorted(set(state.group)):
        members = [n for n in everyone if state.group[n] == g]
        linear(book().group(g), rules.group, Reason.GROUP, members)
    linear(book().gross(), rules.gross, Reason.GROSS, everyone)
    now = book()
    daily = rules.volatility_target / math.sqrt(rules.sessions_per_year)
    var, shortfall = now.tail_scales(rules.var, rules.expected_shortfall)
    scales = [
        (root_scale(*now.quadratic(), daily), Reason.VOL_TARGET),
        (var, Reason.VAR),
        (shortfall, Reason.ES),
    ]
    k, reason = min(scales, key=lambda pair: pair[0])
    scale(k, reason, everyone)
    _close_scales(state, sorted(s for s, _ in scales))


def _count_few_scenarios(state: State, shaped: list[Target]) -> None:
    """Once a row in which there is a book to shape."""
    rules = state.setup.rules
    if shaped and rules.historical and len(state.scenarios) < rules.historical_min_sessions:
        state.out.bound.append(Bound(state.row, -1, Reason.FEW_SCENARIOS))


def _close_scales(state: State, scales: list[float]) -> None:
    """Two scales that nearly tie leave the reason open, not the size."""
    if scales[0] < 1 and scales[1] - scales[0] <= 1e-10:
        state.near.soft.update((state.row, n) for n in range(state.setup.count))
