"""Volatility: true range, ATR, bands, and estimators from open, high, low and close."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.kernels.momentum import wilder_memory
from kedge.features.spec import CLOSE, Formula, KernelSpec, real, window


@kernel
def true_range(high: F64, low: F64, close: F64, state: F64, params: F64, out: F64) -> None:
    """The row's range, extended to the close before."""
    for n in range(close.shape[0]):
        seen, last = state[n, 0], state[n, 1]
        for i in range(close.shape[1]):
            out[0, n, i] = np.nan
            h, l, c = high[n, i], low[n, i], close[n, i]  # noqa: E741
            if not math.isfinite(h + l + c):
                continue
            if seen > 0.0:
                out[0, n, i] = max(h - l, abs(h - last), abs(l - last))
            seen, last = 1.0, c
        state[n, 0], state[n, 1] = seen, last


@kernel
def atr(high: F64, low: F64, close: F64, state: F64, params: F64, out: F64) -> None:
    """Wilder's average of the true range, seeded with its first n-row mean."""
    w = int(params[0])
    share, keep = 1.0 / w, 1.0 - 1.0 / w
    for n in range(close.shape[0]):
        seen, last, value = int(state[n, 0]), state[n, 1], state[n, 2]
        for i in range(close.shape[1]):
            out[0, n, i] = np.nan
            h, l, c = high[n, i], low[n, i], close[n, i]  # noqa: E741
            if not math.isfinite(h + l + c):
                continue
            reach = max(h - l, abs(h - last), abs(l - last))
            last = c
            if seen > w:
                value = keep * value + share * reach
            elif seen > 0:
                value += reach * share
            if seen <= w:
                seen += 1
            if seen > w:
                out[0, n, i] = value
        state[n, 0], state[n, 1], state[n, 2] = seen, last, value


_N = (window(20, low=2),)
_HLC = ("high", "low", "close")
_MEAN_SQUARE = "sqrt(sma({0}, n))"
_GK = (
    "0.5 * log(high / low) * log(high / low)"
    " - 0.38629436111989057 * log(close / open) * log(close / open)"
)
_RS = "log(high / close) * log(high / open) + log(low / close) * log(low / open)"
_K = "0.34 / (1.34 + (n + 1) / (n - 1))"
_YZ = (
    "sqrt(std(log(open / lag(close, 1)), n) * std(log(open / lag(close, 1)), n)"
    f" + {_K} * std(log(close / open), n) * std(log(close / open), n)"
    f" + (1 - {_K}) * sma({_RS}, n))"
)

FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec(
        "true_range",
        true_range,
        "range of the row including the gap from the close before",
        "Wilder 1978; TA-Lib TRANGE",
        fields=_HLC,
        state_size=lambda p: 2,
        warmup=lambda p: 1,
        memory=lambda p: 2,
    ),
    KernelSpec(
        "atr",
        atr,
        "average true range, price units",
        "Wilder 1978; TA-Lib ATR",
        fields=_HLC,
        params=(window(14),),
        state_size=lambda p: 3,
        warmup=lambda p: p[0],
        memory=lambda p: wilder_memory(p[0]) + 1,
    ),
    Formula(
        "atr_percent",
        "average true range as a fraction of the price",
        "TA-Lib NATR / 100",
        ("atr(n) / close",),
        params=(window(14),),
    ),
    Formula(
        "volatility",
        "sample standard deviation of log returns, per row",
        "close-to-close estimator",
        ("std(log_returns(x, 1), n)",),
        series=(CLOSE,),
        params=_N,
    ),
    Formula(
        "realized_volatility",
        "root mean square of log returns, per row",
        "Andersen and Bollerslev 1998",
        (_MEAN_SQUARE.format("log_returns(x, 1) * log_returns(x, 1)"),),
        series=(CLOSE,),
        params=(window(20),),
    ),
    Formula(
        "parkinson",
        "range volatility, per row",
        "Parkinson 1980: mean of log(high/low)^2 / (4 log 2)",
        (_MEAN_SQUARE.format("log(high / low) * log(high / low) / 2.772588722239781"),),
        params=(window(20),),
    ),
    Formula(
        "garman_klass",
        "open-high-low-close volatility, per row; NaN where the estimate is negative",
        "Garman and Klass 1980, practical form",
        (_MEAN_SQUARE.format(_GK),),
        params=(window(20),),
    ),
    Formula(
        "yang_zhang",
        "drift-independent volatility with overnight gaps, per row",
        "Yang and Zhang 2000, k = 0.34 / (1.34 + (n + 1) / (n - 1))",
        (_YZ,),
        params=_N,
    ),
    Formula(
        "normalized_returns",
        "n-row log return in standard deviations of an n-row return",
        "log_returns(x, n) / (volatility(x, m) sqrt(n))",
        ("log_returns(x, n) / (volatility(x, m) * sqrt(n))",),
        series=(CLOSE,),
        params=(window(5), window(60, "m", 2)),
    ),
    Formula(
        "volatility_ratio",
        "current over historical volatility",
        "volatility(x, short) / volatility(x, long)",
        ("volatility(x, short) / volatility(x, long)",),
        series=(CLOSE,),
        params=(window(10, "short", 2), window(60, "long", 2)),
        increasing=("short", "long"),
    ),
    Formula(
        "bollinger",
        "mean and k population standard deviations around it; width and position",
        "Bollinger; TA-Lib BBANDS",
        (
            "moments(x, n).mean + k * moments(x, n).deviation",
            "moments(x, n).mean",
            "moments(x, n).mean - k * moments(x, n).deviation",
            "2 * k * moments(x, n).deviation / moments(x, n).mean",
            "0.5 + zscore(x, n) / (2 * k)",
        ),
        series=(CLOSE,),
        outputs=("upper", "middle", "lower", "width", "percent"),
        params=(window(20, low=2), real("k", 2, 0.01, 100)),
    ),
    Formula(
        "keltner",
        "exponential average and k average true ranges around it",
        "Keltner, in Raschke's form",
        ("ema(close, n) + k * atr(m)", "ema(close, n)", "ema(close, n) - k * atr(m)"),
        outputs=("upper", "middle", "lower"),
        params=(window(20), window(10, "m"), real("k", 2, 0.01, 100)),
    ),
)
