"""Order book and trades: imbalance, spread, depth, resilience, flow and price impact.

All read the inputs of `kedge.domain.micro`; data without them gives NaN everywhere.
"""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import Formula, KernelSpec, Series, X, Y, window

_NOISE = 1e-12  # a spread of x below this share of its squares is rounding, so zero


@kernel
def ratio_of_sums(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """Sum of x over sum of y, both over the last n, summed anew each row."""
    w = int(params[0])
    for n in range(x.shape[0]):
        xs, ys = state[n, 2 : 2 + w], state[n, 2 + w :]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(x.shape[1]):
            out[0, n, i] = np.nan
            if not math.isfinite(x[n, i] + y[n, i]):
                continue
            xs[pos], ys[pos] = x[n, i], y[n, i]
            pos = pos + 1 if pos + 1 < w else 0
            if seen < w:
                seen += 1
            if seen < w:
                continue
            sx = sy = 0.0
            for j in range(w):
                sx += xs[j]
                sy += ys[j]
            if sy != 0.0:
                out[0, n, i] = sx / sy
        state[n, 0], state[n, 1] = pos, seen


@kernel
def pooled_slope(
    count: F64, x: F64, y: F64, xx: F64, xy: F64, state: F64, params: F64, out: F64
) -> None:
    """Slope of y on x with an intercept, from sums by row over the last n.

    ``(N sum xy - sum x sum y) / (N sum xx - (sum x)^2)``; NaN where x does not vary.
    """
    w = int(params[0])
    for n in range(x.shape[0]):
        ring = state[n, 2:].reshape(w, 5)
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(x.shape[1]):
            out[0, n, i] = np.nan
            row = (count[n, i], x[n, i], y[n, i], xx[n, i], xy[n, i])
            if not math.isfinite(row[0] + row[1] + row[2] + row[3] + row[4]):
                continue
            for k in range(5):
                ring[pos, k] = row[k]
            pos = pos + 1 if pos + 1 < w else 0
            if seen < w:
                seen += 1
            if seen < w:
                continue
            c = sx = sy = sxx = sxy = 0.0
            for j in range(w):
                c += ring[j, 0]
                sx += ring[j, 1]
                sy += ring[j, 2]
                sxx += ring[j, 3]
                sxy += ring[j, 4]
            spread = c * sxx - sx * sx
            if spread > _NOISE * c * sxx:
                out[0, n, i] = (c * sxy - sx * sy) / spread
        state[n, 0], state[n, 1] = pos, seen


_SUMS = (
    Series("count", "impact_count"),
    Series("x", "impact_flow"),
    Series("y", "impact_move"),
    Series("xx", "impact_flow_flow"),
    Series("xy", "impact_flow_move"),
)
_ROOT_SUMS = "impact_count, impact_root, impact_move, impact_size, impact_root_move"

_BOOK: tuple[Formula, ...] = (
    Formula("mid", "middle of best bid and ask", "(bid + ask) / 2", ("(bid + ask) / 2",)),
    Formula(
        "microprice",
        "mid weighted by the size on the other side",
        "Stoikov 2018, simple weighted form: (bid x ask size + ask x bid size) / sizes",
        ("(bid * ask_size + ask * bid_size) / (bid_size + ask_size)",),
    ),
    Formula(
        "microprice_deviation",
        "micro-price from the mid, bps",
        "10000 (microprice / mid - 1)",
        ("10000 * (microprice() - mid()) / mid()",),
    ),
    Formula(
        "mid_move",
        "change of the mid inside the row, bps",
        "10000 (mid / open_mid - 1)",
        ("10000 * (mid() - open_mid) / open_mid",),
    ),
    Formula(
        "imbalance",
        "order-book imbalance: bid less ask size over both, -1 to 1",
        "Gould and Bonart 2016: queue imbalance",
        ("(bid_size - ask_size) / (bid_size + ask_size)",),
    ),
    Formula(
        "imbalance_momentum",
        "change of the imbalance over k observations",
        "imbalance[t] - imbalance[t-k]",
        ("diff(imbalance(), k)",),
        params=(window(5, "k"),),
    ),
    Formula(
        "imbalance_deviation",
        "imbalance less its n-row average",
        "imbalance - sma(imbalance, n)",
        ("imbalance() - sma(imbalance(), n)",),
        params=(window(20),),
    ),
    Formula(
        "spread_bps",
        "bid-ask spread over the mid at the close, bps",
        "10000 (ask - bid) / mid",
        ("10000 * (ask - bid) / mid()",),
    ),
    Formula(
        "mean_spread_bps",
        "mean spread inside the row over the mid at its close, bps",
        "10000 mean_spread / mid",
        ("10000 * mean_spread / mid()",),
    ),
    Formula(
        "spread_zscore",
        "mean spread in population standard deviations from its n-row mean; NaN where flat",
        "zscore(mean_spread_bps, n)",
        ("zscore(mean_spread_bps(), n)",),
        params=(window(60, low=2),),
    ),
    Formula(
        "depth",
        "size resting on the best ten levels of both sides",
        "bid_depth + ask_depth",
        ("bid_depth + ask_depth",),
    ),
    Formula(
        "depth_ratio",
        "depth of the bids over that of the asks",
        "bid_depth / ask_depth",
        ("bid_depth / ask_depth",),
    ),
    Formula(
        "depth_imbalance",
        "bid less ask depth over both, -1 to 1",
        "(bid_depth - ask_depth) / depth",
        ("(bid_depth - ask_depth) / depth()",),
    ),
    Formula(
        "relative_depth",
        "mean depth inside the row over its n-row average",
        "mean depth / sma(mean depth, n)",
        ("(mean_bid_depth + mean_ask_depth) / sma(mean_bid_depth + mean_ask_depth, n)",),
        params=(window(20),),
    ),
    Formula(
        "resilience",
        "share of the depth lost after a row's first trade that is back by its close, last n",
        "resiliency of Kyle 1985 as recovered depth: sum(depth_regained) / sum(depth_fallen)",
        ("ratio_of_sums(depth_regained, depth_fallen, n)",),
        params=(window(20),),
    ),
    Formula(
        "depth_reversion",
        "share of a deviation of depth that is gone a row later, over n",
        "Kempf, Mayston and Yadav 2009: less the slope of diff(depth) on lag(depth)",
        ("-beta(diff(depth(), 1), lag(depth(), 1), n)",),
        params=(window(60, low=3),),
    ),
)

_FLOW: tuple[KernelSpec | Formula, ...] = (
    Formula(
        "ofi",
        "order flow imbalance: what changes of the best prices added to bids less asks, last n",
        "Cont, Kukanov and Stoikov 2014",
        ("n * sma(order_flow, n)",),
        params=(window(1),),
    ),
    Formula(
        "relative_ofi",
        "order flow imbalance over the mean depth of a side, last n",
        "Cont, Kukanov and Stoikov 2014: price change is proportional to it",
        ("2 * ofi(n) / sma(mean_bid_depth + mean_ask_depth, n)",),
        params=(window(1),),
    ),
    Formula(
        "trade_flow",
        "bought less sold volume over all traded, last n, -1 to 1",
        "sum(bought - sold) / sum(traded)",
        ("ratio_of_sums(bought - sold, traded, n)",),
        params=(window(20),),
    ),
    Formula(
        "trade_intensity",
        "trades a second, last n",
        "sum(trades) / sum(seconds)",
        ("ratio_of_sums(trades, seconds, n)",),
        params=(window(20),),
    ),
    Formula(
        "update_intensity",
        "changes of the best prices or sizes a second, last n",
        "sum(book_updates) / sum(seconds)",
        ("ratio_of_sums(book_updates, seconds, n)",),
        params=(window(20),),
    ),
    KernelSpec(
        "pooled_slope",
        pooled_slope,
        "slope of y on x from their sums by row, last n",
        "ordinary least squares with an intercept",
        series=_SUMS,
        params=(window(60),),
        state_size=lambda p: 2 + 5 * int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
    Formula(
        "kyle_lambda",
        "move of the mid per unit bought, by batches of trades of the last n rows",
        "Kyle 1985: price change = lambda x order flow",
        ("pooled_slope(n)",),
        params=(window(60),),
    ),
    Formula(
        "root_lambda",
        "move of the mid per root of a unit bought, last n",
        "Hasbrouck 2009: signed root of order flow",
        (f"pooled_slope({_ROOT_SUMS}, n)",),
        params=(window(60),),
    ),
    Formula(
        "price_impact",
        "move of the mid for a batch of mean size, bps, last n",
        "10000 kyle_lambda x mean size / mid",
        ("10000 * kyle_lambda(n) * ratio_of_sums(impact_size, impact_count, n) / mid()",),
        params=(window(60),),
    ),
    KernelSpec(
        "ratio_of_sums",
        ratio_of_sums,
        "sum of x over sum of y, last n",
        "sum(x) / sum(y)",
        series=(X, Y),
        params=(window(20),),
        state_size=lambda p: 2 + 2 * int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
)

FEATURES: tuple[KernelSpec | Formula, ...] = (*_BOOK, *_FLOW)
