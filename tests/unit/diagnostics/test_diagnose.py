import importlib
from dataclasses import replace as changed

import msgspec
import numpy as np
import pytest

from kedge.bootstrap import decide_on
from kedge.domain.errors import DataError
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS
from kedge.domain.panel import Panel
from kedge.research.account import cash_of, daily_of
from kedge.research.diagnostics import Diagnostics, diagnose
from kedge.research.diagnostics.figures import outcome_of
from kedge.research.run import Run, run
from kedge.research.variants import redecide
from kedge.research.worlds import WorldSpec, planted
from kedge.settings import Settings, replace, with_params
from kedge.strategies.binding import bind
from kedge.strategies.contract import strategy

SETTINGS = replace(
    Settings(),
    {
        "strategies": [{"name": "ma_momentum", "params": {"short": 1}}, "breakout"],
        "research.resamples": 200,
        "ensemble.confidence_gate": 0.3,
    },
)


@pytest.fixture(scope="module")
def market() -> Panel:
    return planted(WorldSpec(instruments=3, years=3.0, half_spread_bps=2.0), 3, 0.2)


def ran(settings: Settings, panel: Panel) -> Run:
    return run(panel, decide_on(settings, panel))


def figures(done: Run) -> dict[str, object]:
    daily = daily_of(done)
    return outcome_of(daily, cash_of(done.decision, daily.days), len(done.trades))


def same(row: msgspec.Struct, done: Run) -> bool:
    return all(getattr(row, name) == value for name, value in figures(done).items())


@pytest.fixture(scope="module")
def base(market: Panel) -> Run:
    return ran(SETTINGS, market)


@pytest.fixture(scope="module")
def told() -> list[tuple[str, int]]:
    return []


@pytest.fixture(scope="module")
def checks(market: Panel, base: Run, told: list[tuple[str, int]]) -> Diagnostics:
    return diagnose(
        SETTINGS, market, base.decision, base, lambda name, total: told.append((name, total))
    )


def test_costs_are_stressed_as_configured(checks: Diagnostics) -> None:
    assert [row.multiplier for row in checks.stress] == [1.0, 2.0, 4.0]


def test_single_costs_and_no_delay_are_the_run_itself(checks: Diagnostics, base: Run) -> None:
    assert len(base.trades) > 20
    assert same(checks.stress[0], base)
    assert same(checks.delay[0], base)


def test_doubled_costs_equal_a_market_and_an_impact_twice_as_dear(
    checks: Diagnostics, market: Panel
) -> None:
    dear = tuple(
        msgspec.structs.replace(i, half_spread_bps=2 * i.half_spread_bps)
        for i in market.instruments
    )
    done = ran(replace(SETTINGS, {"costs.impact_y": 1.0}), changed(market, instruments=dear))
    assert same(checks.stress[1], done)
    assert np.array_equal(checks.stressed_daily.equity, daily_of(done).equity)


def test_a_delay_is_that_of_the_execution_settings(checks: Diagnostics, market: Panel) -> None:
    assert [row.rows for row in checks.delay] == [0, 1, 2, 3, 4, 5]
    assert same(checks.delay[3], ran(replace(SETTINGS, {"execution.latency_rows": 3}), market))


def test_a_delay_comes_on_top_of_the_configured_latency_as_far_as_execution_allows(
    market: Panel,
) -> None:
    late, short = replace(SETTINGS, {"execution.latency_rows": 6}), market.window(0, 400)
    done = ran(late, short)
    rows = diagnose(late, short, done.decision, done).delay
    assert [row.rows for row in rows] == [0, 1, 2]
    assert len(done.trades)
    assert same(rows[0], done)
    assert same(rows[2], ran(replace(SETTINGS, {"execution.latency_rows": 8}), short))


@pytest.mark.parametrize("broken", ["at_costs", "under", "noisy"])
def test_a_run_that_breaks_at_other_costs_delays_or_prices_is_an_error(
    broken: str, market: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DataError("is broken")

    short = market.window(0, 120)
    done = ran(SETTINGS, short)
    monkeypatch.setattr(importlib.import_module(diagnose.__module__), broken, refuse)
    with pytest.raises(DataError, match="is broken"):
        diagnose(SETTINGS, short, done.decision, done)


def test_every_parameter_moves_down_and_up_alone(checks: Diagnostics, market: Panel) -> None:
    labels = [row.parameter for row in checks.sensitivity]
    expected = ["short", "long"], ["channel", "atr", "expansion", "stop", "target"]
    names = [f"ma_momentum.{p}" for p in expected[0]] + [f"breakout.{p}" for p in expected[1]]
    assert labels == [name for name in names for _ in range(2)]
    for row in checks.sensitivity[2:4]:  # ma_momentum.long
        assert abs(row.change) == pytest.approx(0.2)
        moved = with_params(SETTINGS, "ma_momentum", {"long": int(row.value)})
        assert same(row, ran(moved, market))


def test_an_impossible_parameter_is_a_row_without_figures(checks: Diagnostics) -> None:
    none = checks.sensitivity[0]  # an average over no rows
    assert (none.value, none.sharpe, none.trades) == (0.0, None, None)
    assert checks.sensitivity[1].sharpe is not None


@strategy(needs=("close",), params={"row": 1})
def brittle(window, params, out):  # type: ignore[no-untyped-def]
    for i in range(window.shape[1]):
        out[EDGE_BPS, i] = window[int(params[0]) - 2, i, 0]  # there is one row, and it is the last
        out[SIGMA_BPS, i], out[CONFIDENCE, i] = 20.0, 0.7


def test_a_strategy_that_breaks_when_moved_does_not_break_the_diagnostics(
    market: Panel, base: Run
) -> None:
    own = bind("brittle", brittle, {}, 0.3, market.interval_ns)
    decision = redecide(SETTINGS, market, base.decision, [own])
    short = market.window(0, 60)
    checks = diagnose(SETTINGS, short, decision, run(short, decision))
    down, up = checks.sensitivity
    assert (down.value, down.sharpe, up.value) == (0.0, None, 2.0)
    assert up.sharpe is not None or up.trades == 0


def test_draws_of_noise_differ_and_repeat(checks: Diagnostics, market: Panel, base: Run) -> None:
    assert len({row.sharpe for row in checks.noise}) == len(checks.noise) == 5
    again = diagnose(SETTINGS, market, base.decision, base)
    assert again.noise == checks.noise
    assert again.sensitivity == checks.sensitivity


def test_percentiles_of_the_bootstrap_rise_and_the_fan_ends_with_them(
    checks: Diagnostics,
) -> None:
    for name in ("sharpe", "cagr", "total_return", "max_drawdown"):
        values = [getattr(row, name) for row in checks.bootstrap]
        assert values == sorted(values)
    assert checks.fan.shape == (len(checks.bootstrap), checks.stressed_daily.days)
    final = np.array([row.total_return for row in checks.bootstrap])
    # Two sets of 200 resamples of the same days: quantiles agree to their sampling error.
    assert checks.fan[:, -1] - 1.0 == pytest.approx(final, abs=0.4 * (final[4] - final[2]))


def test_progress_names_every_run_once(checks: Diagnostics, told: list[tuple[str, int]]) -> None:
    runs = sum(map(len, (checks.stress, checks.sensitivity, checks.delay, checks.noise)))
    assert len(told) == len({name for name, _ in told}) == runs
    assert {total for _, total in told} == {runs}


def test_rows_are_flat_and_begin_with_what_was_changed(checks: Diagnostics) -> None:
    content = checks.as_result()
    assert next(iter(content["stress"][0])) == "multiplier"
    first = {key: next(iter(rows[0])) for key, rows in content["robustness"].items()}
    assert first == {
        "sensitivity": "parameter", "delay": "rows", "noise": "draw", "bootstrap": "percentile"
    }  # fmt: skip
    kinds = {type(v) for rows in content["robustness"].values() for r in rows for v in r.values()}
    assert kinds <= {str, int, float, type(None)}
