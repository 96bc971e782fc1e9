"""What happens before a bar's orders: a new session, dated events (sections 1 and 2)."""

from math import ceil, floor

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import portion, value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from kedge.domain.state import Out, Params, Rows, State
from kedge.engine.row_fills import book, cancel_pending
from kedge.ledger.booking import end_position, post
from kedge.risk.estimates import (
    covariance,
    refresh_costs,
    regroup,
    session_returns,
    volatility_and_beta,
)

_DELISTED = int(Reason.DELISTED)
_DEAL = int(Reason.DEAL)
_SPLIT_EVENT = int(EventKind.SPLIT)
_DIVIDEND_EVENT = int(EventKind.DIVIDEND)
_FUNDING_EVENT = int(EventKind.FUNDING)
_FX_EVENT = int(EventKind.FX)
_DEAL_EVENT = int(EventKind.DEAL)


@inlined
def _worth(n: int, p: Params, s: State) -> int:
    """Value of the position at the last price, settlement minor units."""
    return value(s.I[o.I_LOTS, n], s.I[o.I_LAST, n], p.J[o.J_NUM, n], p.J[o.J_DEN, n])


@compiled
def _carry(p: Params, s: State, out: Out) -> None:
    """Interest, borrow fees, and the sweep of foreign balances."""
    interest = int(np.rint(s.K[o.K_] * p.P[o.P_CASH_RATE]))
    if interest != 0:
        post(o.POSTING_INTEREST, 0, interest, -1, s, out)
    for n in range(s.F.shape[1]):
        if s.I[o.I_LOTS, n] < 0 and p.A[o.A_BORROW, n] > 0.0:
            yearly = abs(_worth(n, p, s)) * p.A[o.A_BORROW, n] * 1e-4
            fee = int(np.rint(yearly / p.P[o.P_SESSIONS_YEAR]))
            post(o.POSTING_BORROW, p.J[o.J_CURRENCY, n], -fee, n, s, out)
    for c in range(1, p.Q[o.Q_CURRENCIES]):
        balance = s.K[o.K_ + c]
        if balance != 0 and s.G[o.G_ + c] > 0.0:
            x = balance * s.G[o.G_ + c]
            received = int(np.rint(x - abs(x) * p.P[o.P_FX_SPREAD]))
            post(o.POSTING_FX, c, -balance, -1, s, out)
            post(o.POSTING_FX, 0, received, -1, s, out)


@compiled
def _delist(p: Params, s: State, out: Out) -> None:
    """Close positions in instruments that have not traded for several sessions."""
    for n in range(s.F.shape[1]):
        lots = s.I[o.I_LOTS, n]
        if lots == 0 or s.I[o.I_SEEN_BEFORE, n] == 1:
            s.I[o.I_MISSED, n] = 0
            continue
        s.I[o.I_MISSED, n] += 1
        if s.I[o.I_MISSED, n] < p.Q[o.Q_DELIST]:
            continue
        last = s.I[o.I_LAST, n]
        if lots > 0:
            ticks = floor(last * (1.0 - p.P[o.P_HAIRCUT]))
        else:
            ticks = ceil(last * (1.0 + p.P[o.P_HAIRCUT]))
        cancel_pending(n, s)
        book(n, -lots, ticks, last, 0, _DELISTED, p, s, out)


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
    s.I[o.I_PENDING, n] = 0
    for slot in range(0, s.pend.shape[0], o.PEND_):
        waiting = s.pend[slot, n]
        if waiting == 0:
            continue
        lots = abs(waiting) * a // b
        s.pend[slot, n] = lots if waiting > 0 else -lots
        for field in (o.PEND_LIMIT, o.PEND_STOP):
            s.pend[slot + field, n] = _rescale(s.pend[slot + field, n], a, b)
        s.I[o.I_PENDING, n] += s.pend[slot, n]
        if lots == 0:
            s.I[o.I_OPEN_ORDERS, n] -= 1
            s.K[o.K_PENDING] -= 1


@compiled
def _split_books(n: int, lots: int, a: int, b: int, p: Params, s: State) -> None:
    """Sub-books in new units, truncated; what is left over goes to the largest share."""
    rest, largest = lots, 0
    for k in range(p.Q[o.Q_STRATEGIES]):
        units = portion(s.I[o.I_BOOK + k, n], a, b) if lots != 0 else 0
        s.I[o.I_BOOK + k, n] = units
        rest -= units
        if s.SF[k * o.SF_ + o.SF_SHARE, n] > s.SF[largest * o.SF_ + o.SF_SHARE, n]:
            largest = k
    s.I[o.I_BOOK + largest, n] += rest


@compiled
def _split(n: int, a: int, b: int, p: Params, s: State, out: Out) -> None:
    """``a`` new units for ``b`` old ones, the fraction paid in cash."""
    old = s.I[o.I_LOTS, n]
    lots = abs(old) * a // b
    rest = abs(old) * a - lots * b
    if old < 0:
        lots, rest = -lots, -rest
    s.I[o.I_LOTS, n] = lots
    for field in (o.I_LAST, o.I_STOP, o.I_STOP_DIST, o.I_ORDER_STOP):
        s.I[field, n] = _rescale(s.I[field, n], a, b)
    cash = value(rest, s.I[o.I_LAST, n], p.J[o.J_NUM, n], p.J[o.J_DEN, n] * b)
    if cash != 0:
        post(o.POSTING_CASH_IN_LIEU, p.J[o.J_CURRENCY, n], cash, n, s, out)
        s.I[o.I_VALUE, n] -= cash
    _split_books(n, lots, a, b, p, s)
    if lots == 0 and old != 0:
        end_position(n, 1 if old > 0 else -1, s, out)
        s.I[o.I_VALUE, n] = 0
    _split_orders(n, a, b, s)
    for row in (o.F_AV, o.F_ADV, o.F_SESSION_VOLUME):
        s.F[row, n] *= a / b


@compiled
def apply_event(e: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """Section 2: one dated event."""
    kind, n, a, b, rate = x.ev[e, 1], x.ev[e, 2], x.ev[e, 3], x.ev[e, 4], x.ev_x[e]
    if kind == _FX_EVENT:
        scales = o.G_ + p.Q[o.Q_CURRENCIES] + 2 * p.Q[o.Q_STRATEGIES]
        s.G[o.G_ + n] = rate * s.G[scales + n]
        return
    currency, lots = p.J[o.J_CURRENCY, n], s.I[o.I_LOTS, n]
    if kind == _SPLIT_EVENT:
        _split(n, a, b, p, s, out)
    elif kind == _DIVIDEND_EVENT and lots != 0:
        amount = int(np.rint(lots * p.A[o.A_UNIT_AMOUNT, n] * rate))
        post(o.POSTING_DIVIDEND, currency, amount, n, s, out)
    elif kind == _FUNDING_EVENT and lots != 0:
        post(o.POSTING_FUNDING, currency, -int(np.rint(_worth(n, p, s) * rate)), n, s, out)
    elif kind == _DEAL_EVENT:
        cancel_pending(n, s)
        if lots != 0:
            book(n, -lots, a, a, 0, _DEAL, p, s, out)
