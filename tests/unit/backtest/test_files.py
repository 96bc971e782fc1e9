"""What ``kedge backtest`` writes, and that it agrees with itself."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kedge.research.outputs import FILES

COLUMNS = {
    "equity": ["ts", "equity", "cash", "gross", "net", "drawdown"],
    "fills": [
        "fill_id", "ts", "symbol", "side", "quantity", "price", "fee", "slippage_bps", "reason",
        "profit", "trade_date", "settle_date",
    ],
    "attribution": ["fill_id", "strategy", "quantity", "fee", "pnl"],
    "trades": [
        "symbol", "side", "entry_ts", "exit_ts", "quantity", "entry_price", "exit_price", "pnl",
        "return", "fees", "notional", "reason",
    ],
    "postings": ["ts", "kind", "currency", "amount", "symbol"],
}  # fmt: skip
METRICS = [
    "total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "max_drawdown",
    "win_rate", "profit_factor", "average_trade", "average_trade_duration_s", "trades",
    "turnover", "fees", "slippage",
]  # fmt: skip


def result_in(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return content


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


def test_a_result_consists_of_exactly_its_files(sample_result: Path) -> None:
    assert sorted(p.name for p in sample_result.iterdir()) == sorted(FILES)
    assert not list(sample_result.parent.glob(".*")), "a temporary folder was left behind"


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_the_columns_others_rely_on(sample_result: Path, name: str) -> None:
    found = table(sample_result, name)
    assert found.columns == COLUMNS[name]
    for column in ("ts", "entry_ts", "exit_ts"):
        if column in found.columns:
            assert found.schema[column] == pl.Datetime("ns", "UTC")


def test_result_holds_every_key_others_rely_on(sample_result: Path) -> None:
    result = result_in(sample_result)
    assert {
        "kedge", "config_hash", "data", "metrics", "benchmark", "intervals", "evidence", "limits",
        "timing", "stress", "robustness", "strategies", "attribution", "postings", "halted",
        "currency", "assumptions",
    } <= result.keys()  # fmt: skip
    assert {"symbols", "interval", "from", "to", "rows", "fingerprint", "notes"} <= result[
        "data"
    ].keys()
    assert list(result["metrics"]) == METRICS
    for name in ("buy_and_hold", "equal_weight", "buy_and_hold_matched", "equal_weight_matched"):
        assert list(result["benchmark"][name]) == METRICS
    assert {"sharpe", "cagr", "max_drawdown"} <= result["intervals"].keys()
    evidence = result["evidence"]
    assert {"trials", "deflated_sharpe", "pbo", "verdict", "reasons", "ledger_hash"} <= set(
        evidence
    )
    assert evidence["verdict"] in ("none", "weak")  # survivors can show no more than weak
    assert {"rows", "seconds", "rows_per_second"} <= result["timing"].keys()


def test_json_holds_no_number_that_is_none(sample_result: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in result.json")

    json.loads((sample_result / "result.json").read_text(), parse_constant=refuse)


def test_shares_of_strategies_sum_to_their_fills(sample_result: Path) -> None:
    fills = table(sample_result, "fills")
    signed = fills.with_columns(
        pl.when(pl.col("side") == "buy").then("quantity").otherwise(-pl.col("quantity"))
        .alias("signed")
    )  # fmt: skip
    sums = table(sample_result, "attribution").drop("strategy").group_by("fill_id").sum()
    joined = signed.join(sums, on="fill_id", how="left", suffix="_shares").fill_null(0.0)
    assert np.array_equal(joined["signed"], joined["quantity_shares"])
    # both sides are whole minor units; float64 sums of them agree to far less than one
    assert np.abs(joined["fee"] - joined["fee_shares"]).max() < 5e-7
    assert np.abs(joined["profit"] - joined["pnl"]).max() < 5e-7


def test_final_cash_is_capital_plus_fills_and_postings(sample_result: Path) -> None:
    fills, posted = table(sample_result, "fills"), table(sample_result, "postings")
    sign = np.where(fills["side"] == "buy", -1.0, 1.0)
    moved = float((sign * fills["quantity"].to_numpy() * fills["price"].to_numpy()).sum())
    expected = 100_000.0 + moved - float(fills["fee"].sum()) + float(posted["amount"].sum())
    last = table(sample_result, "equity")["cash"][-1]
    assert last == pytest.approx(expected, abs=1e-4)
    totals = result_in(sample_result)["postings"]
    assert sum(total["USD"] for total in totals.values()) == pytest.approx(last - 100_000.0)


def test_trades_are_made_of_their_fills(sample_result: Path) -> None:
    trades = table(sample_result, "trades")
    result = result_in(sample_result)
    assert len(trades) == result["metrics"]["trades"]
    assert (trades["exit_ts"] >= trades["entry_ts"]).all()  # equal: stopped out in the same bar
    earned = (trades["exit_price"] - trades["entry_price"]) * trades["quantity"]
    # without a split or dividend in between, a trade's profit is its price difference
    plain = (earned - trades["fees"] - trades["pnl"]).abs() < 1e-3
    assert plain.mean() > 0.8
    assert set(trades["side"]) == {"long"}  # these stocks cannot be sold short


def test_equity_table_is_the_account(sample_result: Path) -> None:
    equity = table(sample_result, "equity")
    result = result_in(sample_result)
    assert len(equity) == result["data"]["rows"]
    assert equity["equity"][-1] / 100_000.0 - 1.0 == pytest.approx(
        result["metrics"]["total_return"]
    )
    assert equity["gross"].max() <= 1.0
    assert (equity["drawdown"] <= 0.0).all()
    positions = equity["net"] * equity["equity"]
    assert np.abs(positions + equity["cash"] - equity["equity"]).max() < 1e-3


def test_every_limit_says_how_often_it_bound_and_why_never(sample_result: Path) -> None:
    limits = result_in(sample_result)["limits"]
    names = {limit["name"] for limit in limits}
    assert {
        "risk per trade", "open risk", "position", "gross exposure", "correlated group",
        "value at risk", "expected shortfall", "drawdown throttle", "drawdown stop", "daily loss",
        "consecutive losses", "participation", "spread", "slippage",
    } <= names  # fmt: skip
    for limit in limits:
        assert 0 <= limit["bound"] <= limit["cells"]
        assert math.isclose(limit["share"], limit["bound"] / limit["cells"])
        if limit["bound"] == 0 or limit["share"] > 0.5:
            assert limit["explanation"], limit["name"]


def test_defaults_trade_on_both_samples(sample_result: Path, close_only_result: Path) -> None:
    for folder in (sample_result, close_only_result):
        assert result_in(folder)["metrics"]["trades"] > 100


def test_close_only_data_is_called_so(close_only_result: Path) -> None:
    result = result_in(close_only_result)
    notes = " ".join(result["data"]["notes"])
    assert "Close-only data (all 20 instruments)" in notes
    assert "volume of 1,000,000" in notes
    assert "Orders fill at the close of the next row;" in result["assumptions"][0]
    assert "not point-in-time" in notes
    assert result["benchmark_symbol"] == "SP500"
    assert {"index", "index_matched"} <= result["benchmark"].keys()
    assert "SP500" not in result["data"]["symbols"]
    assert "stress" not in result  # --quick


def test_report_opens_without_the_network(sample_result: Path) -> None:
    page = (sample_result / "report.html").read_text()
    assert 'http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;' in page
    assert "evidence of an edge" in page


def test_index_is_matched_to_the_sessions_of_the_universe(close_only_result: Path) -> None:
    """The S&P 500 rose from 359.69 on 1990-01-02 to 3839.50 on 2022-12-30."""
    grown = result_in(close_only_result)["benchmark"]["index"]["total_return"]
    assert grown == pytest.approx(3839.50 / 359.69 - 1.0, rel=0.02)
