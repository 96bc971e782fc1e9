"""Features of the recorded BTCUSDT book and trades against polars, from the raw tables."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from kedge.domain import micro as m
from kedge.features.plan import FeaturePlan
from recorded_books import (
    SECOND,
    UNITS,
    Tape,
    books,
    panel_of,
    quote_events,
    quoted_panel,
    sampled,
    tape,
    trade_events,
)

MARKETS = tuple(UNITS)
N = 20


def features(panel, *texts):
    plan = FeaturePlan.build(texts, 1, panel.interval_ns, panel.symbols)
    out = plan.history(panel)[:, 0]
    return {text: out[:, i] for i, text in enumerate(texts)}


def equal(own, reference, warm=0, **tolerance):
    assert np.isfinite(reference[warm:]).mean() > 0.95
    np.testing.assert_allclose(own, reference, **({"rtol": 1e-9, "atol": 1e-12} | tolerance))


def numbered(table: pl.DataFrame, told: Tape) -> pl.DataFrame:
    """With ``row``: an event at a close belongs to the row that closes."""
    return table.with_columns(((pl.col("t") - told.opened - 1) // SECOND).alias("row"))


def grid(told: Tape) -> pl.DataFrame:
    return pl.DataFrame({"row": np.arange(len(told.closes)), "t": told.closes})


def per_row(told: Tape, table: pl.DataFrame, *sums: pl.Expr) -> pl.DataFrame:
    """Sums of each row, zero where there was nothing."""
    found = numbered(table, told).group_by("row").agg(*sums)
    return grid(told).join(found, on="row", how="left").fill_null(0).sort("row")


def at_close(told: Tape) -> pl.DataFrame:
    return grid(told).join_asof(told.quotes, on="t", strategy="backward")


def array(frame: pl.DataFrame, value: pl.Expr) -> np.ndarray:
    return frame.select(value.cast(pl.Float64)).to_series().to_numpy()


MID = (pl.col("bid") + pl.col("ask")) / 2
QUEUE = (pl.col("bid_lots") - pl.col("ask_lots")) / (pl.col("bid_lots") + pl.col("ask_lots"))


@pytest.mark.parametrize("market", MARKETS)
def test_what_stands_at_the_close(market):
    tick, _ = UNITS[market]
    own = features(
        quoted_panel(market),
        *("mid()", "imbalance()", "spread_bps()", "microprice()", "microprice_deviation()"),
        *("imbalance_momentum(5)", f"imbalance_deviation({N})"),
    )
    closing = at_close(tape(market))
    heavy = pl.col("bid_lots") / (pl.col("bid_lots") + pl.col("ask_lots"))
    micro = pl.col("bid") + heavy * (pl.col("ask") - pl.col("bid"))
    equal(own["mid()"], array(closing, MID) * tick)
    equal(own["imbalance()"], array(closing, QUEUE))
    equal(own["spread_bps()"], array(closing, (pl.col("ask") - pl.col("bid")) / MID * 1e4))
    equal(own["microprice()"], array(closing, micro) * tick)
    equal(own["microprice_deviation()"], array(closing, (micro / MID - 1) * 1e4), atol=1e-9)
    equal(own["imbalance_momentum(5)"], array(closing, QUEUE.diff(5)), warm=5)
    moved = QUEUE - QUEUE.rolling_mean(N)
    equal(own[f"imbalance_deviation({N})"], array(closing, moved), warm=N, atol=1e-9)


@pytest.mark.parametrize("market", MARKETS)
def test_trade_flow_and_intensity(market):
    own = features(
        quoted_panel(market), *(f"trade_flow({N})", f"trade_intensity({N})", "bought - sold")
    )
    told = tape(market)
    rows = per_row(
        told,
        told.trades,
        pl.len().alias("count"),
        pl.col("lots").sum(),
        (pl.col("lots") * pl.col("side")).sum().alias("signed"),
    )
    flow = pl.col("signed").rolling_sum(N) / pl.col("lots").rolling_sum(N)
    equal(own[f"trade_flow({N})"], array(rows, flow), warm=N)
    equal(own[f"trade_intensity({N})"], array(rows, pl.col("count").rolling_sum(N) / N), warm=N)
    equal(own["bought - sold"], array(rows, pl.col("signed")) * UNITS[market][1], atol=1e-9)


@pytest.mark.parametrize("market", MARKETS)
def test_order_flow_and_updates(market):
    own = features(quoted_panel(market), f"ofi({N})", f"update_intensity({N})")
    told = tape(market)
    old = {c: pl.col(c).shift(1) for c in ("bid", "bid_lots", "ask", "ask_lots")}
    bids = (
        pl.when(pl.col("bid") > old["bid"])
        .then(pl.col("bid_lots"))
        .when(pl.col("bid") < old["bid"])
        .then(-old["bid_lots"])
        .otherwise(pl.col("bid_lots") - old["bid_lots"])
    )
    asks = (
        pl.when(pl.col("ask") < old["ask"])
        .then(pl.col("ask_lots"))
        .when(pl.col("ask") > old["ask"])
        .then(-old["ask_lots"])
        .otherwise(pl.col("ask_lots") - old["ask_lots"])
    )
    changed = pl.any_horizontal(*(pl.col(c) != old[c] for c in old))
    changes = told.quotes.select("t", (bids - asks).alias("e"), changed.alias("changed"))
    rows = per_row(told, changes, pl.col("e").sum(), pl.col("changed").sum())
    flow = array(rows, pl.col("e").rolling_sum(N)) * UNITS[market][1]
    equal(own[f"ofi({N})"], flow, warm=N, atol=1e-9)
    count = array(rows, pl.col("changed").rolling_sum(N) / N)
    equal(own[f"update_intensity({N})"], count, warm=N)


@pytest.mark.parametrize("market", MARKETS)
def test_means_over_time(market):
    own = features(
        quoted_panel(market), *("mean_spread", "mean_imbalance", "mean_spread_bps()"),
        f"spread_zscore({N})",
    )  # fmt: skip
    told = tape(market)
    # Each quote stands until the next one; a close cuts what stands over it in two, and
    # the second part belongs to the next row.
    standing = at_close(told).head(-1).with_columns(pl.col("row") + 1)
    cut = pl.concat([numbered(told.quotes, told), standing], how="diagonal_relaxed")
    cut = cut.sort("t", maintain_order=True)
    last = told.opened + (pl.col("row") + 1) * SECOND
    span = pl.min_horizontal(pl.col("t").shift(-1).fill_null(told.closes[-1]), last) - pl.col("t")
    spread = (pl.col("ask") - pl.col("bid")).cast(pl.Float64)
    weighed = [(value * span).alias(name) for name, value in (("s", spread), ("q", QUEUE))]
    sums = cut.select("row", *weighed, span.alias("span")).group_by("row").sum().sort("row")
    means = sums.select(spread=pl.col("s") / pl.col("span"), queue=pl.col("q") / pl.col("span"))
    tick = UNITS[market][0]
    equal(own["mean_spread"], array(means, pl.col("spread")) * tick)
    equal(own["mean_imbalance"], array(means, pl.col("queue")))
    relative = pl.DataFrame(
        {"s": array(means, pl.col("spread")) / array(at_close(told), MID) * 1e4}
    )
    equal(own["mean_spread_bps()"], array(relative, pl.col("s")))
    score = (pl.col("s") - pl.col("s").rolling_mean(N)) / pl.col("s").rolling_std(N, ddof=0)
    varied = array(relative, pl.col("s").rolling_std(N, ddof=0)) > 1e-5
    assert varied.sum() > 20
    np.testing.assert_allclose(
        own[f"spread_zscore({N})"][varied], array(relative, score)[varied], rtol=1e-5, atol=1e-6
    )


def batches_of(told: Tape) -> pl.DataFrame:
    """Row, signed size and move of the mid of each run of trades between two quotes."""
    quotes = told.quotes.select("t", MID.alias("mid"), pl.lit(0).alias("order"))
    trades = told.trades.select(
        "t", (pl.col("lots") * pl.col("side")).alias("q"), pl.lit(1).alias("order")
    )
    tape_of_all = numbered(
        pl.concat([quotes, trades], how="diagonal").sort("t", "order", maintain_order=True), told
    ).with_columns(pl.col("mid").forward_fill())
    begins = (pl.col("order") == 1) & (
        (pl.col("order").shift(1) != 1) | (pl.col("row").shift(1) != pl.col("row"))
    )
    runs = (
        tape_of_all.with_columns(begins.fill_null(True).cum_sum().alias("run"))
        .filter((pl.col("order") == 1) & pl.col("mid").is_not_null())
        .group_by("run", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("q").sum(), pl.col("mid").first())
    )
    closing = at_close(told).select("row", MID.alias("closing"))
    later = pl.when(pl.col("row").shift(-1) == pl.col("row")).then(pl.col("mid").shift(-1))
    return runs.join(closing, on="row", how="left", maintain_order="left").with_columns(
        (later.otherwise("closing").fill_null(pl.col("closing")) - pl.col("mid")).alias("y")
    )


@pytest.mark.parametrize("market", MARKETS)
def test_kyle_s_lambda_of_the_batches_of_the_last_rows(market):
    own = features(
        quoted_panel(market), f"kyle_lambda({N})", f"root_lambda({N})", f"price_impact({N})"
    )
    told = tape(market)
    tick, lot = UNITS[market]
    runs = batches_of(told).with_columns(pl.col("q") * lot, pl.col("y") * tick)
    assert runs.height > 500
    root = pl.col("q").sign() * pl.col("q").abs().sqrt()
    figures = (
        (pl.cov("q", "y") / pl.col("q").var()).alias("kyle"),
        (pl.cov(root, "y") / root.var()).alias("root"),
        pl.col("q").abs().mean().alias("size"),
    )
    rows = range(N - 1, len(told.closes))
    table = pl.concat(
        [runs.filter(pl.col("row").is_between(i - N + 1, i)).select(*figures) for i in rows]
    )
    mid = array(at_close(told), MID)[N - 1 :] * tick
    equal(own[f"kyle_lambda({N})"][N - 1 :], array(table, pl.col("kyle")), rtol=1e-6)
    equal(own[f"root_lambda({N})"][N - 1 :], array(table, pl.col("root")), rtol=1e-6)
    impact = array(table, pl.col("kyle") * pl.col("size")) / mid * 1e4
    equal(own[f"price_impact({N})"][N - 1 :], impact, rtol=1e-6)
    assert np.median(own[f"kyle_lambda({N})"][N - 1 :]) > 0.0  # who buys moves the price up


def test_depth_of_the_recorded_book():
    told = tape("spot")
    recorded = list(books("spot", 60))
    closes = [c for c in told.closes if c <= recorded[-1][0]]
    columns = [(t, *(side[:, k].copy() for side in (b, a) for k in (0, 1))) for t, b, a in recorded]
    own = sampled(
        told.opened,
        closes,
        [(t, 0, "add_book", tuple(sides)) for t, *sides in columns],
        [e for e in trade_events(told) if e[0] <= closes[-1]],
    )
    tenth = pl.DataFrame(
        [(t, b[:10, 1].sum(), a[:10, 1].sum(), b[0, 0], a[0, 0]) for t, b, a in recorded],
        schema=["t", "bids", "asks", "bid", "ask"],
        orient="row",
    ).with_columns(pl.col("t").set_sorted())
    rows = pl.DataFrame({"t": closes}).join_asof(tenth, on="t", strategy="backward")
    known = np.array(closes) > recorded[0][0]
    assert known.sum() > 50
    np.testing.assert_array_equal(own[known, m.BID], array(rows, pl.col("bid"))[known])
    shown = features(panel_of("spot", closes, own), *("depth()", "depth_ratio()", "resilience(5)"))
    lot = UNITS["spot"][1]
    total = array(rows, pl.col("bids") + pl.col("asks"))
    equal(shown["depth()"], total * lot, rtol=1e-9)
    equal(shown["depth_ratio()"], array(rows, pl.col("bids") / pl.col("asks")))
    fallen, regained = np.array([recovery(told, tenth, *s) for s in spans(told, closes)]).T
    np.testing.assert_array_equal(own[1:, m.DEPTH_FALLEN], fallen[1:])
    np.testing.assert_array_equal(own[1:, m.DEPTH_REGAINED], regained[1:])
    both = pl.DataFrame({"f": fallen, "r": regained})
    pooled = array(both, pl.col("r").rolling_sum(5) / pl.col("f").rolling_sum(5))
    np.testing.assert_allclose(shown["resilience(5)"][6:], pooled[6:], rtol=1e-9)
    assert 0.0 < np.nanmedian(pooled) < 2.0


def spans(told, closes):
    return pairwise([told.opened, *closes])


def recovery(told: Tape, depth: pl.DataFrame, begin: int, close: int) -> tuple[float, float]:
    """What depth fell after the row's first trade, and what of it came back by the close."""
    trades = told.trades.filter(pl.col("t").is_between(begin, close, closed="right"))
    total = pl.col("bids") + pl.col("asks")
    if not trades.height:
        return 0.0, 0.0
    first = trades["t"][0]
    before = depth.filter(pl.col("t") <= first).select(total.last()).item()
    after = depth.filter(pl.col("t").is_between(first, close, closed="right")).select(total)
    low = min([before, *after.to_series()])
    return before - low, (after.to_series()[-1] if after.height else before) - low


def test_quotes_and_books_together_believe_whoever_spoke_last():
    told = tape("spot")
    recorded = [
        (t, 2, "add_book", tuple(s[:, k].copy() for s in (b, a) for k in (0, 1)))
        for t, b, a in books("spot", 20)
    ]
    closes = [c for c in told.closes if c <= recorded[-1][0]]
    own = sampled(told.opened, closes, quote_events(told), recorded, trade_events(told))
    said = [(t, *args[:1]) for t, _, _, args in quote_events(told)]
    said += [(t, int(args[0][0])) for t, _, _, args in recorded]
    last = [max((e for e in said if e[0] <= c), key=lambda e: e[0])[1] for c in closes]
    np.testing.assert_array_equal(own[:, m.BID], last)
    assert (own[1:, m.ASK_DEPTH] >= own[1:, m.ASK_SIZE]).mean() > 0.9
