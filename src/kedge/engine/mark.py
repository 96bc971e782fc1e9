"""Marking a row to market: last prices, stops, equity, breakers (section 4)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.panel import CLOSE, CLOSED
from kedge.domain.state import Out, Params, Rows, State
from kedge.engine.row_fills import total_cash
from kedge.risk.estimates import AVERAGE


@inlined
def _observe(t: int, n: int, s: State, x: Rows) -> None:
    """A fresh cell: last price, averages, and the stop that follows the close."""
    close = x.bars[t, n, CLOSE]
    s.I[n, o.I_LAST] = close
    s.I[n, o.I_SEEN] = 1
    s.F[n, o.F_CLOSE] = close * x.adjust[t, n]
    s.F[n, o.F_QUALITY] += 0.05 * (1.0 - s.F[n, o.F_QUALITY])
    traded = x.volume[t, n]
    s.F[n, o.F_SESSION_VOLUME] += traded
    if s.I[n, o.I_AVERAGED] == 1:
        traded = s.F[n, o.F_AV] + (traded - s.F[n, o.F_AV]) * AVERAGE
    s.F[n, o.F_AV] = traded
    s.I[n, o.I_AVERAGED] = 1
    lots = s.I[n, o.I_LOTS]
    if lots > 0:
        s.I[n, o.I_STOP] = max(s.I[n, o.I_STOP], close - s.I[n, o.I_STOP_DIST])
    elif lots < 0:
        s.I[n, o.I_STOP] = min(s.I[n, o.I_STOP], close + s.I[n, o.I_STOP_DIST])


@compiled
def _foreign(p: Params, s: State) -> int:
    """Worth of everything not in the reporting currency."""
    total = 0
    for c in range(1, p.Q[o.Q_CURRENCIES]):
        worth = s.K[o.K_ + c]
        for n in range(s.F.shape[0]):
            if p.J[n, o.J_CURRENCY] == c:
                num, den = p.J[n, o.J_NUM], p.J[n, o.J_DEN]
                worth += value(s.I[n, o.I_LOTS], s.I[n, o.I_LAST], num, den)
        total += int(np.rint(worth * s.G[o.G_ + c]))
    return total


@inlined
def _breakers(equity: int, p: Params, s: State) -> None:
    """High-water mark, drawdown stop, daily loss, run of losses."""
    worth, drawdown = float(equity), 0.0
    if worth >= s.G[o.G_HIGH]:
        s.G[o.G_HIGH] = worth
    else:
        drawdown = 1.0 - worth / s.G[o.G_HIGH]
    s.G[o.G_DRAWDOWN] = drawdown
    if (drawdown >= p.P[o.P_DD_STOP] or equity <= 0) and s.K[o.K_HALTED] == 0:
        s.K[o.K_HALTED] = 1
        s.K[o.K_HALT_ROW] = s.K[o.K_ROW]
    if equity <= s.K[o.K_OPENING] * (1.0 - p.P[o.P_DAILY_LOSS]):
        s.K[o.K_BAN_DAY] = s.K[o.K_ENDED]
    if s.K[o.K_LOSSES] >= p.Q[o.Q_LOSSES]:
        s.K[o.K_LOSSES] = 0
        s.K[o.K_BAN_LOSSES] = s.K[o.K_ENDED] + 1


@inlined
def mark(t: int, p: Params, s: State, x: Rows, out: Out) -> int:
    """Mark every position; returns equity in reporting minor units."""
    equity = s.K[o.K_]
    gross = 0.0
    for n in range(s.F.shape[0]):
        if x.flags[t, n] & 3 == 3:
            _observe(t, n, s, x)
        elif x.flags[t, n] & CLOSED == 0:
            s.F[n, o.F_QUALITY] -= 0.05 * s.F[n, o.F_QUALITY]
            s.I[n, o.I_DUE] = 1
        c, last, lots = p.J[n, o.J_CURRENCY], s.I[n, o.I_LAST], s.I[n, o.I_LOTS]
        unit = last * p.A[n, o.A_RATIO] * s.G[o.G_ + c]
        s.F[n, o.F_UNIT] = unit
        if lots != 0:
            gross += abs(lots * unit)
            if c == 0:
                equity += value(lots, last, p.J[n, o.J_NUM], p.J[n, o.J_DEN])
    if p.Q[o.Q_CURRENCIES] > 1:
        equity += _foreign(p, s)
    s.K[o.K_EQUITY] = equity
    s.K[o.K_STARTED] = 1
    _breakers(equity, p, s)
    out.rows[t, o.ROW_EQUITY] = equity
    out.rows[t, o.ROW_CASH] = total_cash(p, s)
    out.rows[t, o.ROW_GROSS] = int(gross)
    return equity
