"""Orders and stops meet the bar (section 3)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.panel import CLOSE, HIGH, LOW, OPEN
from kedge.domain.reason import Reason
from kedge.execution.attribution import attribute
from kedge.execution.bar_fill import affordable, market_price, slip, volume_cap
from kedge.ledger.booking import book_fill

_STOP = int(Reason.STOP)
_CASH = int(Reason.CASH)
_LIMIT_MODE = 2
_CLOSE_MODE = 1


@compiled
def cancel_pending(n: int, I: np.ndarray, K: np.ndarray, pend: np.ndarray) -> None:  # noqa: E741
    """Cancel every pending order of an instrument."""
    for slot in range(pend.shape[0] // 3):
        pend[3 * slot, n] = 0
    K[o.K_PENDING] -= I[o.I_OPEN_ORDERS, n]
    I[o.I_OPEN_ORDERS, n] = 0
    I[o.I_PENDING, n] = 0


@compiled
def book(n, lots, ticks, base, fee, reason, J, Q, I, SF, K, fills, attr, trades, counts, scratch):  # type: ignore[no-untyped-def]  # noqa: E741
    """Book a fill everywhere it belongs: ledger, attribution, records."""
    num, den = J[o.J_NUM, n], J[o.J_DEN, n]
    worth = value(I[o.I_LOTS, n], base, num, den)
    notional, counts[2] = book_fill(
        n, lots, ticks, fee, K[o.K_ROW], J[o.J_CURRENCY, n], J, I, K, trades, counts[2]
    )
    after = value(I[o.I_LOTS, n], base, num, den)
    holding = worth - I[o.I_VALUE, n]
    slippage = after - worth - notional
    I[o.I_VALUE, n] = after
    S = Q[o.Q_STRATEGIES]
    attribute(n, lots, fee, holding, slippage, S, I, SF, attr[counts[0]], scratch)
    record = fills[counts[0]]
    record[o.FILL_ROW] = K[o.K_ROW]
    record[o.FILL_INSTRUMENT] = n
    record[o.FILL_LOTS] = lots
    record[o.FILL_TICKS] = ticks
    record[o.FILL_BASE] = base
    record[o.FILL_FEE] = fee
    record[o.FILL_NOTIONAL] = notional
    record[o.FILL_REASON] = reason
    record[o.FILL_PROFIT] = holding + slippage
    counts[0] += 1


@compiled
def total_cash(Q: np.ndarray, G: np.ndarray, K: np.ndarray) -> int:
    """All balances in reporting minor units."""
    total = K[o.K_]
    for c in range(1, Q[o.Q_CURRENCIES]):
        total += int(np.rint(K[o.K_ + c] * G[o.G_ + c]))
    return total


@compiled
def execute(
    n,
    want,
    base,
    limit,
    volume,
    reason,
    A,
    J,
    P,
    Q,
    F,
    I,
    SF,
    G,
    K,
    fills,
    attr,
    trades,
    counts,
    scratch,
    bound,
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Fill what the bar's volume and the cash allow of ``want`` signed lots."""
    side = 1 if want > 0 else -1
    lots = min(abs(want), volume_cap(P[o.P_PARTICIPATION], volume))
    if lots == 0:
        return
    rate = A[o.A_MAKER, n] if limit else A[o.A_TAKER, n]
    ticks = base if limit else market_price(base, side, slip(n, lots, A, F))
    covering = max(0, -I[o.I_LOTS, n])
    if side > 0 and lots > covering:
        unit = ticks * A[o.A_RATIO, n] * G[o.G_ + J[o.J_CURRENCY, n]]
        most = covering + affordable(total_cash(Q, G, K), unit, rate)
        if lots > most:
            lots = most
            bound[_CASH] += 1
            if lots == 0:
                return
    notional = value(lots, ticks, J[o.J_NUM, n], J[o.J_DEN, n])
    fee = int(np.rint(notional * rate))
    book(
        n,
        side * lots,
        ticks,
        base,
        fee,
        reason,
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
def fill_due(
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
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Rules 1 to 6: the orders due in this row, sells first; the rest is cancelled."""
    slot = K[o.K_ROW] % (pend.shape[0] // 3)
    mode = Q[o.Q_FILL]
    for side in (-1, 1):
        for n in range(F.shape[1]):
            want = pend[3 * slot, n]
            if want * side <= 0:
                continue
            pend[3 * slot, n] = 0
            I[o.I_PENDING, n] -= want
            I[o.I_OPEN_ORDERS, n] -= 1
            K[o.K_PENDING] -= 1
            if flags[t, n] & 3 != 3:
                continue
            base = bars[t, CLOSE if mode == _CLOSE_MODE else OPEN, n]
            limit = mode == _LIMIT_MODE
            if limit:
                base = pend[3 * slot + 1, n]
                through = bars[t, LOW, n] < base if side > 0 else bars[t, HIGH, n] > base
                if not through:
                    continue
            execute(
                n,
                want,
                base,
                limit,
                volume[t, n],
                pend[3 * slot + 2, n],
                A,
                J,
                P,
                Q,
                F,
                I,
                SF,
                G,
                K,
                fills,
                attr,
                trades,
                counts,
                scratch,
                bound,
            )


@compiled
def stop_out(
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
):  # type: ignore[no-untyped-def]  # noqa: E741
    """Rule 8: the protective stop was touched."""
    lots, stop, start = I[o.I_LOTS, n], I[o.I_STOP, n], bars[t, OPEN, n]
    base = min(start, stop) if lots > 0 else max(start, stop)
    I[o.I_LOCK, n] = 1 if lots > 0 else -1
    I[o.I_EXITING, n] = 1
    cancel_pending(n, I, K, pend)
    execute(
        n,
        -lots,
        base,
        False,
        volume[t, n],
        _STOP,
        A,
        J,
        P,
        Q,
        F,
        I,
        SF,
        G,
        K,
        fills,
        attr,
        trades,
        counts,
        scratch,
        bound,
    )


@inlined
def stop_touched(n: int, t: int, bars: np.ndarray, I: np.ndarray) -> bool:  # noqa: E741
    """Whether the bar touches the protective stop of a position."""
    lots = I[o.I_LOTS, n]
    if lots > 0:
        return bars[t, LOW, n] <= I[o.I_STOP, n]  # type: ignore[no-any-return]
    return lots < 0 and I[o.I_STOP, n] > 0 and bars[t, HIGH, n] >= I[o.I_STOP, n]
