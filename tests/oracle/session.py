"""Section 1: what happens when a session has ended."""

import math

from kedge.domain.reason import Reason
from oracle.book import fill, post
from oracle.near import DIRECT
from oracle.state import State

SMOOTH = 2 / 21
SCENARIOS = 250


def clip(x: float, low: float, high: float) -> float:
    return max(low, min(high, x))


def new_session(state: State) -> None:
    """Steps 1 to 8, from sessions already closed only."""
    opening = state.equity
    _estimates(state)
    _volatility(state)
    state.beta = _betas(state)
    state.group = _groups(state)
    round_trip_costs(state)
    _carry(state)
    _delisting(state)
    state.session += 1
    state.opening, state.daily_ban = opening, False
    n = state.setup.count
    state.seen, state.session_volume = [False] * n, [0.0] * n
    state.due = [False] * n


def _estimates(state: State) -> None:
    count, rules = state.setup.count, state.setup.rules
    returns: list[float | None] = [None] * count
    for n in range(count):
        if not state.seen[n]:
            _pass_over(state, n)
            continue
        v, old = state.session_volume[n], state.adv[n]
        state.adv[n] = v if old is None else old + (v - old) * SMOOTH
        earlier = state.previous_close[n]
        if earlier is not None and earlier[1] == state.session - 1:
            returns[n] = state.session_close[n] / earlier[0] - 1
        state.previous_close[n] = (state.session_close[n], state.session)
    covariance = [list(line) for line in state.covariance]
    for i, ri in enumerate(returns):
        if ri is None:
            continue
        first = not state.paired[i][i]
        decay = rules.slow_lambda
        state.slow[i] = ri * ri if first else decay * state.slow[i] + (1 - decay) * ri * ri
        state.returns[i] += 1
        for j, rj in enumerate(returns):
            if rj is None:
                continue
            product, decay = ri * rj, rules.covariance_lambda
            known = state.paired[i][j]
            covariance[i][j] = (
                decay * covariance[i][j] + (1 - decay) * product if known else product
            )
            state.paired[i][j] = True
    state.covariance = covariance
    if any(r is not None for r in returns):
        vector = [0.0 if r is None else r for r in returns]
        state.scenarios = [*state.scenarios, vector][-SCENARIOS:]


def _pass_over(state: State, n: int) -> None:
    """A session that was none for its exchange does not part the ones around it."""
    earlier = state.previous_close[n]
    if earlier is not None and earlier[1] == state.session - 1 and not state.due[n]:
        state.previous_close[n] = (earlier[0], state.session)


def _volatility(state: State) -> None:
    for n in range(state.setup.count):
        variance = state.covariance[n][n]
        state.sigma[n] = math.sqrt(variance)
        state.vf[n] = 1.0
        if variance != 0:
            state.vf[n] = clip(1.25 * math.sqrt(state.slow[n] / variance), 0.5, 1.0)


def _betas(state: State) -> list[float]:
    known = [n for n in range(state.setup.count) if state.returns[n] >= 1]
    grand = sum(state.covariance[i][j] for i in known for j in known)
    beta = [1.0] * state.setup.count
    if grand > 0:
        for n in known:
            row = sum(state.covariance[n][j] for j in known)
            beta[n] = len(known) * row / grand
    return beta


def _similarity(state: State, i: int, j: int) -> float:
    rules = state.setup.rules
    rho, product = 0.0, state.sigma[i] * state.sigma[j]
    if min(state.returns[i], state.returns[j]) >= rules.min_sessions and product != 0:
        rho = state.covariance[i][j] / product
    shared = state.group[i] == state.group[j]
    return rho + (rules.group_join - rules.group_part) if shared else rho


def _groups(state: State) -> list[int]:
    """Complete linkage with hysteresis; a cluster's number is its lowest member."""
    count, join = state.setup.count, state.setup.rules.group_join
    like = [
        [_similarity(state, i, j) if i != j else 1.0 for j in range(count)] for i in range(count)
    ]
    clusters = [[n] for n in range(count)]
    while True:
        best, pair = -math.inf, (-1, -1)
        for a in range(len(clusters)):
            for b in range(a + 1, len(clusters)):
                worst = min(like[i][j] for i in clusters[a] for j in clusters[b])
                if not state.near.above(worst, join, -1, "group join", hidden=True):
                    continue
                first = pair == (-1, -1)
                if first or state.near.above(worst, best, -1, "group order", hidden=True):
                    best, pair = worst, (a, b)
        if pair == (-1, -1):
            break
        clusters[pair[0]] = sorted(clusters[pair[0]] + clusters[pair[1]])
        del clusters[pair[1]]
    group = [0] * count
    for members in clusters:
        for n in members:
            group[n] = members[0]
    return group


def round_trip_costs(state: State) -> None:
    """Basis points of a round trip at the size the position cap allows."""
    rules, m = state.setup.rules, state.setup.rules.cost_multiplier
    for n, instrument in enumerate(state.setup.instruments):
        adv, root = state.adv[n] or 0.0, 1.0
        unit = state.unit(n, state.last[n])
        if adv > 0 and unit > 0:
            size = rules.participation * (state.av[n] or 0.0)
            size = min(rules.position_cap[n] * state.equity / unit, size)
            root = math.sqrt(min(1.0, max(0.0, size / adv)))
        spread = 2 * m * (instrument.half_spread_bps + instrument.fees.taker_bps)
        impact = 2 * 10**4 * m * rules.impact[n] * state.sigma[n] * root
        state.cost[n] = spread + impact


def _carry(state: State) -> None:
    setup, rules, near = state.setup, state.setup.rules, state.near
    interest = state.cash[0] * rules.cash_rate / rules.sessions_per_year
    post(state, "interest", 0, near.rint_product(interest, -1, "interest"))
    for n, instrument in enumerate(setup.instruments):
        if state.lots[n] < 0:
            worth = abs(setup.value(n, state.lots[n], state.last[n]))
            due = worth * instrument.borrow_bps * 1e-4 / rules.sessions_per_year
            post(state, "borrow", setup.settle[n], -near.rint_product(due, n, "borrow"), n)
    for c in range(1, len(state.cash)):
        if state.cash[c] == 0 or state.fx[c] == 0:
            continue
        x = state.cash[c] * state.fx[c]
        bought = x - abs(x) * rules.fx_spread_bps * 1e-4
        post(state, "fx", c, -state.cash[c])
        post(state, "fx", 0, near.rint(bought, -1, "sweep"))


def _delisting(state: State) -> None:
    rules = state.setup.rules
    for n in range(state.setup.count):
        if state.lots[n] == 0 or state.seen[n]:
            state.missed[n] = 0
            continue
        if not state.due[n]:
            continue
        state.missed[n] += 1
        if state.missed[n] >= rules.delisting_sessions:
            _write_off(state, n)


def _write_off(state: State, n: int) -> None:
    haircut, last, near = state.setup.rules.delisting_haircut, state.last[n], state.near
    if state.lots[n] > 0:
        ticks = near.floor(last * (1 - haircut), n, "haircut", DIRECT)
    else:
        ticks = near.ceil(last * (1 + haircut), n, "haircut", DIRECT)
    fill(state, n, -state.lots[n], ticks, last, 0, Reason.DELISTED)
    state.pending[n].clear()
    state.missed[n] = 0
