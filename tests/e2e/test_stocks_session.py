"""The session of US stocks that ships, traded on the offline sample through its opening."""

import json
import shutil
import signal
from pathlib import Path

import polars as pl
import pytest

from e2e.sessions import ROOT, kedge, records, session, truth
from kedge.domain.report import Filled

SYMBOLS = {"AAPL", "GOOG", "IBM", "MSFT"}
FILLS = 3


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample's store, the configuration, and a session ended by Ctrl-C."""
    where = tmp_path_factory.mktemp("stocks")
    (where / "examples").mkdir()
    config = where / "examples/us-stocks-session.yaml"
    shutil.copy(ROOT / "examples/us-stocks-session.yaml", config)
    made = kedge("data", "sample", "--store", where / "store", where=where)
    assert made.returncode == 0, made.stderr
    with session(where / "out", where, config, "--plain", "--speed", 120) as running:
        status = running.until(lambda s: s["counters"]["fills"] >= FILLS)
        (where / "status.json").write_text(json.dumps(status))
        assert running.end(signal.SIGINT) == 0
    return where


def test_it_trades_the_stocks_once_the_exchange_is_open(told: Path) -> None:
    status = json.loads((told / "status.json").read_text())
    assert {each["symbol"] for each in status["decisions"]} == SYMBOLS
    opening = 1_764_340_200 * 10**9  # 2025-11-28 14:30 UTC
    fills = [each for each in records(told / "out") if isinstance(each, Filled)]
    assert len(fills) >= FILLS
    assert min(each.at for each in fills) >= opening


def test_its_ledger_is_the_venues_and_its_report_tells_the_fills(told: Path) -> None:
    ours = {(r.key, r.trade) for r in records(told / "out") if isinstance(r, Filled)}
    assert ours == {(f.key, f.trade) for f in truth(told / "out").fills}
    result = json.loads((told / "out/report/result.json").read_text())
    fills = pl.read_parquet(told / "out/report/fills.parquet")
    assert len(fills) == result["metrics"]["fills"] == len(ours)
    assert set(fills["symbol"]) <= SYMBOLS
    assert result["currency"] == "USD"
    assert (told / "out/report/report.html").read_text().startswith("<!DOCTYPE html>")
