"""Booking a fill: position, cash, protective stop and the trade it belongs to."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import compiled


@compiled
def _close_trade(
    n: int, row: int, side: int, I: np.ndarray, K: np.ndarray, trades: np.ndarray, count: int
) -> int:  # noqa: E741
    profit = I[o.I_TRADE_CASH, n]
    record = trades[count]
    record[o.TRADE_INSTRUMENT] = n
    record[o.TRADE_OPEN] = I[o.I_TRADE_ROW, n]
    record[o.TRADE_CLOSE] = row
    record[o.TRADE_SIDE] = side
    record[o.TRADE_PROFIT] = profit
    record[o.TRADE_NOTIONAL] = I[o.I_TRADE_NOTIONAL, n]
    record[o.TRADE_FEES] = I[o.I_TRADE_FEES, n]
    K[o.K_LOSSES] = K[o.K_LOSSES] + 1 if profit < 0 else 0
    I[o.I_TRADE_CASH, n] = 0
    I[o.I_TRADE_NOTIONAL, n] = 0
    I[o.I_TRADE_FEES, n] = 0
    return count + 1


@compiled
def _part(
    n: int,
    row: int,
    before: int,
    notional: int,
    fee: int,
    I: np.ndarray,
    adds: bool,  # noqa: E741
) -> None:
    if before == 0:
        I[o.I_TRADE_ROW, n] = row
    I[o.I_TRADE_CASH, n] -= notional + fee
    I[o.I_TRADE_FEES, n] += fee
    if adds:
        I[o.I_TRADE_NOTIONAL, n] += abs(notional)


@compiled
def book_fill(
    n: int,
    lots: int,
    ticks: int,
    fee: int,
    row: int,
    currency: int,
    J: np.ndarray,
    I: np.ndarray,  # noqa: E741
    K: np.ndarray,
    trades: np.ndarray,
    count: int,
) -> tuple[int, int]:
    """Book signed ``lots`` at ``ticks`` with ``fee`` minor units.

    Returns:
        ``(notional, trade count)``; the notional carries the sign of ``lots``.
    """
    notional = value(lots, ticks, J[o.J_NUM, n], J[o.J_DEN, n])
    before = I[o.I_LOTS, n]
    after = before + lots
    K[o.K_ + currency] -= notional + fee
    I[o.I_LOTS, n] = after
    if before * after < 0:
        closing = value(-before, ticks, J[o.J_NUM, n], J[o.J_DEN, n])
        closing_fee = int(fee * (abs(before) / abs(lots)))
        _part(n, row, before, closing, closing_fee, I, False)
        count = _close_trade(n, row, 1 if before > 0 else -1, I, K, trades, count)
        _part(n, row, 0, notional - closing, fee - closing_fee, I, True)
    else:
        _part(n, row, before, notional, fee, I, abs(after) > abs(before))
        if after == 0:
            count = _close_trade(n, row, 1 if before > 0 else -1, I, K, trades, count)
    _place_stop(n, before, after, ticks, I)
    return notional, count


@compiled
def _place_stop(n: int, before: int, after: int, ticks: int, I: np.ndarray) -> None:  # noqa: E741
    """The one protective stop of the net position: placed, tightened, or gone."""
    if after == 0:
        I[o.I_STOP, n] = 0
        I[o.I_STOP_DIST, n] = 0
        I[o.I_EXITING, n] = 0
        return
    same = before * after > 0
    if same and abs(after) <= abs(before):
        return
    side = 1 if after > 0 else -1
    distance = I[o.I_ORDER_STOP, n]
    stop = ticks - side * distance
    if same and I[o.I_STOP, n] > 0:
        stop = max(stop, I[o.I_STOP, n]) if side > 0 else min(stop, I[o.I_STOP, n])
    I[o.I_STOP, n] = max(stop, 1)
    I[o.I_STOP_DIST, n] = distance
    if not same:
        I[o.I_EXITING, n] = 0
