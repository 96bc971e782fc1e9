from pathlib import Path

import numpy as np
import pytest

from kedge.domain.errors import DataError
from kedge.research.assess import Case, assess, lower_bound, related_series
from kedge.research.trials import TrialBatch, read_ledger, record_trials
from kedge.research.verdict import Searched, Verdict

DAY = 86_400 * 10**9
DAYS = 8 * 252


def noise(seed: int, columns: int = 1, days: int = DAYS) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (days, columns))


def case(edge: float, seed: int = 0, **changes: object) -> Case:
    """A run whose residual has the given non-centrality over its whole record."""
    series = noise(seed)[:, 0]
    series += edge * 0.01 / np.sqrt(DAYS) - series.mean()
    fields: dict[str, object] = {
        "residual": series,
        "residual_doubled": series - 0.01 / np.sqrt(DAYS),
        "trials": series[:, None],
        "search": None,
        "per_year": 252.0,
        "trades": 400,
        "point_in_time": True,
    }
    return Case(**{**fields, **changes})  # type: ignore[arg-type]


def test_an_edge_of_six_standard_errors_is_strong() -> None:
    found = assess(case(6.0), seed=1)
    assert found.verdict is Verdict.STRONG
    assert (found.trials, found.effective_trials) == (1, 1)
    assert found.required_years is not None
    assert found.required_years < 8


def test_an_edge_of_two_standard_errors_is_weak() -> None:
    assert assess(case(2.0), seed=1).verdict is Verdict.WEAK


def test_no_edge_is_no_evidence() -> None:
    found = assess(case(0.5), seed=1)
    assert found.verdict is Verdict.NONE
    # of eight years at half a standard error: ((1.645 / 0.5)^2 - 1) times as many again
    weak = next(reason for reason in found.reasons if "weak needs 0.95" in reason)
    assert weak.startswith("fail: ")
    years = float(weak.partition("takes ")[2].partition(" more")[0])
    assert years == pytest.approx(8 * ((1.645 / 0.5) ** 2 - 1), rel=0.02)


def test_the_same_edge_among_many_trials_is_no_evidence() -> None:
    own = case(2.0)
    many = np.column_stack([own.residual, noise(9, 200)])
    found = assess(case(2.0, trials=many), seed=1)
    assert found.effective_trials == 201
    assert found.deflated_sharpe is not None
    assert found.deflated_sharpe < 0.5
    assert found.verdict is Verdict.NONE


def test_variants_of_one_idea_hardly_deflate() -> None:
    own = case(6.0)
    variants = own.residual[:, None] + 0.1 * noise(9, 9)
    found = assess(case(6.0, trials=np.column_stack([own.residual, variants])), seed=1)
    assert (found.trials, found.effective_trials) == (10, 1)
    assert found.verdict is Verdict.STRONG


def test_a_search_reports_its_probability_of_overfitting() -> None:
    for pbo, verdict in ((0.1, Verdict.STRONG), (0.3, Verdict.WEAK)):
        search = Searched(candidates=10, first="2010-01-04", last="2019-12-31", pbo=pbo)
        found = assess(case(6.0, search=search), seed=1)
        assert (found.pbo, found.search, found.verdict) == (pbo, search, verdict)


def test_an_edge_that_doubled_costs_consume_is_not_strong() -> None:
    own = case(6.0)
    found = assess(case(6.0, residual_doubled=own.residual - own.residual.mean()), seed=1)
    assert found.verdict is Verdict.WEAK
    assert "doubled costs" in found.reasons[0]


def test_a_run_that_never_traded_is_judged_without_error() -> None:
    flat = np.zeros(DAYS)
    found = assess(
        case(0.0, residual=flat, residual_doubled=flat, trials=flat[:, None], trades=0), seed=1
    )
    assert found.verdict is Verdict.NONE
    assert found.deflated_sharpe is None
    assert found.required_years is None


def test_one_day_is_judged_without_error() -> None:
    one = np.array([0.01])
    nothing = float("nan")
    short = case(0.0, residual=one, residual_doubled=one, trials=one[:, None], per_year=nothing)
    assert assess(short, seed=1).verdict is Verdict.NONE


@pytest.mark.parametrize("kind", ["normal", "student"])
def test_noise_is_called_strong_no_more_often_than_stated(kind: str) -> None:
    rng = np.random.default_rng(3)
    strong = 0
    for world in range(150):
        shocks = rng.standard_normal(DAYS) if kind == "normal" else rng.standard_t(5, DAYS)
        series = 0.01 * shocks
        null = case(0.0, residual=series, residual_doubled=series, trials=series[:, None])
        strong += assess(null, seed=world).verdict is Verdict.STRONG
    assert strong <= 6  # 1 % of 150 is 1.5; seven would happen once in a thousand


def test_lower_bound_is_near_the_sharpe_ratio_less_two_standard_errors() -> None:
    series = case(6.0).residual
    expected = (6.0 - 1.96) / np.sqrt(8)
    assert lower_bound(series, 252.0, 1) == pytest.approx(expected, abs=0.12)


def batch(names: tuple[str, ...], first: int = 0, seed: int = 0) -> TrialBatch:
    days = (first + np.arange(60)) * DAY
    return TrialBatch(("AAA",), days, names, noise(seed, len(names), 60))


def test_related_series_hold_the_run_and_every_other_trial_once(tmp_path: Path) -> None:
    record_trials(tmp_path, batch(("a", "b")))
    record_trials(tmp_path, batch(("c",), first=30))
    own = batch(("b", "z"), seed=5)
    found = related_series(read_ledger(tmp_path), own)
    assert found.shape == (90, 4)
    assert found[:60, :2].tolist() == own.returns.tolist()
    assert np.isnan(found[60:, :2]).all()
    assert np.isnan(found[:30, 3]).all()


def test_a_rerun_is_judged_as_the_first_run(tmp_path: Path) -> None:
    own = batch(("a", "b"))
    first = related_series(read_ledger(tmp_path), own)
    record_trials(tmp_path, own)
    again = related_series(read_ledger(tmp_path), own)
    assert first.tobytes() == again.tobytes()


def test_a_batch_that_repeats_a_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="twice"):
        related_series(read_ledger(tmp_path), batch(("a", "a")))
