from pathlib import Path

import numpy as np
import pytest

from kedge.bootstrap import decide_on
from kedge.domain.errors import InputError
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS
from kedge.domain.panel import Panel
from kedge.engine.pipeline import Decision
from kedge.research import shard
from kedge.research.account import cash_of, daily_of, market_of
from kedge.research.configuration import candidate_hashes, config_hash, params_of
from kedge.research.grid import parse_grid
from kedge.research.run import run
from kedge.research.search import judge_search
from kedge.research.sweep import SweepResult, sweep
from kedge.research.sweep_page import render
from kedge.research.trials import read_ledger, record_trials
from kedge.research.variants import rebind, redecide
from kedge.research.worlds import WorldSpec, planted, random_walk
from kedge.settings import Settings, load_settings, replace, with_params
from kedge.strategies.binding import bind
from kedge.strategies.contract import strategy

SETTINGS = replace(Settings(), {"strategies": ["ma_momentum", "trend"]})
GRID = parse_grid("ma_momentum", ["short=5,20,1000000", "long=30:60:15"])


@strategy(needs=("close", "sma({slow})"), lookback=4, params={"slow": 20, "gain": 0.5})
def looking_back(window, params, out):  # type: ignore[no-untyped-def]
    for i in range(window.shape[1]):
        then, now, mean = window[0, i, 0], window[-1, i, 0], window[-1, i, 1]
        if then > 0.0 and mean > 0.0:
            out[EDGE_BPS, i] = 1e3 * params[1] * (now - then) / mean
            out[SIGMA_BPS, i] = 20.0
            out[CONFIDENCE, i] = 0.7 + 0.1 * (now > mean)


@pytest.fixture(scope="module")
def market() -> Panel:
    return planted(WorldSpec(instruments=3, years=3.0, half_spread_bps=1.0), 4, 0.15)


@pytest.fixture(scope="module")
def decision(market: Panel) -> Decision:
    return decide_on(SETTINGS, market)


@pytest.fixture(scope="module")
def result(market: Panel, decision: Decision) -> SweepResult:
    return sweep(market, decision, GRID)


def test_each_candidate_is_bit_for_bit_the_backtest_with_its_parameters(
    market: Panel, result: SweepResult
) -> None:
    for number, params in enumerate(result.params):
        whole = {name: int(value) for name, value in params.items()}
        done = run(market, decide_on(with_params(SETTINGS, "ma_momentum", whole), market))
        daily = daily_of(done)
        assert np.array_equal(result.equity[:, number], daily.equity)
        assert np.array_equal(result.daily(number).returns, daily.returns)
        assert result.trades[number] == len(done.trades)
        assert result.per_year == daily.per_year
    assert len(np.unique(result.equity[-1])) == result.candidates


def test_combinations_without_a_feature_are_skipped_and_counted(result: SweepResult) -> None:
    assert (result.candidates, result.skipped) == (6, 3)
    assert [p["short"] for p in result.params] == [5.0] * 3 + [20.0] * 3


def test_blocks_shards_and_threads_do_not_change_a_bit(
    market: Panel, decision: Decision, result: SweepResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard, "CELLS", 3 * 97)
    for threads in (1, 3):
        again = sweep(market, decision, GRID, threads=threads)
        assert np.array_equal(again.equity, result.equity)
        assert np.array_equal(again.trades, result.trades)


def test_a_window_of_several_rows_reaches_back_over_blocks(
    market: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = decide_on(SETTINGS, market)
    own = bind("looking_back", looking_back, {}, 0.2, market.interval_ns)
    mixed = redecide(SETTINGS, market, base, [base.strategies[0], own])
    grid = parse_grid("looking_back", ["slow=10,40", "gain=0.5,2"])
    monkeypatch.setattr(shard, "CELLS", 3 * 50)
    found = sweep(market, mixed, grid)
    for number, params in enumerate(found.params):
        strategies = [base.strategies[0], rebind(own, params, market.interval_ns)]
        done = run(market, redecide(SETTINGS, market, base, strategies))
        assert np.array_equal(found.equity[:, number], daily_of(done).equity)


def test_a_strategy_or_parameter_that_is_not_there_is_one_clear_line(
    market: Panel, decision: Decision
) -> None:
    with pytest.raises(InputError, match="there are ma_momentum, trend"):
        sweep(market, decision, parse_grid("nope", ["a=1"]))
    with pytest.raises(InputError, match="no parameter 'fast'"):
        sweep(market, decision, parse_grid("ma_momentum", ["fast=1"]))
    with pytest.raises(InputError, match="none of the combinations"):
        sweep(market, decision, parse_grid("ma_momentum", ["short=-1"]))


@pytest.mark.parametrize(
    "text",
    [
        "{name: ma_momentum, params: {short: 5}}, trend",
        "{name: ma_momentum, params: {long: 60, short: 5.0}}, trend",
        "{name: ma_momentum, params: {short: 5}}, {name: trend, params: {EVERY}}",
    ],
)
def test_a_candidate_hashes_like_the_configuration_that_says_the_same(
    text: str, market: Panel, decision: Decision, tmp_path: Path
) -> None:
    every = ", ".join(f"{k}: {v}" for k, v in decision.strategies[1].params.items())
    file = tmp_path / "kedge.yaml"
    file.write_text(f"strategies: [{text.replace('EVERY', every)}]\n")
    spelled = load_settings(file, environment={}, dotenv=tmp_path / "none")
    points = [{"short": 5.0}, {"short": 6.0}]
    made, other = candidate_hashes(SETTINGS, decision.strategies, "ma_momentum", points)
    assert config_hash(spelled, params_of(decide_on(spelled, market).strategies)) == made
    assert made not in (other, config_hash(SETTINGS, params_of(decision.strategies)))


def test_every_candidate_counts_once_and_a_rerun_changes_nothing(
    market: Panel, decision: Decision, result: SweepResult, tmp_path: Path
) -> None:
    benchmark = market_of(market, cash_of(decision, len(result.ts)))
    first = judge_search(SETTINGS, market, decision, result, benchmark, read_ledger(tmp_path))
    assert first.evidence.trials == result.candidates == len(set(first.trials.config_hashes))
    assert record_trials(tmp_path, first.trials) == result.candidates
    ledger = read_ledger(tmp_path)
    second = judge_search(SETTINGS, market, decision, result, benchmark, ledger)
    assert second.evidence == first.evidence
    assert record_trials(tmp_path, second.trials) == 0
    assert first.evidence.pbo == first.overfitting.pbo


def test_the_best_candidate_has_the_best_residual_and_leads_the_page(
    market: Panel, decision: Decision, result: SweepResult, tmp_path: Path
) -> None:
    benchmark = market_of(market, cash_of(decision, len(result.ts)))
    search = judge_search(SETTINGS, market, decision, result, benchmark, read_ledger(tmp_path))
    skills = [row.residual_sharpe for row in search.rows]
    assert skills[search.best] == max(skills)
    page = render(search)
    assert page.count("\N{BLACK STAR}") == 1
    assert page.count('class="num empty"') == 3  # the combinations that were skipped
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_search_over_noise_is_no_evidence(tmp_path: Path) -> None:
    noise = random_walk(WorldSpec(instruments=3, years=3.0), 8)
    decision = decide_on(SETTINGS, noise)
    found = sweep(noise, decision, parse_grid("ma_momentum", ["short=3:18:5", "long=25:65:20"]))
    benchmark = market_of(noise, cash_of(decision, len(found.ts)))
    search = judge_search(SETTINGS, noise, decision, found, benchmark, read_ledger(tmp_path))
    assert search.evidence.trials == 12
    assert search.evidence.verdict.value == "none"
