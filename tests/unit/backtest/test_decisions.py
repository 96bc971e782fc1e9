"""The table of decisions is the run's own, cell by cell."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kedge.domain import state as o
from kedge.domain.errors import RunError
from kedge.domain.panel import FRESH, TRADABLE
from kedge.domain.reason import Reason
from kedge.engine.pipeline import Pipeline, fresh
from kedge.research.decisions import Decided, decided, decisions_table
from kedge.research.live_forecasts import forecasts_table, live_forecasts
from kedge.research.run import Run, run
from unit.backtest.conftest import SAMPLE, written


@pytest.fixture(scope="module")
def short(sample_run: Run) -> Run:
    """The first two years of the sample: long enough for the blend's shrinkage to learn."""
    return run(sample_run.panel.window(0, 504), sample_run.decision)


@pytest.fixture(scope="module")
def found(short: Run) -> Decided:
    return decided(short)


def usable(ran: Run) -> np.ndarray:
    return np.asarray((ran.panel.flags & (TRADABLE | FRESH)) == (TRADABLE | FRESH))


def test_targets_are_those_of_the_run_in_one_block(short: Run, found: Decided) -> None:
    pipeline = Pipeline(short.decision, fresh(short.decision), trace=True)
    pipeline.history(short.panel)
    assert np.array_equal(found.targets, np.concatenate(pipeline.records.targets))
    assert (found.targets != 0).any()


def test_edges_are_those_that_the_step_used(short: Run, found: Decided) -> None:
    pipeline = Pipeline(short.decision, fresh(short.decision))
    compared = 0
    for row in range(short.panel.rows):
        pipeline.run(short.panel, row, row + 1)
        book = pipeline.memory.book
        side = np.sign(found.edge[row])
        # the step writes an edge down where rules 2 to 5 of the target let it act on one
        free = (book.I[:, o.I_EXITING] == 0) & (book.I[:, o.I_LOCK] != side) & (side != 0)
        acted = usable(short)[row] & free & ~np.isnan(side)
        assert book.K[o.K_HALTED] == 0
        assert np.array_equal(found.edge[row, acted], book.F[acted, o.F_EDGE])
        compared += int(acted.sum())
    assert compared > 1_000


def test_confidence_below_the_gate_is_what_the_gate_refused(short: Run, found: Decided) -> None:
    gate = short.decision.program.params.P[o.P_GATE]
    refused = short.reasons == int(Reason.CONFIDENCE)
    assert refused.any()
    assert (found.confidence[refused] < gate).all()
    assert (found.confidence[short.reasons == int(Reason.COST)] >= gate).all()
    assert np.isnan(found.edge[~usable(short)]).all()


def test_table_has_the_cells_and_reasons_of_the_run(short: Run, found: Decided) -> None:
    table = decisions_table(short)
    assert table.columns == [
        "ts", "symbol", "edge_blended_bps", "confidence", "target_quantity", "target_weight",
        "position_size_usd", "reason",
    ]  # fmt: skip
    cells = usable(short)
    assert len(table) == cells.sum()
    assert table["edge_blended_bps"].null_count() == np.isnan(found.edge[cells]).sum()
    row, _ = np.nonzero(cells)
    assert np.array_equal(table["ts"].to_physical(), short.panel.ts[row])
    equity = short.equity[row] / 1e6
    assert np.allclose(table["position_size_usd"], table["target_weight"] * equity, rtol=1e-12)
    assert table["target_weight"].abs().max() <= 0.25
    held = table.filter(pl.col("target_quantity") != 0)
    assert (held["target_quantity"].sign() == held["position_size_usd"].sign()).all()


def test_living_forecasts_are_those_that_the_step_remembers(short: Run) -> None:
    living = list(live_forecasts(short))
    names = [bound.name for bound in short.decision.strategies]
    ids = [instrument.id for instrument in short.panel.instruments]
    book, last = short.memory.book, int(short.panel.ts[-1])
    for forecast in living:
        s, n = names.index(forecast.strategy), ids.index(forecast.instrument)
        own = book.SF[n, s * o.SF_ : (s + 1) * o.SF_]
        assert last - forecast.issued_at == own[o.SF_AGE]
        assert forecast.sigma_bps == own[o.SF_SIGMA]
        assert forecast.confidence == own[o.SF_CONFIDENCE]
        decayed = forecast.edge_bps * 2.0 ** (-own[o.SF_AGE] / forecast.half_life_ns)
        assert own[o.SF_EDGE] == pytest.approx(decayed, rel=1e-12)
    ages = book.SF[:, [s * o.SF_ + o.SF_AGE for s in range(len(names))]]
    assert len(living) == (ages >= 0.0).sum() > 0
    table = forecasts_table(short)
    assert table.columns[:2] == ["strategy", "symbol"]
    assert (table["expires_at"] >= table["issued_at"].max()).all()
    assert table["p_up"].null_count() == len(table) == len(living)


def test_a_replay_that_goes_another_way_is_refused(short: Run) -> None:
    rows = short.rows.copy()
    rows[-1, o.ROW_CASH] += 1
    with pytest.raises(RunError, match="could not be repeated"):
        decided(replace(short, rows=rows))


def test_command_writes_the_table_on_request(store: Path, tmp_path: Path) -> None:
    out = written(SAMPLE, store, tmp_path / "out", "--quick", "--decisions")
    counted = pl.read_parquet(out / "decisions.parquet")["reason"].value_counts()
    result = json.loads((out / "result.json").read_text())
    said = {"signal" if d["reason"] == "NONE" else d["reason"].lower(): d["cells"]
            for d in result["decisions"]}  # fmt: skip
    assert dict(counted.iter_rows()) == said
    written(SAMPLE, store, out, "--quick")  # an older result is replaced, its table with it
    assert not {"decisions.parquet", "forecasts.parquet"} & {path.name for path in out.iterdir()}
