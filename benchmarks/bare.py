"""The floor: the same rule as a bare loop, with fills and fees and nothing else.

No limits, no risk estimates, no attribution, no exact ledger: what is left is
the least that any backtest of the rule must do. Sums of integer ticks are exact,
so its crossings are the reference for every side.
"""

import numpy as np
from numba import njit, prange

from benchmarks.market import F64, I64, TICK


@njit(cache=True, error_model="numpy")
def _column(
    opened: I64, close: I64, fast: int, slow: int, first: int, weight: float, fee: float,
    capital: float, equity: F64, trades: F64,
) -> int:  # fmt: skip
    """One instrument and one pair with cash of its own; returns the number of trades."""
    quick = whole = 0
    cash, lots, count, want = capital, 0, 0, False
    held = 0.0
    for t in range(len(close)):
        price = opened[t] * TICK
        if want and lots == 0 and count < len(trades):
            lots = int(held)
            cash -= lots * price * (1.0 + fee)
            trades[count, 0], trades[count, 1] = t, -1.0
            trades[count, 2], trades[count, 3], trades[count, 4] = lots, price, np.nan
        elif not want and lots != 0:
            cash += lots * price * (1.0 - fee)
            trades[count, 1], trades[count, 4] = t, price
            lots = 0
            count += 1
        quick += close[t] - (close[t - fast] if t >= fast else 0)
        whole += close[t] - (close[t - slow] if t >= slow else 0)
        equity[t] = cash + lots * close[t] * TICK
        want = t >= first and t >= slow - 1 and quick * slow > whole * fast
        held = weight * equity[t] / (close[t] * TICK)
    return count + (1 if lots != 0 else 0)


@njit(cache=True, error_model="numpy", parallel=True)
def sweep(
    opened: I64, close: I64, pairs: I64, first: int, weight: float, fee: float, capital: float
) -> tuple[F64, I64, F64]:
    """Every pair on one instrument.

    Args:
        opened, close: (T,) ticks.
        pairs: (K, 2) fast and slow windows.
        first: first row that may decide.
        weight: share of equity of a position.
        fee: fraction of notional.
        capital: at the start.

    Returns:
        (K, T) equity, (K,) numbers of trades, and (K, M, 5) trades: entry row,
        exit row, lots, entry and exit price.
    """
    equity = np.empty((len(pairs), len(close)))
    trades = np.empty((len(pairs), len(close) // 4 + 1, 5))
    counts = np.zeros(len(pairs), dtype=np.int64)
    for k in prange(len(pairs)):
        counts[k] = _column(
            opened, close, pairs[k, 0], pairs[k, 1], first, weight, fee, capital,
            equity[k], trades[k],
        )  # fmt: skip
    return equity, counts, trades


@njit(cache=True, error_model="numpy")
def single(
    opened: I64, close: I64, fast: int, slow: int, first: int, weight: float, fee: float,
    capital: float,
) -> tuple[F64, F64]:  # fmt: skip
    """One pair on one instrument: (T,) equity and (K, 5) trades, see `sweep`."""
    equity = np.empty(len(close))
    trades = np.empty((len(close) // 4 + 1, 5))
    count = _column(opened, close, fast, slow, first, weight, fee, capital, equity, trades)
    return equity, trades[:count].copy()


@njit(cache=True, error_model="numpy")
def panel(
    opened: I64, close: I64, fast: int, slow: int, first: int, weight: float, fee: float,
    capital: float,
) -> tuple[F64, F64]:  # fmt: skip
    """One pair on every column of (T, N) ticks, one account.

    Returns:
        (T,) equity and (K, 6) trades: column, then as `sweep`, by exit.
    """
    rows, columns = close.shape
    equity, trades = np.empty(rows), np.empty((rows * columns // 8 + columns, 6))
    quick, whole = np.zeros(columns, np.int64), np.zeros(columns, np.int64)
    lots, want = np.zeros(columns, np.int64), np.zeros(columns, np.int64)
    entry, paid = np.zeros(columns), np.zeros(columns)
    cash, count = capital, 0
    for t in range(rows):
        worth = 0
        for n in range(columns):
            price = opened[t, n] * TICK
            if want[n] != 0 and lots[n] == 0:
                lots[n] = want[n]
                cash -= lots[n] * price * (1.0 + fee)
                entry[n], paid[n] = t, price
            elif want[n] == 0 and lots[n] != 0:
                cash += lots[n] * price * (1.0 - fee)
                _note(trades[count], n, entry[n], t, lots[n], paid[n], price)
                lots[n] = 0
                count += 1
            quick[n] += close[t, n] - (close[t - fast, n] if t >= fast else 0)
            whole[n] += close[t, n] - (close[t - slow, n] if t >= slow else 0)
            worth += lots[n] * close[t, n]
        equity[t] = cash + worth * TICK
        for n in range(columns):
            long = t >= first and t >= slow - 1 and quick[n] * slow > whole[n] * fast
            want[n] = int(weight * equity[t] / (close[t, n] * TICK)) if long else 0
    for n in range(columns):
        if lots[n] != 0:
            _note(trades[count], n, entry[n], -1.0, lots[n], paid[n], np.nan)
            count += 1
    return equity, trades[:count].copy()


@njit(cache=True)
def _note(
    row: F64, n: int, entry: float, leave: float, lots: int, bought: float, sold: float
) -> None:
    row[0], row[1], row[2], row[3], row[4], row[5] = n, entry, leave, lots, bought, sold
