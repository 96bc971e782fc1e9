"""Sections 5 and 6: forecasts, virtual sub-positions, track record and blend."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP, TARGET, TRAIL
from kedge.domain.panel import CLOSE, HIGH, LOW
from oracle.book import sign
from oracle.session import clip
from oracle.state import Held, State, Virtual


@dataclass
class View:
    """The blend for one instrument: edge and error in basis points over H."""

    live: bool = False
    edge: float = 0.0
    error: float = 0.0
    confidence: float = 0.0
    stop: int = 0
    tau: float = 0.0
    shares: list[float] = field(default_factory=list)


def take_forecasts(state: State, row: npt.NDArray[np.float64]) -> list[View]:
    """Refresh or age every forecast, walk the sub-positions, blend."""
    count, strategies = state.setup.count, range(len(state.held))
    ended, hits = list(state.ended), list(state.hits)
    for s in strategies:
        for n in range(count):
            _refresh(state, s, n, [float(x) for x in row[s, n]])
            if state.live(n):
                outcome = _walk(state, s, n)
                if outcome is not None:
                    ended[s] += 1
                    hits[s] += outcome
    views = [_blend(state, n) for n in range(count)]
    state.ended, state.hits = ended, hits
    return views


def _refresh(state: State, s: int, n: int, x: list[float]) -> None:
    terms = state.setup.rules.strategies[s]
    finite = all(math.isfinite(x[i]) for i in (EDGE_BPS, SIGMA_BPS, CONFIDENCE))
    if state.live(n) and finite and x[SIGMA_BPS] > 0 and 0 <= x[CONFIDENCE] <= 1:
        state.held[s][n] = Held(
            x[EDGE_BPS], x[SIGMA_BPS], x[CONFIDENCE], x[STOP], x[TARGET], x[TRAIL]
        )
        return
    old = state.held[s][n]
    if old is None:
        return
    step = state.setup.ts[state.row] - state.setup.ts[state.row - 1]
    old.edge *= 2.0 ** (-step / terms.half_life_ns)
    old.age += step
    if old.age > terms.expiry_ns:
        state.held[s][n] = None


def _exits(state: State, v: Virtual, n: int, low: float, high: float, most: int) -> bool:
    """Trailing, target, time: whether one of them ends the sub-position here."""
    near = state.near

    def reached(a: float, b: float) -> bool:
        return near.at_least(a, b, n, "virtual exit", 1e-12, hidden=True)

    if v.trail > 0:
        hit = reached(v.best - v.trail, low) if v.side > 0 else reached(high, v.best + v.trail)
        if hit:
            return True
    if v.target > 0:
        goal = v.entry + v.side * v.target
        if reached(high, goal) if v.side > 0 else reached(goal, low):
            return True
    return most > 0 and v.held >= most


def _walk(state: State, s: int, n: int) -> bool | None:
    """Advance one sub-position; the outcome of a virtual trade that ended, if one did."""
    v, held = state.virtual[s][n], state.held[s][n]
    bars, factor = state.setup.bars[state.row], state.setup.adjust[state.row][n]
    low, high, close = (bars[line][n] * state.setup.tick[n] * factor for line in (LOW, HIGH, CLOSE))
    exited = False
    if v.side != 0:
        v.held += 1
        exited = _exits(state, v, n, low, high, state.setup.rules.strategies[s].max_rows)
        if exited:
            v.block = v.side
        else:
            v.best = max(v.best, high) if v.side > 0 else min(v.best, low)
    edge = held.edge if held is not None else 0.0
    if v.block != 0 and sign(edge) != v.block:
        v.block = 0
    g = 0 if v.block != 0 else sign(edge)
    outcome = None
    if v.side != 0 and (exited or g != v.side):
        gain = v.side * (close - v.entry)
        if 0 < abs(gain) <= 1e-12 * close:
            state.near.mark(n, "virtual hit", hidden=True)
        outcome = gain > 0
    if g == 0:
        v.side = 0
    elif exited or g != v.side:
        assert held is not None
        v.side, v.entry, v.best, v.held = g, close, close, 0
        v.target, v.trail = _distance(held.target), _distance(held.trail)
    return outcome


def _distance(x: float) -> float:
    """Zero or NaN: none."""
    return x if x > 0 else 0.0


def _score(state: State, s: int, most: float) -> float:
    k, h = state.ended[s], state.hits[s]
    if k < state.setup.rules.track_record_trades:
        return 1.0
    return clip(2 * (h + 50) / (k + 100), 0.5, most)


def _common(state: State, s: int) -> float:
    """Own horizon to the common one, through the half-life."""
    rules = state.setup.rules
    terms = rules.strategies[s]
    ours = 1 - 2.0 ** (-rules.horizon_ns / terms.half_life_ns)
    return ours / (1 - 2.0 ** (-terms.horizon_ns / terms.half_life_ns))


def _blend(state: State, n: int) -> View:
    rules, count = state.setup.rules, len(state.held)
    live = [s for s in range(count) if state.held[s][n] is not None]
    if not live:
        return View(stop=max(1, round(_wide(state, n))), shares=[0.0] * count)
    edges, errors, weights = _weights(state, n, live)
    edge = sum(weights[s] * edges[s] for s in live)
    size = sum(abs(weights[s] * edges[s]) for s in live)
    if 0 < abs(edge) <= 1e-10 * size:
        state.near.mark(n, "edge near zero", hidden=True)
    view = View(live=True, edge=edge, stop=max(1, round(_wide(state, n))), shares=[0.0] * count)
    view.error = sum(weights[s] * errors[s] for s in live)
    agree = [s for s in live if edges[s] * edge > 0]
    if not agree:
        return view
    whole = sum(weights[s] for s in agree)
    with_view = sum(weights[s] for s in live if edges[s] != 0)
    base = {s: _confidence(state, s, n) for s in agree}
    view.confidence = sum(weights[s] * base[s] for s in agree) / with_view
    log2h = rules.horizon_ns * math.log(2)
    fast = {s: min(1.0, log2h / rules.strategies[s].half_life_ns) for s in agree}
    view.tau = sum(weights[s] * fast[s] for s in agree) / whole
    view.stop = _stop(state, n, agree, weights)
    total = sum(weights[s] * abs(edges[s]) for s in agree)
    for s in agree:
        view.shares[s] = weights[s] * abs(edges[s]) / total
    return view


def _weights(
    state: State, n: int, live: list[int]
) -> tuple[dict[int, float], dict[int, float], dict[int, float]]:
    """Edges and errors over the common horizon, and the blend's weights."""
    rules = state.setup.rules
    edges, errors, precision = {}, {}, {}
    for s in live:
        held = state.held[s][n]
        assert held is not None
        factor = _common(state, s)
        edges[s] = 0.0 if state.virtual[s][n].block else held.edge * factor
        errors[s] = held.sigma * factor
        precision[s] = _score(state, s, 1.5) / errors[s] ** 2
    prior = {s: rules.strategies[s].prior for s in live}
    trades = sum(state.ended)
    shrink = rules.shrinkage / (rules.shrinkage + trades) if rules.shrinkage + trades else 0.0
    all_prior, all_precision = sum(prior.values()), sum(precision.values())
    weights = {
        s: shrink * prior[s] / all_prior + (1 - shrink) * precision[s] / all_precision for s in live
    }
    return edges, errors, weights


def _confidence(state: State, s: int, n: int) -> float:
    held = state.held[s][n]
    assert held is not None
    factor = _score(state, s, 1.0)
    return clip(held.confidence * state.quality[n] * state.vf[n] * factor, 0.0, 1.0)


def _wide(state: State, n: int) -> float:
    """The stop distance in ticks where no strategy gives one."""
    return state.setup.rules.stop_sigmas * state.sigma[n] * state.last[n]


def _stop(state: State, n: int, agree: list[int], weights: dict[int, float]) -> int:
    total = weight = 0.0
    for s in agree:
        held = state.held[s][n]
        assert held is not None
        if math.isfinite(held.stop) and held.stop > 0:
            total += weights[s] * held.stop
            weight += weights[s]
    if weight == 0:
        return max(1, state.near.rint(_wide(state, n), n, "default stop", 1e-12, hidden=True))
    price = state.setup.tick[n] * state.setup.adjust[state.row][n]
    return max(1, state.near.rint(total / weight / price, n, "stop", 1e-12, hidden=True))
