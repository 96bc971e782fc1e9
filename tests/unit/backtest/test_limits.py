"""Limits are counted where they bind, and explained where that is remarkable."""

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kedge.bootstrap import decide_on, open_panel
from kedge.domain.reason import Reason
from kedge.domain.rules import Rules
from kedge.engine.rules_of import rules_of
from kedge.research.limit_never import NEVER
from kedge.research.limit_often import OFTEN
from kedge.research.limits_table import decision_rows, limit_rows
from kedge.research.run import Run, run
from kedge.settings import Settings, load_settings
from unit.backtest.conftest import SAMPLE, settings_of


@pytest.fixture
def rules(sample_run: Run, store: Path) -> Rules:
    terms = [bound.terms for bound in sample_run.decision.strategies]
    return rules_of(settings_of(SAMPLE, store), sample_run.panel, terms, "USD")


def _explained(run: Run, rules: Rules, reason: Reason) -> str:
    row = next(row for row in limit_rows(run, rules) if row["reason"] == reason.name)
    return str(row["explanation"])


def _bound(run: Run, reason: Reason, times: int) -> Run:
    bound = run.bound.copy()
    bound[reason] = times
    return replace(run, bound=bound)


def test_a_position_limit_that_binds_everywhere_names_the_stop(
    sample_run: Run, rules: Rules
) -> None:
    often = _bound(sample_run, Reason.POSITION, sample_run.active_cells)
    assert "a stop nearer than 10% of the price asks for more than 10%" in _explained(
        often, rules, Reason.POSITION
    )


def test_every_limit_that_binds_in_most_cells_is_explained(sample_run: Run, rules: Rules) -> None:
    always = replace(sample_run, bound=np.full_like(sample_run.bound, sample_run.active_cells))
    for row in limit_rows(always, rules):
        if row["share"] > 0.5:
            assert row["explanation"], row["name"]


def test_open_risk_of_five_positions_cannot_bind(sample_run: Run, rules: Rules) -> None:
    said = _explained(sample_run, rules, Reason.OPEN_RISK)
    assert "It cannot bind: 5 instruments at 1% each make 5%." in said


def test_shortfall_says_that_value_at_risk_binds_first(sample_run: Run, rules: Rules) -> None:
    """Student-t with 5 degrees at 95 %: 2.2396 / 1.5608 = 1.435 standard deviations a unit."""
    said = _explained(sample_run, rules, Reason.ES)
    assert "Shortfall is 1.43 times VaR" in said
    assert "VaR of 5% binds before a shortfall of 8%" in said


def test_a_peak_above_its_limit_is_explained(sample_run: Run, rules: Rules) -> None:
    worst = sample_run.worst.copy()
    worst[Reason.GROUP] = 1.2
    drifted = _bound(replace(sample_run, worst=worst), Reason.GROUP, 3)
    assert "before the cut" in _explained(drifted, rules, Reason.GROUP)


LONG = """
from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, strategy

@strategy(needs=("close",), horizon="20d", half_life="20d", expiry="40d")
def always(window, params, out):
    for i in range(window.shape[1]):
        if window[0, i, 0] > 0.0:
            out[EDGE_BPS, i] = EDGE
            out[SIGMA_BPS, i] = 50.0
            out[CONFIDENCE, i] = 1.0
"""
"""A strategy that wants as much as it may have in every cell."""


def _greedy(
    store: Path, folder: Path, overrides: dict[str, object], edge: str
) -> tuple[Run, Rules]:
    """The sample run by a strategy that always wants more, under other settings."""
    (folder / "mine.py").write_text(LONG.replace("EDGE\n", f"{edge}\n"))
    config = folder / "config.yaml"
    config.write_text(
        "universe: {symbols: [AAPL, FB, GOOG, IBM, MSFT]}\nstrategies: ['mine.py:always']\n"
    )
    settings = load_settings(config, {"data.store": store, **WIDE, **overrides}, environment={})
    panel = open_panel(settings)
    done = run(panel, decide_on(settings, panel))
    return done, rules_of(settings, panel, [b.terms for b in done.decision.strategies], "USD")


WIDE = {"sizing.stop_sigmas": 20}  # a side that is stopped out is locked, and asks no more

TIGHT: dict[Reason, tuple[dict[str, object], str]] = {
    Reason.INPUT: (
        {"limits.min_sessions": 3000},
        "New risk waits for 3000 sessions of returns, a volume and an exchange rate; at the last "
        "row FB, GOOG had as few as 194 returns.",
    ),
    Reason.SHORT: (
        {},
        "these instruments cannot be sold short (AAPL, FB, GOOG and 2 more), so their target is 0.",
    ),
    Reason.SPREAD: (
        {"limits.spread_bps.equity": 1.5},
        "5 of 5 spreads are wider than their limit: the one of AAPL is 2 bps against 1.5.",
    ),
    Reason.SLIPPAGE: (
        {"limits.slippage_bps.equity": 0.5},
        "was expected to slip 1.38 bps against a limit of 0.5.",
    ),
    Reason.DRAWDOWN: (
        {"limits.drawdown_start": 0.0001, "limits.drawdown_stop": 0.9},
        "Full size holds to 0.01% and falls from there to zero new risk at 90%.",
    ),
    Reason.HALTED: (
        {"limits.drawdown_start": 0.001, "limits.drawdown_stop": 0.01},
        "The book was halted on 2000-",
    ),
    Reason.TRADE_RISK: (
        {"limits.risk_per_trade": 0.0005},
        "The base size risks 1% at the stop, more than the 0.05% of this limit.",
    ),
    Reason.POSITION: (
        {"limits.position": 0.01},
        "a stop nearer than 100% of the price asks for more than 1%. At the last row a stop of 20 "
        "session volatilities lay ",
    ),
    Reason.OPEN_RISK: (
        {"limits.open_risk": 0.0005},
        "5 instruments at 1% each ask for up to 5% at their stops, against 0.05%.",
    ),
    Reason.GROUP: ({"limits.group": 0.005}, "of net beta exposure, against 0.5%."),
    Reason.GROSS: (
        {"limits.gross": 0.02},
        "5 instruments of at most 10% ask for up to 0.5x, against 0.02x.",
    ),
    Reason.VOL_TARGET: (
        {"sizing.volatility_target": 0.002},
        "has a volatility of 8.4% a year, against 0.2%.",
    ),
    Reason.VAR: (
        {"limits.var": 0.0002},
        "has a one-day VaR of about 0.8%, against 0.02%",
    ),
    Reason.ES: (
        {"limits.expected_shortfall": 0.0002},
        "has a one-day expected shortfall of about 1.2%, against 0.02%",
    ),
    Reason.FEW_SCENARIOS: (
        {"limits.var_method": "historical", "risk_model.historical_min_sessions": 250,
         "data.end": "2000-09-01"},
        "The historical method needs 250 sessions of returns and the run has ",
    ),
    Reason.PARTICIPATION: (
        {"execution.participation": 1e-9},
        "times the equity: a larger order is cut to that, and an hour lets ",
    ),
}  # fmt: skip
"""Settings that make a limit bind nearly always, and what must then be said."""


@pytest.mark.parametrize("reason", TIGHT, ids=lambda reason: reason.name)
def test_a_limit_that_binds_nearly_always_names_its_cause_and_its_remedy(
    reason: Reason, store: Path, tmp_path: Path
) -> None:
    overrides, said = TIGHT[reason]
    edge = "-500.0" if reason is Reason.SHORT else "500.0"
    greedy, rules = _greedy(store, tmp_path, overrides, edge)
    row = next(row for row in limit_rows(greedy, rules) if row["reason"] == reason.name)
    assert row["share"] > 0.5
    assert said in row["explanation"]
    assert f"If that is not wanted: {OFTEN[reason].remedy}." in row["explanation"]
    words = (greedy.reasons == int(reason)).any()
    assert ("Cells in which it had the last word" in row["explanation"]) == bool(words)


COUNTED = {
    Reason.DAILY_LOSS: "0 of 3,270 sessions lost 5% or more from their opening equity, the worst ",
    Reason.LOSSES: "51.5% of 239 trades lost, and every 5 losing trades in a row ban new risk",
    Reason.INFEASIBLE: "Masked most: FB (94% of its rows), GOOG (34.3% of its rows).",
    Reason.INTERVAL: "An order that adds risk waits 1 rows",
    Reason.OPEN_ORDERS: "With 0 rows of latency up to 1 orders are pending in an instrument",
    Reason.NOTIONAL: "The minimum of AAPL is 0 USD, while the equity was 119,417 USD",
    Reason.CASH: "at its lowest it was 60.7% of the equity, with a gross limit of 1x",
}
"""Limits that no setting brings to bind in most cells: their sentences, on the sample run."""


@pytest.mark.parametrize("reason", COUNTED, ids=lambda reason: reason.name)
def test_a_rare_limit_would_name_its_cause(reason: Reason, sample_run: Run, rules: Rules) -> None:
    often = _bound(sample_run, reason, sample_run.active_cells)
    said = _explained(often, rules, reason)
    assert COUNTED[reason] in said
    assert OFTEN[reason].remedy in said


def test_every_limit_is_explained_whether_it_binds_often_or_never(
    sample_run: Run, rules: Rules
) -> None:
    never = replace(sample_run, bound=np.zeros_like(sample_run.bound))
    historical = msgspec.structs.replace(rules, historical=True)
    listed = {Reason[row["reason"]] for row in limit_rows(never, historical)}
    assert listed == set(OFTEN) == set(NEVER)
    for row in limit_rows(never, historical):
        assert len(row["explanation"]) > 20, row["name"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason.SPREAD, "The widest is AAPL with 2 of 20 bps."),
        (Reason.SLIPPAGE, "the expected slippage of a full position is 1.4 bps at most (FB)."),
        (Reason.HALTED, "The deepest drawdown was 5.2%."),
        (Reason.DAILY_LOSS, "The worst session lost 0.9% of its opening equity."),
        (Reason.LOSSES, "The longest run was 9 of 239 trades."),
        (Reason.POSITION, "Kelly and confidence never asked for more than 10% of equity."),
        (Reason.GROUP, "The largest net beta exposure of a group was 29.9%."),
        (Reason.VOL_TARGET, "The highest yearly volatility of a book was 9.5%."),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_a_limit_that_never_binds_says_what_came_nearest(
    reason: Reason, said: str, sample_run: Run, rules: Rules
) -> None:
    assert said in _explained(_bound(sample_run, reason, 0), rules, reason)


def test_a_limit_that_could_bind_and_did_not_says_how_much_was_used(
    sample_run: Run, rules: Rules
) -> None:
    changes = {"open_risk": 0.03, "gross": 0.45, "var": 0.012, "expected_shortfall": 0.012}
    tight = msgspec.structs.replace(rules, **changes)
    worst = sample_run.worst.copy()
    for reason in (Reason.OPEN_RISK, Reason.GROSS, Reason.VAR, Reason.ES):
        worst[reason] = 0.5
    half = replace(sample_run, worst=worst)
    assert "The largest loss at all stops together was 1.5%." in _explained(
        half, tight, Reason.OPEN_RISK
    )
    assert "The largest gross exposure was 22.5%." in _explained(half, tight, Reason.GROSS)
    assert "The largest one-day VaR was 0.6%." in _explained(half, tight, Reason.VAR)
    assert "The largest one-day expected shortfall was 0.6%." in _explained(half, tight, Reason.ES)


SETTING = re.compile(r"\b(?:limits|sizing|execution|data)\.[a-z_.]*[a-z_]")


def test_every_setting_that_a_remedy_names_exists() -> None:
    known = Settings().model_dump()
    named = [name for often in OFTEN.values() for name in SETTING.findall(often.remedy)]
    assert len(named) > 20
    for name in named:
        at = known
        for part in name.split("."):
            assert part in at, name
            at = at[part]


def test_every_tradable_cell_has_one_final_reason(sample_run: Run) -> None:
    rows = decision_rows(sample_run)
    usable = int(((sample_run.panel.flags & 3) == 3).sum())
    assert sum(row["cells"] for row in rows) == usable
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)
    assert not any(row["reason"] == "MASKED" for row in rows)
