"""What happens before a bar's orders: a new session, dated events (sections 1 and 2)."""

from math import ceil, floor

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import portion, value
from kedge.domain.compiled import compiled, constant, inlined
from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from kedge.domain.state import Out, Params, Rows, State
from kedge.engine.row_fills import close_unordered
from kedge.ledger.booking import booking, end_position, post
from kedge.risk.estimates import (
    covariance,
    refresh_costs,
    regroup,
    session_returns,
    volatility_and_beta,
)

_DELISTED = constant(Reason.DELISTED)
_DEAL = constant(Reason.DEAL)
_POSTING_DIVIDEND = constant(o.POSTING_DIVIDEND)
_POSTING_INTEREST = constant(o.POSTING_INTEREST)
_POSTING_BORROW = constant(o.POSTING_BORROW)
_POSTING_FUNDING = constant(o.POSTING_FUNDING)
_POSTING_FX = constant(o.POSTING_FX)
_POSTING_CASH_IN_LIEU = constant(o.POSTING_CASH_IN_LIEU)
_ZERO = constant(0)
_NOBODY = constant(-1)
_SPLIT_EVENT = int(EventKind.SPLIT)
_DIVIDEND_EVENT = int(EventKind.DIVIDEND)
_FUNDING_EVENT = int(EventKind.FUNDING)
_FX_EVENT = int(EventKind.FX)
_DEAL_EVENT = int(EventKind.DEAL)


@inlined
def _worth(n: int, p: Params, s: State) -> int:
    """Value of the position at the last price, settlement minor units."""
    return value(s.I[n, o.I_LOTS], s.I[n, o.I_LAST], p.J[n, o.J_NUM], p.J[n, o.J_DEN])


@compiled
def _carry(p: Params, s: State, out: Out) -> None:
    """Interest, borrow fees, and the sweep of foreign balances."""
    interest = int(np.rint(s.K[o.K_] * p.P[o.P_CASH_RATE]))
    if interest != 0:
        post(_POSTING_INTEREST, _ZERO, interest, _NOBODY, s, out)
    for n in range(s.F.shape[0]):
        if s.I[n, o.I_LOTS] < 0 and p.A[n, o.A_BORROW] > 0.0:
            yearly = abs(_worth(n, p, s)) * p.A[n, o.A_BORROW] * 1e-4
            fee = int(np.rint(yearly / p.P[o.P_SESSIONS_YEAR]))
            post(_POSTING_BORROW, p.J[n, o.J_CURRENCY], -fee, n, s, out)
    for c in range(1, p.Q[o.Q_CURRENCIES]):
        balance = s.K[o.K_ + c]
        if balance != 0 and s.G[o.G_ + c] > 0.0:
            x = balance * s.G[o.G_ + c]
            received = int(np.rint(x - abs(x) * p.P[o.P_FX_SPREAD]))
            post(_POSTING_FX, c, -balance, _NOBODY, s, out)
            post(_POSTING_FX, _ZERO, received, _NOBODY, s, out)


@compiled
def _delist(p: Params, s: State, out: Out) -> None:
    """Close positions in instruments that missed several sessions of their own calendar."""
    for n in range(s.F.shape[0]):
        lots, due = s.I[n, o.I_LOTS], s.I[n, o.I_DUE]
        s.I[n, o.I_DUE] = 0
        if lots == 0 or s.I[n, o.I_SEEN_BEFORE] == 1:
            s.I[n, o.I_MISSED] = 0
            continue
        if due == 0:
            continue
        s.I[n, o.I_MISSED] += 1
        if s.I[n, o.I_MISSED] < p.Q[o.Q_DELIST]:
            continue
        last = s.I[n, o.I_LAST]
        if lots > 0:
            ticks = floor(last * (1.0 - p.P[o.P_HAIRCUT]))
        else:
            ticks = ceil(last * (1.0 + p.P[o.P_HAIRCUT]))
        close_unordered(n, ticks, last, _DELISTED, p, s, out)


@compiled
def open_session(p: Params, s: State, out: Out) -> None:
    """Section 1: everything that happens once, at the first row of a session."""
    s.K[o.K_ENDED] += 1
    session_returns(s)
    covariance(p, s)
    volatility_and_beta(s)
    regroup(p, s)
    refresh_costs(float(s.K[o.K_EQUITY]), p, s)
    _carry(p, s, out)
    _delist(p, s, out)
    s.K[o.K_OPENING] = s.K[o.K_EQUITY]


@inlined
def _rescale(ticks: int, a: int, b: int) -> int:
    return 0 if ticks == 0 else max(1, int(np.rint(ticks * b / a)))


@compiled
def _split_orders(n: int, a: int, b: int, s: State) -> None:
    """Pending orders in new units; one that rounds to nothing is gone."""
    s.I[n, o.I_PENDING] = 0
    for slot in range(0, s.pend.shape[0], o.PEND_):
        waiting = s.pend[slot, n]
        if waiting == 0:
            continue
        lots = abs(waiting) * a // b
        s.pend[slot, n] = lots if waiting > 0 else -lots
        for field in (o.PEND_LIMIT, o.PEND_STOP):
            s.pend[slot + field, n] = _rescale(s.pend[slot + field, n], a, b)
        s.I[n, o.I_PENDING] += s.pend[slot, n]
        if lots == 0:
            s.I[n, o.I_OPEN_ORDERS] -= 1
            s.K[o.K_PENDING] -= 1


@compiled
def _split_books(n: int, lots: int, a: int, b: int, p: Params, s: State) -> None:
    """Sub-books in new units, truncated; what is left over goes to the largest share."""
    rest, largest = lots, 0
    for k in range(p.Q[o.Q_STRATEGIES]):
        units = portion(s.I[n, o.I_BOOK + k], a, b) if lots != 0 else 0
        s.I[n, o.I_BOOK + k] = units
        rest -= units
        if s.SF[n, k * o.SF_ + o.SF_SHARE] > s.SF[n, largest * o.SF_ + o.SF_SHARE]:
            largest = k
    s.I[n, o.I_BOOK + largest] += rest


@compiled
def _split(n: int, a: int, b: int, p: Params, s: State, out: Out) -> None:
    """``a`` new units for ``b`` old ones, the fraction paid in cash."""
    old = s.I[n, o.I_LOTS]
    lots = abs(old) * a // b
    rest = abs(old) * a - lots * b
    if old < 0:
        lots, rest = -lots, -rest
    s.I[n, o.I_LOTS] = lots
    for field in (o.I_LAST, o.I_STOP, o.I_STOP_DIST, o.I_ORDER_STOP):
        s.I[n, field] = _rescale(s.I[n, field], a, b)
    cash = value(rest, s.I[n, o.I_LAST], p.J[n, o.J_NUM], p.J[n, o.J_DEN] * b)
    if cash != 0:
        post(_POSTING_CASH_IN_LIEU, p.J[n, o.J_CURRENCY], cash, n, s, out)
        s.I[n, o.I_VALUE] -= cash
    _split_books(n, lots, a, b, p, s)
    if lots == 0 and old != 0:
        end_position(n, 1 if old > 0 else -1, booking(p, s, out))
        s.I[n, o.I_VALUE] = 0
    _split_orders(n, a, b, s)
    for row in (o.F_AV, o.F_ADV, o.F_SESSION_VOLUME):
        s.F[n, row] *= a / b


@compiled
def apply_event(e: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """Section 2: one dated event."""
    kind, n, a, b, rate = x.ev[e, 1], x.ev[e, 2], x.ev[e, 3], x.ev[e, 4], x.ev_x[e]
    if kind == _FX_EVENT:
        scales = o.G_ + p.Q[o.Q_CURRENCIES] + 2 * p.Q[o.Q_STRATEGIES]
        s.G[o.G_ + n] = rate * s.G[scales + n]
        return
    currency, lots = p.J[n, o.J_CURRENCY], s.I[n, o.I_LOTS]
    if kind == _SPLIT_EVENT:
        _split(n, a, b, p, s, out)
    elif kind == _DIVIDEND_EVENT and lots != 0:
        amount = int(np.rint(lots * p.A[n, o.A_UNIT_AMOUNT] * rate))
        post(_POSTING_DIVIDEND, currency, amount, n, s, out)
    elif kind == _FUNDING_EVENT and lots != 0:
        post(_POSTING_FUNDING, currency, -int(np.rint(_worth(n, p, s) * rate)), n, s, out)
    elif kind == _DEAL_EVENT:
        close_unordered(n, a, a, _DEAL, p, s, out)
