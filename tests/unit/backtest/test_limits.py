"""Limits are counted where they bind, and explained where that is remarkable."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kedge.domain.reason import Reason
from kedge.domain.rules import Rules
from kedge.engine.rules_of import rules_of
from kedge.research.limits_table import decision_rows, limit_rows
from kedge.research.run import Run
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


def test_every_tradable_cell_has_one_final_reason(sample_run: Run) -> None:
    rows = decision_rows(sample_run)
    usable = int(((sample_run.panel.flags & 3) == 3).sum())
    assert sum(row["cells"] for row in rows) == usable
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)
    assert not any(row["reason"] == "MASKED" for row in rows)
