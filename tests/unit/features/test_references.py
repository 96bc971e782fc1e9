"""Kernels against TA-Lib, statsmodels, scipy and the formulas of their papers."""

import numpy as np
import pytest
import talib
from scipy import stats
from statsmodels.tsa.stattools import acf

from unit.features.book_references import BOOK
from unit.features.worlds import ALL, DAY_NS, bars, value

BLOCK = bars(2, 1500, 11)
O, H, L, C, V = (getattr(BLOCK, k)[0] for k in ("open", "high", "low", "close", "volume"))  # noqa: E741 - the field's names

TALIB = {
    "sma(20)": lambda: talib.SMA(C, 20),
    "ema(20)": lambda: talib.EMA(C, 20),
    "wma(15)": lambda: talib.WMA(C, 15),
    "macd(12, 26, 9).line": lambda: talib.MACD(C)[0],
    "macd(12, 26, 9).signal": lambda: talib.MACD(C)[1],
    "macd(12, 26, 9).hist": lambda: talib.MACD(C)[2],
    "rsi(14)": lambda: talib.RSI(C, 14),
    "momentum(10)": lambda: talib.MOM(C, 10),
    "roc(10)": lambda: talib.ROC(C, 10),
    "cci(20)": lambda: talib.CCI(H, L, C, 20),
    "adx(14).adx": lambda: talib.ADX(H, L, C, 14),
    "adx(14).plus": lambda: talib.PLUS_DI(H, L, C, 14),
    "adx(14).minus": lambda: talib.MINUS_DI(H, L, C, 14),
    "aroon(14).up": lambda: talib.AROON(H, L, 14)[1],
    "aroon(14).down": lambda: talib.AROON(H, L, 14)[0],
    "aroon(14).oscillator": lambda: talib.AROONOSC(H, L, 14),
    "stochastic(14, 3, 3).k": lambda: talib.STOCH(H, L, C, 14, 3, 0, 3, 0)[0],
    "stochastic(14, 3, 3).d": lambda: talib.STOCH(H, L, C, 14, 3, 0, 3, 0)[1],
    "williams_r(14)": lambda: talib.WILLR(H, L, C, 14),
    "true_range()": lambda: talib.TRANGE(H, L, C),
    "atr(14)": lambda: talib.ATR(H, L, C, 14),
    "100 * atr_percent(14)": lambda: talib.NATR(H, L, C, 14),
    "bollinger(20, 2).upper": lambda: talib.BBANDS(C, 20)[0],
    "bollinger(20, 2).middle": lambda: talib.BBANDS(C, 20)[1],
    "bollinger(20, 2).lower": lambda: talib.BBANDS(C, 20)[2],
    "moments(30).deviation": lambda: talib.STDDEV(C, 30),
    "highest(20)": lambda: talib.MAX(H, 20),
    "lowest(20)": lambda: talib.MIN(L, 20),
    "donchian(20).middle": lambda: (talib.MAX(H, 20) + talib.MIN(L, 20)) / 2,
    "keltner(20, 10, 2).upper": lambda: talib.EMA(C, 20) + 2 * talib.ATR(H, L, C, 10),
    "keltner(20, 10, 2).lower": lambda: talib.EMA(C, 20) - 2 * talib.ATR(H, L, C, 10),
    "mfi(14)": lambda: talib.MFI(H, L, C, V, 14),
    "obv()": lambda: np.where(np.arange(len(C)) > 0, talib.OBV(C, V) - V[0], np.nan),
    "ad_line()": lambda: talib.AD(H, L, C, V),
}


@pytest.mark.parametrize("expression", TALIB)
def test_equals_talib(expression):
    own, reference = value(expression, BLOCK), TALIB[expression]()
    both = np.isfinite(reference)
    assert both.sum() > 1400
    # 1e-8 relative; the absolute part is for values that pass through zero
    np.testing.assert_allclose(own[both], reference[both], rtol=1e-8, atol=1e-8)


def test_chaikin_oscillator_meets_talib_once_the_other_seed_is_forgotten():
    own, reference = value("chaikin_oscillator(3, 10)", BLOCK), talib.ADOSC(H, L, C, V, 3, 10)
    np.testing.assert_allclose(own[300:], reference[300:], rtol=1e-8, atol=1e-6)


def rolling(function, n, *series):
    """A window function applied the slow way; NaN until n values are there."""
    out = np.full(len(series[0]), np.nan)
    for i in range(n - 1, len(out)):
        window = [s[i - n + 1 : i + 1] for s in series]
        out[i] = function(*window) if all(np.isfinite(w).all() for w in window) else np.nan
    return out


R = np.concatenate([[np.nan], np.diff(np.log(C))])
S = np.concatenate([[np.nan], C[1:] / C[:-1] - 1])
M = np.concatenate([[np.nan], (BLOCK.close[:, 1:] / BLOCK.close[:, :-1] - 1).mean(axis=0)])
GAP = np.concatenate([[np.nan], np.log(O[1:] / C[:-1])])
TYPICAL = (H + L + C) / 3


def garman_klass(o, h, low, c):
    daily = 0.5 * np.log(h / low) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2
    return np.sqrt(daily.mean())


def yang_zhang(gap, o, h, low, c):
    n = len(o)
    u, d, k = np.log(h / o), np.log(low / o), np.log(c / o)
    rogers_satchell = (u * (u - k) + d * (d - k)).mean()
    share = 0.34 / (1.34 + (n + 1) / (n - 1))
    open_close = share * k.var(ddof=1) + (1 - share) * rogers_satchell
    return np.sqrt(gap.var(ddof=1) + open_close)


def flow(high, low, close, volume):
    return (((close - low) - (high - close)) / (high - low) * volume).sum() / volume.sum()


SLOW = {
    "volatility(20)": lambda: rolling(lambda r: r.std(ddof=1), 20, R),
    "realized_volatility(20)": lambda: rolling(lambda r: np.sqrt((r**2).mean()), 20, R),
    "parkinson(20)": lambda: rolling(
        lambda h, low: np.sqrt((np.log(h / low) ** 2).mean() / (4 * np.log(2))), 20, H, L
    ),
    "garman_klass(20)": lambda: rolling(garman_klass, 20, O, H, L, C),
    "yang_zhang(20)": lambda: rolling(yang_zhang, 20, GAP, O, H, L, C),
    "zscore(20)": lambda: rolling(lambda c: stats.zscore(c)[-1], 20, C),
    "skew(log_returns(1), 40)": lambda: rolling(stats.skew, 40, R),
    "kurtosis(log_returns(1), 40)": lambda: rolling(stats.kurtosis, 40, R),
    "autocorrelation(log_returns(1), 40, 3)": lambda: rolling(
        lambda r: acf(r, nlags=3, adjusted=False)[3], 40, R
    ),
    "correlation(returns(1), market(returns(1)), 30)": lambda: rolling(
        lambda x, y: np.corrcoef(x, y)[0, 1], 30, S, M
    ),
    "beta(returns(1), market(returns(1)), 30)": lambda: rolling(
        lambda x, y: stats.linregress(y, x).slope, 30, S, M
    ),
    "rolling_vwap(20)": lambda: rolling(lambda p, v: np.average(p, weights=v), 20, TYPICAL, V),
    "volume_ratio(20)": lambda: rolling(lambda v: v[-1] / v.mean(), 20, V),
    "volume_spike(20, 2)": lambda: rolling(lambda v: float(v[-1] > 2 * v[:-1].mean()), 21, V),
    "chaikin_money_flow(20)": lambda: rolling(flow, 20, H, L, C, V),
    "rolling_scale(close, 20)": lambda: rolling(
        lambda c: (c[-1] - c[:-1].mean()) / c[:-1].std(ddof=1), 21, C
    ),
}


def back(series, k):
    """The series k rows ago."""
    return np.concatenate([np.full(k, np.nan), series[:-k]])


def crossings(short, long):
    side = np.sign(talib.SMA(C, short) - talib.SMA(C, long))
    return (side - back(side, 1)) / 2


def votes():
    short, long = talib.SMA(C, 20), talib.SMA(C, 50)
    parts = (C - short, short - long, talib.MACD(C)[2], talib.RSI(C, 14) - 50)
    return np.abs(sum(np.sign(p) for p in parts)) / 4


PLAIN = {
    "lag(close, 5)": lambda: back(C, 5),
    "cumulate(volume)": lambda: np.cumsum(V),
    "diff(close, 3)": lambda: C - back(C, 3),
    "returns(4)": lambda: C / back(C, 4) - 1,
    "log_returns(4)": lambda: np.log(C) - np.log(back(C, 4)),
    "price_position(20)": lambda: C / talib.SMA(C, 20) - 1,
    "sma_ratio(10, 50)": lambda: talib.SMA(C, 10) / talib.SMA(C, 50) - 1,
    "crossover(10, 50)": lambda: crossings(10, 50),
    "acceleration(5)": lambda: C / back(C, 5) - back(C, 5) / back(C, 10),
    "rsi_momentum(14, 3)": lambda: talib.RSI(C) - back(talib.RSI(C), 3),
    "rsi_acceleration(14, 3)": lambda: (
        talib.RSI(C) - 2 * back(talib.RSI(C), 3) + back(talib.RSI(C), 6)
    ),
    "rsi_zone(14, 40, 60)": lambda: np.select(
        [np.isnan(talib.RSI(C)), talib.RSI(C) > 60, talib.RSI(C) < 40], [np.nan, 1.0, -1.0], 0.0
    ),
    "ta_confidence(20, 50)": votes,
    "volatility_ratio(10, 60)": lambda: (
        rolling(lambda r: r.std(ddof=1), 10, R) / rolling(lambda r: r.std(ddof=1), 60, R)
    ),
    "normalized_returns(5, 60)": lambda: (
        (np.log(C) - np.log(back(C, 5))) / (rolling(lambda r: r.std(ddof=1), 60, R) * np.sqrt(5))
    ),
    "std(20)": lambda: rolling(lambda c: c.std(ddof=1), 20, C),
    "shape(close, 30).kurtosis": lambda: rolling(stats.kurtosis, 30, C),
    "pair(close, volume, 30).correlation": lambda: talib.CORREL(C, V, 30),
    "money_flow_volume()": lambda: ((C - L) - (H - C)) / (H - L) * V,
    "volume_momentum(5)": lambda: V / back(V, 5) - 1,
    "dollar_volume(20)": lambda: talib.SMA(C * V, 20),
    "abs(returns(1))": lambda: np.abs(S),
    "sign(returns(1))": lambda: np.sign(S),
    "sqrt(volume)": lambda: np.sqrt(V),
    "log(volume)": lambda: np.log(V),
    "min(open, close)": lambda: np.where(O < C, O, C),
    "max(open, close)": lambda: np.where(O > C, O, C),
    "clip(returns(1), -0.01, 0.01)": lambda: np.clip(S, -0.01, 0.01),
    "close > open": lambda: (C > O).astype(float),
    "close <= open": lambda: (C <= O).astype(float),
}


@pytest.mark.parametrize("expression", PLAIN)
def test_equals_its_definition(expression):
    own, reference = value(expression, BLOCK), PLAIN[expression]()
    assert np.isnan(own).sum() <= np.isnan(reference).sum() + 1
    both = np.isfinite(reference)
    np.testing.assert_allclose(own[both], reference[both], rtol=1e-8, atol=1e-10)


def test_every_feature_is_compared_with_something_independent():
    named = {text.split("(")[0].removeprefix("100 * ") for text in [*TALIB, *SLOW, *PLAIN, *BOOK]}
    elsewhere = {"chaikin_oscillator", "expanding_scale", "vwap", "rank", "market"}
    elsewhere |= {"hour", "day_of_week", "weekend", "session_phase"}
    assert set(ALL) - named == elsewhere


@pytest.mark.parametrize("expression", SLOW)
def test_equals_the_formula_computed_the_slow_way(expression):
    np.testing.assert_allclose(value(expression, BLOCK), SLOW[expression](), rtol=1e-8, atol=1e-10)


def test_expanding_scale_uses_all_rows_before_and_none_other():
    own = value("expanding_scale(close, 30)", BLOCK)
    slow = [(C[i] - C[:i].mean()) / C[:i].std(ddof=1) for i in range(30, len(C))]
    assert np.isnan(own[:30]).all()
    np.testing.assert_allclose(own[30:], slow, rtol=1e-8)


def test_vwap_starts_afresh_with_each_session():
    own = value("vwap()", BLOCK)
    for session in np.unique(BLOCK.session):
        rows = np.flatnonzero(BLOCK.session == session)
        paid, traded = np.cumsum(TYPICAL[rows] * V[rows]), np.cumsum(V[rows])
        np.testing.assert_allclose(own[rows], paid / traded, rtol=1e-12)


def test_rank_is_the_midrank_among_the_others():
    block = bars(5, 40, 3)
    own = run_all("rank(close)", block)
    expected = (stats.rankdata(block.close, axis=0) - 1) / 4
    np.testing.assert_allclose(own, expected, rtol=1e-12)


def test_the_market_is_the_mean_of_those_present():
    block = bars(5, 40, 3, masked=0.3)
    present = np.isfinite(block.close).any(axis=0)
    own = run_all("market(close)", block)[:, present]
    expected = np.nanmean(block.close[:, present], axis=0)
    np.testing.assert_allclose(own, np.tile(expected, (5, 1)), rtol=1e-12)


def run_all(expression, block):
    from kedge.features.plan import FeaturePlan

    n = len(block.close)
    plan = FeaturePlan.build([expression], n, DAY_NS // 288, [f"S{i}" for i in range(n)])
    out = np.empty((block.rows, n, 1))
    plan.advance(plan.new_state(), block, out)
    return out[:, :, 0].T


def test_calendar_features_agree_with_datetime():
    from datetime import UTC, datetime

    moments = [datetime.fromtimestamp(t / 1e9, UTC) for t in BLOCK.ts]
    assert value("hour()", BLOCK).tolist() == [m.hour for m in moments]
    assert value("day_of_week()", BLOCK).tolist() == [m.weekday() for m in moments]
    assert value("weekend()", BLOCK).tolist() == [float(m.weekday() >= 5) for m in moments]
    phase = value("session_phase()", BLOCK)
    assert phase[0] == pytest.approx(1 / 288)
    assert phase[287] == 1.0


def test_flat_prices_give_defined_or_masked_values_never_rubbish():
    block = bars(1, 60, 5)
    for series in (block.open, block.high, block.low, block.close):
        series[:] = 123.456789
    assert (value("rsi(14)", block)[14:] == 50.0).all()
    assert (value("moments(20).deviation", block)[19:] == 0.0).all()
    assert np.isnan(value("zscore(20)", block)).all()
    assert (value("cci(20)", block)[19:] == 0.0).all()
    assert np.isnan(value("williams_r(14)", block)).all()
