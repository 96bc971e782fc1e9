"""The compiled decision step: one row from bars and forecasts to orders.

It composes what lives in ``ensemble``, ``portfolio``, ``risk``, ``execution`` and
``ledger`` in the order of docs/life-of-a-row.md. `advance` loops it over as many
rows as it is handed: a whole history in research, one row when trading. The
arrays and their named offsets are described in `kedge.domain.state`.
"""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import clip, sign, value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.panel import CLOSE
from kedge.domain.reason import Reason
from kedge.engine.row_fills import fill_due, stop_out, stop_touched, total_cash
from kedge.engine.row_open import apply_event, open_session
from kedge.ensemble.blend import blend
from kedge.ensemble.forecasts import follow, refresh
from kedge.execution.intents import intend
from kedge.portfolio.sizing import size
from kedge.risk.book_limits import shape_book, verify_book
from kedge.risk.estimates import AVERAGE
from kedge.risk.instrument_limits import limit_instrument

_MASKED = int(Reason.MASKED)
_HALTED = int(Reason.HALTED)
_EXITING = int(Reason.EXITING)
_NO_FORECAST = int(Reason.NO_FORECAST)
_LOCKED = int(Reason.LOCKED)
_CONFIDENCE = int(Reason.CONFIDENCE)
_COST = int(Reason.COST)
_OPEN_RISK = int(Reason.OPEN_RISK)
_INFEASIBLE = int(Reason.INFEASIBLE)


@inlined
def _mark(t, bars, volume, flags, adjust, A, J, P, Q, F, I, G, K):  # type: ignore[no-untyped-def]  # noqa: E741
    """Section 4: last prices, stops, averages, equity and the breakers."""
    C = Q[o.Q_CURRENCIES]
    equity = K[o.K_]
    for n in range(F.shape[1]):
        quality = F[o.F_QUALITY, n]
        if flags[t, n] & 3 == 3:
            close = bars[t, CLOSE, n]
            I[o.I_LAST, n] = close
            I[o.I_SEEN, n] = 1
            F[o.F_CLOSE, n] = close * adjust[t, n]
            F[o.F_QUALITY, n] = quality + 0.05 * (1.0 - quality)
            traded = volume[t, n]
            F[o.F_SESSION_VOLUME, n] += traded
            if I[o.I_AVERAGED, n] == 1:
                traded = F[o.F_AV, n] + (traded - F[o.F_AV, n]) * AVERAGE
            F[o.F_AV, n] = traded
            I[o.I_AVERAGED, n] = 1
            lots = I[o.I_LOTS, n]
            if lots > 0:
                I[o.I_STOP, n] = max(I[o.I_STOP, n], close - I[o.I_STOP_DIST, n])
            elif lots < 0:
                I[o.I_STOP, n] = min(I[o.I_STOP, n], close + I[o.I_STOP_DIST, n])
        else:
            F[o.F_QUALITY, n] = quality - 0.05 * quality
        c = J[o.J_CURRENCY, n]
        F[o.F_UNIT, n] = I[o.I_LAST, n] * A[o.A_RATIO, n] * G[o.G_ + c]
        if I[o.I_LOTS, n] != 0 and c == 0:
            equity += value(I[o.I_LOTS, n], I[o.I_LAST, n], J[o.J_NUM, n], J[o.J_DEN, n])
    for c in range(1, C):
        worth = K[o.K_ + c]
        for n in range(F.shape[1]):
            if J[o.J_CURRENCY, n] == c and I[o.I_LOTS, n] != 0:
                worth += value(I[o.I_LOTS, n], I[o.I_LAST, n], J[o.J_NUM, n], J[o.J_DEN, n])
        equity += int(np.rint(worth * G[o.G_ + c]))
    K[o.K_EQUITY] = equity
    if K[o.K_STARTED] == 0:
        K[o.K_STARTED] = 1
    high = max(G[o.G_HIGH], float(equity))
    G[o.G_HIGH] = high
    drawdown = 1.0 - equity / high
    G[o.G_DRAWDOWN] = drawdown
    if (drawdown >= P[o.P_DD_STOP] or equity <= 0) and K[o.K_HALTED] == 0:
        K[o.K_HALTED] = 1
        K[o.K_HALT_ROW] = K[o.K_ROW]
    if equity <= K[o.K_OPENING] * (1.0 - P[o.P_DAILY_LOSS]):
        K[o.K_BAN_DAY] = K[o.K_ENDED]
    if K[o.K_LOSSES] >= Q[o.Q_LOSSES]:
        K[o.K_LOSSES] = 0
        K[o.K_BAN_LOSSES] = K[o.K_ENDED] + 1
    return equity


@inlined
def _hear(t, n, ok, elapsed, bars, adjust, fc, A, SP, Q, SF, SI, G, ended):  # type: ignore[no-untyped-def]
    """Section 5 for one instrument: who has a live forecast, and how it counts."""
    S, C = Q[o.Q_STRATEGIES], Q[o.Q_CURRENCIES]
    live, priors, precisions = 0, 0.0, 0.0
    to_price = A[o.A_TICK, n] * adjust[t, n]
    for s in range(S):
        b = s * o.SF_
        alive = refresh(t, n, s, ok, elapsed, fc, SP, SF)
        edge = SF[b + o.SF_EDGE, n] if alive else 0.0
        if ok:
            edge = follow(t, n, s, edge, to_price, bars, SP, SF, SI, ended)
        elif SI[s * o.SI_ + o.SI_BLOCKED, n] != 0:
            edge = 0.0
        if alive:
            live += 1
            factor = SP[s, o.SP_FACTOR]
            scaled = SF[b + o.SF_SIGMA, n] * factor
            SF[b + o.SF_E, n] = edge * factor
            priors += SP[s, o.SP_PRIOR]
            precisions += G[o.G_ + C + S + s] / (scaled * scaled)
    return live, priors, precisions


@inlined
def _aim(
    t, n, ok, live, priors, precisions, inverse, adjust, A, J, SP, P, Q, F, I, SF, G, K, bound
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Sections 6 to 8 for one instrument: its target weight, shaped alone."""
    current = I[o.I_LOTS, n] + I[o.I_PENDING, n]
    held = current * F[o.F_UNIT, n] * inverse
    last = I[o.I_LAST, n]
    F[o.F_CUR, n] = held
    F[o.F_W, n] = 0.0
    F[o.F_WIDTH, n] = 0.0
    F[o.F_DIST, n] = 0.0
    F[o.F_SIDE, n] = 0.0
    I[o.I_HELD, n] = 0
    I[o.I_FREE, n] = 1
    own = 0.0
    if current != 0 and I[o.I_STOP, n] > 0 and last > 0:
        gap = last - I[o.I_STOP, n] if current > 0 else I[o.I_STOP, n] - last
        own = max(0, min(gap, I[o.I_STOP_DIST, n])) / last
        F[o.F_DIST, n] = own
    if not ok:
        F[o.F_W, n] = held
        I[o.I_FREE, n] = 0
        I[o.I_REASON, n] = _MASKED
        return
    edge = sigma = confidence = stop = 0.0
    tau = 1.0
    if live > 0:
        edge, sigma, confidence, stop, tau = blend(n, live, priors, precisions, SP, P, Q, F, SF, G)
    side = sign(edge)
    if side != I[o.I_LOCK, n]:
        I[o.I_LOCK, n] = 0
    if K[o.K_HALTED] == 1:
        I[o.I_REASON, n] = _HALTED
        return
    if I[o.I_EXITING, n] == 1:
        I[o.I_REASON, n] = _EXITING
        return
    if side == 0:
        I[o.I_REASON, n] = _NO_FORECAST
        return
    if I[o.I_LOCK, n] == side:
        I[o.I_REASON, n] = _LOCKED
        return
    if stop > 0.0:
        stop = stop / (A[o.A_TICK, n] * adjust[t, n])
    else:
        stop = P[o.P_STOP_SIGMAS] * F[o.F_SIGMA, n] * last
    ticks = max(1.0, np.rint(stop))
    I[o.I_ORDER_STOP, n] = int(ticks)
    distance = ticks / last
    same = current * side > 0
    F[o.F_DIST, n] = min(distance, own) if same and I[o.I_STOP, n] > 0 else distance
    F[o.F_SIDE, n] = side
    share = tau * F[o.F_COST, n]
    net = abs(edge) - share
    F[o.F_WIDTH, n] = clip(share / abs(edge), P[o.P_BUFFER_MIN], P[o.P_BUFFER_MAX])
    if confidence < P[o.P_GATE] or net <= 0.0:
        I[o.I_REASON, n] = _CONFIDENCE if confidence < P[o.P_GATE] else _COST
        if not same:
            return
        F[o.F_W, n] = held
        I[o.I_HELD, n] = 1
    else:
        I[o.I_REASON, n] = 0
        F[o.F_W, n] = side * size(
            net,
            sigma,
            confidence,
            distance,
            F[o.F_SIGMA, n],
            P[o.P_SIZE_RISK],
            P[o.P_KELLY],
            P[o.P_H_SESSIONS],
        )
    limit_instrument(n, G[o.G_ + J[o.J_CURRENCY, n]], A, J, P, Q, F, I, G, K, bound)


@inlined
def _to_lots(n, equity, F, I):  # type: ignore[no-untyped-def]  # noqa: E741
    """Section 10, 1 and 2: the no-trade region, then whole lots."""
    current = I[o.I_LOTS, n] + I[o.I_PENDING, n]
    w = F[o.F_W, n]
    held = F[o.F_CUR, n]
    if I[o.I_FREE, n] == 0 or I[o.I_HELD, n] == 1:
        I[o.I_Q, n] = current
    elif w == 0.0:
        I[o.I_Q, n] = 0
    elif w * held > 0.0 and abs(w - held) <= abs(w) * F[o.F_WIDTH, n]:
        I[o.I_Q, n] = current
    else:
        I[o.I_Q, n] = int(w * equity / F[o.F_UNIT, n])


@inlined
def _order(t, row, ts, S, J, P, Q, F, I, SF, K, pend, bound):  # type: ignore[no-untyped-def]  # noqa: E741
    """Sections 11 and 12: this row's orders and the shares they belong to."""
    slot = row % (pend.shape[0] // 3)
    for n in range(F.shape[1]):
        if I[o.I_Q, n] == I[o.I_LOTS, n] + I[o.I_PENDING, n]:
            continue
        delta = intend(n, ts[t], row, J, P, Q, F, I, bound)
        if delta == 0:
            continue
        pend[3 * slot, n] = delta
        pend[3 * slot + 1, n] = I[o.I_LAST, n]
        pend[3 * slot + 2, n] = I[o.I_REASON, n]
        I[o.I_PENDING, n] += delta
        I[o.I_OPEN_ORDERS, n] += 1
        K[o.K_PENDING] += 1
        if I[o.I_Q, n] != 0:
            _share(n, S, F, SF)


@compiled
def _share(n, S, F, SF):  # type: ignore[no-untyped-def]
    """Attribution shares: what each agreeing strategy put into the blended edge."""
    total = 0.0
    for s in range(S):
        b = s * o.SF_
        agrees = SF[b + o.SF_AGE, n] >= 0.0 and SF[b + o.SF_E, n] * F[o.F_SIDE, n] > 0.0
        share = SF[b + o.SF_W, n] * abs(SF[b + o.SF_E, n]) if agrees else 0.0
        SF[b + o.SF_E, n] = share
        total += share
    if total > 0.0:
        for s in range(S):
            b = s * o.SF_
            SF[b + o.SF_SHARE, n] = SF[b + o.SF_E, n] / total


@compiled
def _learn(SP, P, Q, G, K, ended):  # type: ignore[no-untyped-def]
    """Track records after a row in which virtual trades ended."""
    S, C = Q[o.Q_STRATEGIES], Q[o.Q_CURRENCIES]
    trades_at = o.K_ + C
    total = 0
    for s in range(S):
        K[trades_at + s] += ended[0, s]
        K[trades_at + S + s] += ended[1, s]
        ended[0, s] = 0
        ended[1, s] = 0
        trades, hits = K[trades_at + s], K[trades_at + S + s]
        total += trades
        if trades >= Q[o.Q_TRACK]:
            z = 2.0 * (hits + 50.0) / (trades + 100.0)
            G[o.G_ + C + s] = clip(z, 0.5, 1.0)
            G[o.G_ + C + S + s] = clip(z, 0.5, 1.5)
    G[o.G_SHRINK] = P[o.P_SHRINKAGE] / (P[o.P_SHRINKAGE] + total)


@inlined
def _decide(
    t,
    row,
    equity,
    elapsed,
    ts,
    bars,
    flags,
    adjust,
    fc,
    A,
    J,
    SP,
    P,
    Q,
    F,
    I,
    SF,
    SI,
    G,
    K,
    cov,
    scen,
    pend,
    bound,
    worst,
    peak,
    ended,
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Sections 5 to 12."""
    N, S = F.shape[1], Q[o.Q_STRATEGIES]
    money = float(max(equity, 1))
    inverse = 1.0 / money
    fixed = False
    active = 0
    for n in range(N):
        ok = flags[t, n] & 3 == 3
        live, priors, precisions = _hear(
            t, n, ok, elapsed, bars, adjust, fc, A, SP, Q, SF, SI, G, ended
        )
        _aim(
            t,
            n,
            ok,
            live,
            priors,
            precisions,
            inverse,
            adjust,
            A,
            J,
            SP,
            P,
            Q,
            F,
            I,
            SF,
            G,
            K,
            bound,
        )
        fixed = fixed or (not ok and F[o.F_W, n] != 0.0)
        if I[o.I_FREE, n] == 1 and F[o.F_SIDE, n] != 0.0:
            active += 1
    changed = 0
    for s in range(S):
        changed += ended[0, s]
    if changed > 0:
        _learn(SP, P, Q, G, K, ended)
    mask = shape_book(fixed, P, Q, F, I, K, cov, scen)
    for n in range(N):
        _to_lots(n, money, F, I)
    mask |= verify_book(fixed, money, A, P, Q, F, I, K, cov, scen, bound, peak, worst)
    if active > 0:
        K[o.K_ACTIVE_CELLS] += active
        K[o.K_ACTIVE_ROWS] += 1
    if mask != 0:
        for r in range(_OPEN_RISK, _INFEASIBLE + 1):
            bound[r] += (mask >> r) & 1
    _order(t, row, ts, S, J, P, Q, F, I, SF, K, pend, bound)


@inlined
def _report(t, equity, Q, F, I, G, K, rows, reasons, positions, targets):  # type: ignore[no-untyped-def]  # noqa: E741
    """What this row leaves behind for the record."""
    gross = net = 0.0
    for n in range(F.shape[1]):
        worth = I[o.I_LOTS, n] * F[o.F_UNIT, n]
        gross += abs(worth)
        net += worth
        reasons[t, n] = I[o.I_REASON, n]
    rows[t, o.ROW_EQUITY] = equity
    rows[t, o.ROW_CASH] = total_cash(Q, G, K)
    rows[t, o.ROW_GROSS] = int(gross)
    rows[t, o.ROW_NET] = int(net)
    rows[t, o.ROW_HALTED] = K[o.K_HALTED]
    if positions.shape[0] > 0:
        for n in range(F.shape[1]):
            positions[t, n] = I[o.I_LOTS, n]
            targets[t, n] = I[o.I_Q, n]


@compiled
def advance(
    start,
    stop,
    ts,
    session,
    bars,
    volume,
    flags,
    adjust,
    fc,
    ev,
    ev_x,
    A,
    J,
    SP,
    P,
    Q,
    F,
    I,
    SF,
    SI,
    G,
    K,
    cov,
    scen,
    pend,
    rows,
    reasons,
    positions,
    targets,
    fills,
    attr,
    posts,
    trades,
    counts,
    bound,
    worst,
    peak,
    ended,
    scratch,
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Run rows ``start`` to ``stop`` of a block.

    Args:
        start, stop: rows of the block arrays.
        ts, session: (B,) row instants and session numbers.
        bars, volume, flags, adjust: as in `kedge.domain.panel.Panel`, volume in lots.
        fc: (B, S, FIELDS, N) forecasts.
        ev, ev_x: events of the block, rows relative to the block; ``K`` does not
            count them, so each block brings its own.
        A to pend: parameters and state, see `kedge.domain.state`.
        rows to trades: output records; ``counts`` holds how many are used.

    Returns:
        The first row not run: ``stop``, or earlier when an output could overflow.
    """
    N = F.shape[1]
    pointer = 0
    while pointer < ev.shape[0] and ev[pointer, 0] < start:
        pointer += 1
    for t in range(start, stop):
        crowded = (
            counts[0] + 4 * N + 4 > fills.shape[0]
            or counts[1] + 4 * N + 64 + (ev.shape[0] - pointer) > posts.shape[0]
            or counts[2] + 6 * N + 4 > trades.shape[0]
        )
        if crowded:
            return t
        if K[o.K_STARTED] == 0:
            K[o.K_SESSION] = session[t]
            K[o.K_TS] = ts[t]
        if session[t] != K[o.K_SESSION]:
            K[o.K_SESSION] = session[t]
            open_session(
                A,
                J,
                P,
                Q,
                F,
                I,
                SF,
                G,
                K,
                cov,
                scen,
                pend,
                fills,
                attr,
                posts,
                trades,
                counts,
                scratch,
            )
        while pointer < ev.shape[0] and ev[pointer, 0] == t:
            apply_event(
                pointer,
                ev,
                ev_x,
                A,
                J,
                Q,
                F,
                I,
                SF,
                G,
                K,
                pend,
                fills,
                attr,
                posts,
                trades,
                counts,
                scratch,
            )
            pointer += 1
        late = Q[o.Q_FILL] == 1
        if not late and K[o.K_PENDING] > 0:
            fill_due(
                t,
                bars,
                volume,
                flags,
                A,
                J,
                P,
                Q,
                F,
                I,
                SF,
                G,
                K,
                pend,
                fills,
                attr,
                trades,
                counts,
                scratch,
                bound,
            )
        for n in range(N):
            if flags[t, n] & 3 == 3 and stop_touched(n, t, bars, I):
                stop_out(
                    n,
                    t,
                    bars,
                    volume,
                    A,
                    J,
                    P,
                    Q,
                    F,
                    I,
                    SF,
                    G,
                    K,
                    pend,
                    fills,
                    attr,
                    trades,
                    counts,
                    scratch,
                    bound,
                )
        if late and K[o.K_PENDING] > 0:
            fill_due(
                t,
                bars,
                volume,
                flags,
                A,
                J,
                P,
                Q,
                F,
                I,
                SF,
                G,
                K,
                pend,
                fills,
                attr,
                trades,
                counts,
                scratch,
                bound,
            )
        equity = _mark(t, bars, volume, flags, adjust, A, J, P, Q, F, I, G, K)
        elapsed = ts[t] - K[o.K_TS]
        row = K[o.K_ROW]
        _decide(
            t,
            row,
            equity,
            elapsed,
            ts,
            bars,
            flags,
            adjust,
            fc,
            A,
            J,
            SP,
            P,
            Q,
            F,
            I,
            SF,
            SI,
            G,
            K,
            cov,
            scen,
            pend,
            bound,
            worst,
            peak,
            ended,
        )
        _report(t, equity, Q, F, I, G, K, rows, reasons, positions, targets)
        K[o.K_TS] = ts[t]
        K[o.K_ROW] = row + 1
    return stop
