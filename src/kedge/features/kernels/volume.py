"""Volume: ratios and spikes, money flow, on-balance volume and average prices."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64, I64
from kedge.features.spec import VOLUME, Formula, KernelSpec, real, window


@kernel
def vwap(
    high: F64,
    low: F64,
    close: F64,
    volume: F64,
    session: I64,
    state: F64,
    params: F64,
    out: F64,
) -> None:
    """Volume-weighted typical price since the session began; NaN before any volume."""
    for n in range(close.shape[0]):
        started, current = state[n, 0], state[n, 1]
        value, total = state[n, 2], state[n, 3]
        for i in range(close.shape[1]):
            out[0, n, i] = np.nan
            price = (high[n, i] + low[n, i] + close[n, i]) / 3.0
            v = volume[n, i]
            if not math.isfinite(price + v):
                continue
            if started == 0.0 or current != session[i]:
                started, current, value, total = 1.0, float(session[i]), 0.0, 0.0
            value += price * v
            total += v
            if total > 0.0:
                out[0, n, i] = value / total
        state[n, 0], state[n, 1] = started, current
        state[n, 2], state[n, 3] = value, total


@kernel
def money_flow_volume(
    high: F64,
    low: F64,
    close: F64,
    volume: F64,
    state: F64,
    params: F64,
    out: F64,
) -> None:
    """Volume weighted by where the close lies in the range, -1 to 1; 0 without a range."""
    for n in range(close.shape[0]):
        for i in range(close.shape[1]):
            h, l, c = high[n, i], low[n, i], close[n, i]  # noqa: E741
            place = ((c - l) - (h - c)) / (h - l) if h != l else 0.0
            out[0, n, i] = place * volume[n, i] if c == c else np.nan


_TYPICAL = "(high + low + close) / 3"
_FLOW = f"{_TYPICAL} * volume"
_MOVE = f"diff({_TYPICAL}, 1)"

FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec(
        "vwap",
        vwap,
        "volume-weighted average price since the session's start",
        "sum(typical x volume) / sum(volume)",
        fields=("high", "low", "close", "volume", "session"),
        state_size=lambda p: 4,
        memory=lambda p: math.inf,
    ),
    KernelSpec(
        "money_flow_volume",
        money_flow_volume,
        "volume x close location value",
        "Chaikin",
        fields=("high", "low", "close", "volume"),
    ),
    Formula(
        "rolling_vwap",
        "volume-weighted average price of the last n",
        "sum(typical x volume) / sum(volume)",
        (f"sma({_FLOW}, n) / sma(volume, n)",),
        params=(window(20),),
    ),
    Formula(
        "volume_ratio",
        "volume over its n-row average",
        "volume / sma(volume, n)",
        ("x / sma(x, n)",),
        series=(VOLUME,),
        params=(window(20),),
    ),
    Formula(
        "volume_spike",
        "1 where volume exceeds k times the average of the n rows before",
        "volume > k * sma(volume, n)[t-1]",
        ("x > k * lag(sma(x, n), 1)",),
        series=(VOLUME,),
        params=(window(20), real("k", 2, 0.01, 1e6)),
    ),
    Formula(
        "volume_momentum",
        "relative change of volume over n observations",
        "volume[t] / volume[t-n] - 1",
        ("returns(x, n)",),
        series=(VOLUME,),
        params=(window(5),),
    ),
    Formula(
        "dollar_volume",
        "traded value, averaged over n: market activity",
        "sma(close x volume, n)",
        ("sma(close * volume, n)",),
        params=(window(20),),
    ),
    Formula(
        "obv",
        "on-balance volume since the first row, 0 before the first change",
        "Granville 1963; TA-Lib OBV less its first volume",
        ("cumulate(sign(diff(close, 1)) * volume)",),
    ),
    Formula(
        "mfi",
        "money flow index",
        "Quong and Soudack; TA-Lib MFI",
        (
            f"100 * sma({_FLOW} * ({_MOVE} > 0), n)"
            f" / (sma({_FLOW} * ({_MOVE} > 0), n) + sma({_FLOW} * ({_MOVE} < 0), n))",
        ),
        params=(window(14),),
    ),
    Formula(
        "ad_line",
        "accumulation/distribution line since the first row",
        "Chaikin; TA-Lib AD",
        ("cumulate(money_flow_volume())",),
    ),
    Formula(
        "chaikin_oscillator",
        "fast minus slow exponential average of the A/D line",
        "Chaikin; TA-Lib ADOSC, which seeds its averages with the first value",
        ("ema(ad_line(), fast) - ema(ad_line(), slow)",),
        params=(window(3, "fast"), window(10, "slow")),
        increasing=("fast", "slow"),
    ),
    Formula(
        "chaikin_money_flow",
        "money flow volume over volume, last n",
        "Chaikin",
        ("sma(money_flow_volume(), n) / sma(volume, n)",),
        params=(window(20),),
    ),
)
