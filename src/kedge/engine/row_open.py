"""What happens before a bar's orders: a new session, dated events (sections 1 and 2)."""

from math import ceil, floor

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from kedge.engine.row_fills import book, cancel_pending
from kedge.execution.attribution import proportion
from kedge.risk.estimates import (
    covariance,
    refresh_costs,
    regroup,
    session_returns,
    volatility_and_beta,
)

_DELISTED = int(Reason.DELISTED)
_DEAL = int(Reason.DEAL)
_SPLIT = int(EventKind.SPLIT)
_DIVIDEND = int(EventKind.DIVIDEND)
_FUNDING = int(EventKind.FUNDING)
_FX = int(EventKind.FX)
_DEAL_EVENT = int(EventKind.DEAL)


@compiled
def post(
    kind: int,
    currency: int,
    amount: int,
    n: int,
    K: np.ndarray,
    I: np.ndarray,
    posts: np.ndarray,
    counts: np.ndarray,
) -> None:  # noqa: E741
    """Book ``amount`` minor units of cash besides fills; ``n`` < 0 for none."""
    K[o.K_ + currency] += amount
    if n >= 0:
        I[o.I_TRADE_CASH, n] += amount
    record = posts[counts[1]]
    record[o.POST_ROW] = K[o.K_ROW]
    record[o.POST_KIND] = kind
    record[o.POST_CURRENCY] = currency
    record[o.POST_AMOUNT] = amount
    record[o.POST_INSTRUMENT] = n
    counts[1] += 1


@compiled
def _carry(A, J, P, Q, F, I, G, K, posts, counts):  # type: ignore[no-untyped-def]  # noqa: E741
    """Interest, borrow fees, and the sweep of foreign balances."""
    interest = int(np.rint(K[o.K_] * P[o.P_CASH_RATE]))
    if interest != 0:
        post(o.POSTING_INTEREST, 0, interest, -1, K, I, posts, counts)
    for n in range(F.shape[1]):
        if I[o.I_LOTS, n] < 0 and A[o.A_BORROW, n] > 0.0:
            worth = value(I[o.I_LOTS, n], I[o.I_LAST, n], J[o.J_NUM, n], J[o.J_DEN, n])
            fee = int(np.rint(abs(worth) * A[o.A_BORROW, n]))
            post(o.POSTING_BORROW, J[o.J_CURRENCY, n], -fee, n, K, I, posts, counts)
    for c in range(1, Q[o.Q_CURRENCIES]):
        balance = K[o.K_ + c]
        if balance != 0 and G[o.G_ + c] > 0.0:
            x = balance * G[o.G_ + c]
            received = int(np.rint(x - abs(x) * P[o.P_FX_SPREAD]))
            post(o.POSTING_FX, c, -balance, -1, K, I, posts, counts)
            post(o.POSTING_FX, 0, received, -1, K, I, posts, counts)


@compiled
def _delist(A, J, P, Q, F, I, SF, G, K, pend, fills, attr, trades, counts, scratch):  # type: ignore[no-untyped-def]  # noqa: E741
    """Close positions in instruments that have not traded for several sessions."""
    for n in range(F.shape[1]):
        lots = I[o.I_LOTS, n]
        if lots == 0 or I[o.I_SEEN_BEFORE, n] == 1:
            I[o.I_MISSED, n] = 0
            continue
        I[o.I_MISSED, n] += 1
        if I[o.I_MISSED, n] < Q[o.Q_DELIST]:
            continue
        last = I[o.I_LAST, n]
        if lots > 0:
            ticks = int(floor(last * (1.0 - P[o.P_HAIRCUT])))
        else:
            ticks = int(ceil(last * (1.0 + P[o.P_HAIRCUT])))
        cancel_pending(n, I, K, pend)
        book(
            n,
            -lots,
            ticks,
            last,
            0,
            _DELISTED,
            J,
            Q,
            I,
            SF,
            K,
            fills,
            attr,
            trades,
            counts,
            scratch,
        )


@compiled
def open_session(
    A, J, P, Q, F, I, SF, G, K, cov, scen, pend, fills, attr, posts, trades, counts, scratch
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Section 1: everything that happens once, at the first row of a session."""
    K[o.K_ENDED] += 1
    session_returns(F, I)
    covariance(P, F, I, K, cov, scen)
    volatility_and_beta(F, I, cov)
    regroup(P, Q, F, I, cov)
    refresh_costs(float(K[o.K_EQUITY]), A, P, F)
    _carry(A, J, P, Q, F, I, G, K, posts, counts)
    _delist(A, J, P, Q, F, I, SF, G, K, pend, fills, attr, trades, counts, scratch)
    K[o.K_OPENING] = K[o.K_EQUITY]


@inlined
def _resplit(ticks: int, a: int, b: int) -> int:
    if ticks == 0:
        return 0
    return max(1, int(np.rint(ticks * b / a)))


@compiled
def _split(n, a, b, J, Q, F, I, SF, K, pend, posts, counts, scratch):  # type: ignore[no-untyped-def]  # noqa: E741
    from_lots = I[o.I_LOTS, n]
    magnitude = abs(from_lots) * a
    lots = magnitude // b
    rest = magnitude - lots * b
    if from_lots < 0:
        lots, rest = -lots, -rest
    for field in (o.I_LAST, o.I_STOP, o.I_STOP_DIST, o.I_ORDER_STOP):
        I[field, n] = _resplit(I[field, n], a, b)
    I[o.I_LOTS, n] = lots
    cash = value(rest, I[o.I_LAST, n], J[o.J_NUM, n], J[o.J_DEN, n] * b)
    if cash != 0:
        post(o.POSTING_CASH_IN_LIEU, J[o.J_CURRENCY, n], cash, n, K, I, posts, counts)
        I[o.I_VALUE, n] -= cash
    S = Q[o.Q_STRATEGIES]
    for s in range(S):
        scratch[2, s] = I[o.I_BOOK + s, n]
    proportion(lots, scratch[2], S, scratch[0])
    for s in range(S):
        I[o.I_BOOK + s, n] = scratch[0, s] if lots != 0 else 0
    I[o.I_PENDING, n] = 0
    for slot in range(pend.shape[0] // 3):
        waiting = pend[3 * slot, n]
        if waiting != 0:
            scaled = abs(waiting) * a // b
            pend[3 * slot, n] = scaled if waiting > 0 else -scaled
            pend[3 * slot + 1, n] = _resplit(pend[3 * slot + 1, n], a, b)
            I[o.I_PENDING, n] += pend[3 * slot, n]
            if scaled == 0:
                I[o.I_OPEN_ORDERS, n] -= 1
                K[o.K_PENDING] -= 1
    ratio = a / b
    F[o.F_AV, n] *= ratio
    F[o.F_ADV, n] *= ratio
    F[o.F_SESSION_VOLUME, n] *= ratio


@compiled
def apply_event(
    e, ev, ev_x, A, J, Q, F, I, SF, G, K, pend, fills, attr, posts, trades, counts, scratch
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Section 2: one dated event."""
    kind, n, a, b, x = ev[e, 1], ev[e, 2], ev[e, 3], ev[e, 4], ev_x[e]
    if kind == _FX:
        G[o.G_ + n] = x * G[o.G_ + Q[o.Q_CURRENCIES] + 2 * Q[o.Q_STRATEGIES] + n]
        return
    currency, lots = J[o.J_CURRENCY, n], I[o.I_LOTS, n]
    if kind == _SPLIT:
        _split(n, a, b, J, Q, F, I, SF, K, pend, posts, counts, scratch)
    elif kind == _DIVIDEND and lots != 0:
        amount = int(np.rint(lots * A[o.A_UNIT_AMOUNT, n] * x))
        post(o.POSTING_DIVIDEND, currency, amount, n, K, I, posts, counts)
    elif kind == _FUNDING and lots != 0:
        worth = value(lots, I[o.I_LAST, n], J[o.J_NUM, n], J[o.J_DEN, n])
        post(o.POSTING_FUNDING, currency, -int(np.rint(worth * x)), n, K, I, posts, counts)
    elif kind == _DEAL_EVENT:
        cancel_pending(n, I, K, pend)
        if lots != 0:
            book(n, -lots, a, a, 0, _DEAL, J, Q, I, SF, K, fills, attr, trades, counts, scratch)
