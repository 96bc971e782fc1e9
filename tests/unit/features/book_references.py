"""Microstructure features computed by hand, from one instrument's inputs in polars."""

import numpy as np
import polars as pl
from scipy import stats

from kedge.domain import micro as m
from unit.features.worlds import batches


def frame(inputs: np.ndarray) -> pl.DataFrame:
    """The inputs of one instrument, (K, B), as columns."""
    return pl.DataFrame({name: inputs[k] for k, name in enumerate(m.NAMES)}, nan_to_null=True)


BID, ASK, QB, QA = (pl.col(name) for name in ("bid", "ask", "bid_size", "ask_size"))
MID = BID / 2 + ASK / 2
WEIGHT = QB / (QB + QA)
QUEUE = WEIGHT - (1 - WEIGHT)
SPREAD = pl.col("mean_spread") / MID * 1e4
DEPTH = pl.col("bid_depth") + pl.col("ask_depth")
MEAN_DEPTH = pl.col("mean_bid_depth") + pl.col("mean_ask_depth")


def total(name: str, n: int) -> pl.Expr:
    return pl.col(name).rolling_sum(n)


def slope(x: pl.Expr, y: pl.Expr, n: int) -> pl.Expr:
    return pl.rolling_cov(x, y, window_size=n) / x.rolling_var(n)


FORMULAS: dict[str, pl.Expr] = {
    "mid()": MID,
    "microprice()": WEIGHT * ASK + (1 - WEIGHT) * BID,
    "microprice_deviation()": (WEIGHT - 0.5) * (ASK - BID) / MID * 1e4,
    "mid_move()": (MID / pl.col("open_mid") - 1) * 1e4,
    "imbalance()": QUEUE,
    "imbalance_momentum(5)": QUEUE - QUEUE.shift(5),
    "imbalance_deviation(20)": QUEUE - QUEUE.rolling_mean(20),
    "spread_bps()": (ASK / MID - BID / MID) * 1e4,
    "mean_spread_bps()": SPREAD,
    "spread_zscore(30)": (SPREAD - SPREAD.rolling_mean(30)) / SPREAD.rolling_std(30, ddof=0),
    "depth()": DEPTH,
    "depth_ratio()": pl.col("bid_depth") / pl.col("ask_depth"),
    "depth_imbalance()": 2 * pl.col("bid_depth") / DEPTH - 1,
    "relative_depth(20)": MEAN_DEPTH / MEAN_DEPTH.rolling_mean(20),
    "resilience(20)": total("depth_regained", 20) / total("depth_fallen", 20),
    "depth_reversion(30)": -slope(DEPTH.shift(1), DEPTH.diff(), 30),
    "ofi(7)": total("order_flow", 7),
    "relative_ofi(7)": total("order_flow", 7) / (MEAN_DEPTH.rolling_mean(7) / 2),
    "trade_flow(20)": (total("bought", 20) - total("sold", 20)) / total("traded", 20),
    "trade_intensity(20)": total("trades", 20) / total("seconds", 20),
    "update_intensity(20)": total("book_updates", 20) / total("seconds", 20),
    "ratio_of_sums(trades, traded, 9)": total("trades", 9) / total("traded", 9),
}


def _slope(q: np.ndarray, y: np.ndarray, mid: float) -> float:
    return stats.linregress(q, y).slope


REGRESSIONS = {
    "pooled_slope(12)": _slope,
    "kyle_lambda(12)": _slope,
    "root_lambda(12)": lambda q, y, mid: _slope(np.sign(q) * np.sqrt(np.abs(q)), y, mid),
    "price_impact(12)": lambda q, y, mid: _slope(q, y, mid) * np.abs(q).mean() / mid * 1e4,
}
"""Figures of the batches of the last 12 rows and the mid, each by a regression of its own."""

BOOK = (*FORMULAS, *REGRESSIONS)


def expected(expression: str, inputs: np.ndarray, seed: int) -> np.ndarray:
    """The reference for the first of the two instruments of a seed's world, (B,)."""
    if expression in FORMULAS:
        return frame(inputs).select(FORMULAS[expression]).to_series().to_numpy()
    flow, move = (each[0] for each in batches((2, inputs.shape[1]), seed))
    out = np.full(len(flow), np.nan)
    mid = (inputs[m.BID] + inputs[m.ASK]) / 2
    for i in range(11, len(out)):
        rows = slice(i - 11, i + 1)
        out[i] = REGRESSIONS[expression](flow[rows].ravel(), move[rows].ravel(), mid[i])
    return out
