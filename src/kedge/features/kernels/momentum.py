"""Momentum and oscillators: RSI, CCI, ADX, Aroon, stochastic and what follows from them."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import CLOSE, FORGOTTEN, Formula, KernelSpec, real, window


def wilder_memory(n: float) -> float:
    """Rows until the weight of an observation in Wilder's average is forgotten."""
    return n if n <= 1 else n + math.ceil(math.log(FORGOTTEN) / math.log1p(-1.0 / n))


@kernel
def rsi(x: F64, state: F64, params: F64, out: F64) -> None:
    """Wilder's averages of gains and losses, seeded with their first n-row means."""
    w = int(params[0])
    share, keep = 1.0 / w, 1.0 - 1.0 / w
    for n in range(x.shape[0]):
        seen, last = int(state[n, 0]), state[n, 1]
        gain, loss = state[n, 2], state[n, 3]
        for i in range(x.shape[1]):
            out[0, n, i] = np.nan
            v = x[n, i]
            if not math.isfinite(v):
                continue
            change = v - last
            last = v
            if seen == 0:
                seen = 1
                continue
            up, down = max(change, 0.0), max(-change, 0.0)
            if seen > w:
                gain = keep * gain + share * up
                loss = keep * loss + share * down
            else:
                gain += up * share
                loss += down * share
                seen += 1
            if seen > w:
                moved = gain + loss
                out[0, n, i] = 100.0 * gain / moved if moved > 0.0 else 50.0
        state[n, 0], state[n, 1] = seen, last
        state[n, 2], state[n, 3] = gain, loss


@kernel
def cci(high: F64, low: F64, close: F64, state: F64, params: F64, out: F64) -> None:
    """Typical price's distance from its mean in mean absolute deviations x 0.015."""
    w = int(params[0])
    for n in range(close.shape[0]):
        ring = state[n, 2:]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(close.shape[1]):
            out[0, n, i] = np.nan
            v = (high[n, i] + low[n, i] + close[n, i]) / 3.0
            if not math.isfinite(v):
                continue
            ring[pos] = v
            pos = pos + 1 if pos + 1 < w else 0
            if seen < w:
                seen += 1
            if seen < w:
                continue
            mean = spread = 0.0
            for j in range(w):
                mean += ring[j]
            mean /= w
            for j in range(w):
                spread += abs(ring[j] - mean)
            out[0, n, i] = (v - mean) / (0.015 * spread / w) if spread > 0.0 else 0.0
        state[n, 0], state[n, 1] = pos, seen


@kernel
def adx(high: F64, low: F64, close: F64, state: F64, params: F64, out: F64) -> None:
    """Directional movement: Wilder sums of +DM, -DM and TR; ADX averages their index."""
    w = int(params[0])
    keep = 1.0 - 1.0 / w
    for n in range(close.shape[0]):
        seen, hi, lo, last = int(state[n, 0]), state[n, 1], state[n, 2], state[n, 3]
        plus, minus, span, index = state[n, 4], state[n, 5], state[n, 6], state[n, 7]
        for i in range(close.shape[1]):
            out[0, n, i] = out[1, n, i] = out[2, n, i] = np.nan
            h, l, c = high[n, i], low[n, i], close[n, i]  # noqa: E741
            if not math.isfinite(h + l + c):
                continue
            up, down = h - hi, lo - l
            reach = max(h - l, abs(h - last), abs(l - last))
            hi, lo, last = h, l, c
            seen += 1 if seen <= 2 * w else 0
            if seen == 1:
                continue
            if seen > w:  # the first w - 1 changes only add up
                plus, minus, span = plus * keep, minus * keep, span * keep
            plus += up if up > down and up > 0.0 else 0.0
            minus += down if down > up and down > 0.0 else 0.0
            span += reach
            if seen <= w:
                continue
            both = plus + minus
            strength = 100.0 * abs(plus - minus) / both if both > 0.0 else 0.0
            if seen <= 2 * w:
                index += strength / w
            else:
                index += (strength - index) / w
            out[0, n, i] = index if seen >= 2 * w else np.nan
            out[1, n, i] = 100.0 * plus / span if span > 0.0 else 0.0
            out[2, n, i] = 100.0 * minus / span if span > 0.0 else 0.0
        state[n, 0], state[n, 1], state[n, 2], state[n, 3] = seen, hi, lo, last
        state[n, 4], state[n, 5], state[n, 6], state[n, 7] = plus, minus, span, index


@kernel
def aroon(high: F64, low: F64, state: F64, params: F64, out: F64) -> None:
    """How recent the extremes of the last n + 1 rows are, 100 = this row."""
    w = int(params[0])
    size = w + 1
    for n in range(high.shape[0]):
        tops, bottoms = state[n, 2 : 2 + size], state[n, 2 + size :]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(high.shape[1]):
            out[0, n, i] = out[1, n, i] = out[2, n, i] = np.nan
            h, l = high[n, i], low[n, i]  # noqa: E741
            if not math.isfinite(h + l):
                continue
            tops[pos], bottoms[pos] = h, l
            pos = pos + 1 if pos + 1 < size else 0
            if seen < size:
                seen += 1
            if seen < size:
                continue
            top, bottom, at_top, at_bottom = tops[pos], bottoms[pos], 0, 0
            for j in range(1, size):  # oldest to newest: the latest extreme wins
                k = pos + j if pos + j < size else pos + j - size
                if tops[k] >= top:
                    top, at_top = tops[k], j
                if bottoms[k] <= bottom:
                    bottom, at_bottom = bottoms[k], j
            out[0, n, i] = 100.0 * at_top / w
            out[1, n, i] = 100.0 * at_bottom / w
            out[2, n, i] = out[0, n, i] - out[1, n, i]
        state[n, 0], state[n, 1] = pos, seen


_RSI_ZONE = (window(14), real("low", 30, 0, 100), real("high", 70, 0, 100))

FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec(
        "rsi",
        rsi,
        "relative strength index; 50 where nothing moved",
        "Wilder 1978; TA-Lib RSI (which gives 0 where nothing moved)",
        series=(CLOSE,),
        params=(window(14),),
        state_size=lambda p: 4,
        warmup=lambda p: p[0],
        memory=lambda p: wilder_memory(p[0]) + 1,
    ),
    KernelSpec(
        "cci",
        cci,
        "commodity channel index",
        "Lambert 1980; TA-Lib CCI",
        fields=("high", "low", "close"),
        params=(window(20, low=2),),
        state_size=lambda p: 2 + int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
    KernelSpec(
        "adx",
        adx,
        "average directional index, +DI and -DI",
        "Wilder 1978; TA-Lib ADX, PLUS_DI, MINUS_DI",
        fields=("high", "low", "close"),
        outputs=("adx", "plus", "minus"),
        params=(window(14, low=2),),
        state_size=lambda p: 8,
        warmup=lambda p: 2 * p[0] - 1,
        memory=lambda p: 2 * wilder_memory(p[0]) + 1,
    ),
    KernelSpec(
        "aroon",
        aroon,
        "recency of the highest high and the lowest low",
        "Chande 1995; TA-Lib AROON, AROONOSC",
        fields=("high", "low"),
        outputs=("up", "down", "oscillator"),
        params=(window(14),),
        state_size=lambda p: 2 + 2 * (int(p[0]) + 1),
        warmup=lambda p: p[0],
        memory=lambda p: p[0] + 1,
    ),
    Formula(
        "momentum",
        "price change over n observations",
        "TA-Lib MOM",
        ("x - lag(x, n)",),
        series=(CLOSE,),
        params=(window(10),),
    ),
    Formula(
        "acceleration",
        "change of the n-row return over n observations",
        "returns(x, n)[t] - returns(x, n)[t-n]",
        ("diff(returns(x, n), n)",),
        series=(CLOSE,),
        params=(window(5),),
    ),
    Formula(
        "roc",
        "rate of change, percent",
        "TA-Lib ROC",
        ("100 * returns(x, n)",),
        series=(CLOSE,),
        params=(window(10),),
    ),
    Formula(
        "rsi_momentum",
        "change of the RSI over k observations",
        "rsi[t] - rsi[t-k]",
        ("diff(rsi(x, n), k)",),
        series=(CLOSE,),
        params=(window(14), window(3, "k")),
    ),
    Formula(
        "rsi_acceleration",
        "change of the RSI's momentum",
        "second difference of the RSI at step k",
        ("diff(rsi_momentum(x, n, k), k)",),
        series=(CLOSE,),
        params=(window(14), window(3, "k")),
    ),
    Formula(
        "rsi_zone",
        "1 overbought (above high), -1 oversold (below low), else 0",
        "Wilder 1978: 70 and 30",
        ("(rsi(x, n) > high) - (rsi(x, n) < low)",),
        series=(CLOSE,),
        params=_RSI_ZONE,
        increasing=("low", "high"),
    ),
    Formula(
        "ta_confidence",
        "how far price, averages, MACD and RSI agree on a direction, 0 to 1",
        "absolute mean of four votes of -1, 0 or 1",
        (
            "abs(sign(x - sma(x, short)) + sign(sma(x, short) - sma(x, long))"
            " + sign(macd(x, 12, 26, 9).hist) + sign(rsi(x, 14) - 50)) / 4",
        ),
        series=(CLOSE,),
        params=(window(20, "short"), window(50, "long")),
        increasing=("short", "long"),
    ),
    Formula(
        "stochastic",
        "position in the high-low channel, percent, smoothed twice",
        "Lane; TA-Lib STOCH; NaN where the channel has no width",
        (
            "sma(100 * (close - lowest(low, n)) / (highest(high, n) - lowest(low, n)), smooth)",
            "sma(stochastic(n, smooth, d).k, d)",
        ),
        outputs=("k", "d"),
        params=(window(14), window(3, "smooth"), window(3, "d")),
    ),
    Formula(
        "williams_r",
        "distance from the highest high in channel widths, -100 to 0",
        "Williams; TA-Lib WILLR; NaN where the channel has no width",
        ("-100 * (highest(high, n) - close) / (highest(high, n) - lowest(low, n))",),
        params=(window(14),),
    ),
)
