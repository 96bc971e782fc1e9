import math

import msgspec
import pytest

from kedge.research.deflated import Moments, probabilistic_sharpe
from kedge.research.required import TrackRecord
from kedge.research.verdict import Findings, Searched, Thresholds, Verdict, judge

GOOD = Findings(
    trials=40,
    effective_trials=7,
    deflated_sharpe=0.995,
    lower_bound=0.3,
    search=None,
    years=5.0,
    trades=240,
    point_in_time=True,
)


def of_search(pbo: float | None) -> Searched:
    return Searched(candidates=100, first="2010-01-04", last="2019-12-31", pbo=pbo)


def but(**changes: object) -> Findings:
    return msgspec.structs.replace(GOOD, **changes)


def test_everything_passing_is_strong() -> None:
    found = judge(GOOD)
    assert found.verdict is Verdict.STRONG
    assert all(reason.startswith("pass: ") for reason in found.reasons)
    assert found.pbo is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"deflated_sharpe": 0.98}, "strong needs a deflated Sharpe ratio of 0.99: it is 0.98"),
        ({"lower_bound": 0.0}, "at doubled costs 0;"),
        ({"lower_bound": None}, "at doubled costs undefined"),
        ({"search": of_search(0.21)}, "probability of overfitting 0.21"),
        ({"search": of_search(None)}, "probability of overfitting undefined"),
        ({"search": of_search(0.21)}, "one of 100 tried in the search over 2010-01-04 to 20"),
        ({"years": 1.99}, "1.99 years"),
        ({"years": None}, "undefined years"),
        ({"trades": 99}, "99 trades"),
        ({"point_in_time": False}, "not point-in-time"),
    ],
)
def test_one_failing_rule_caps_at_weak_and_is_listed_first(
    change: dict[str, object], said: str
) -> None:
    found = judge(but(**change))
    assert found.verdict is Verdict.WEAK
    assert found.reasons[0].startswith("fail: ")
    assert said in found.reasons[0]
    assert all(reason.startswith("pass: ") for reason in found.reasons[1:])


@pytest.mark.parametrize("deflated", [0.9499, None, float("nan"), 0.0])
def test_a_low_or_missing_deflated_sharpe_is_no_evidence(deflated: float | None) -> None:
    assert judge(but(deflated_sharpe=deflated)).verdict is Verdict.NONE


@pytest.mark.parametrize(("deflated", "verdict"), [(0.95, "weak"), (0.99, "strong")])
def test_thresholds_include_their_own_value(deflated: float, verdict: str) -> None:
    assert judge(but(deflated_sharpe=deflated)).verdict.value == verdict


def test_a_search_with_a_low_pbo_can_be_strong() -> None:
    found = judge(but(search=of_search(0.2)))
    assert found.verdict is Verdict.STRONG
    assert found.pbo == 0.2


def test_thresholds_can_be_made_stricter_and_are_told() -> None:
    found = judge(GOOD, Thresholds(trades=1_000))
    assert found.verdict is Verdict.WEAK
    assert found.stricter == ("evidence.trades",)
    assert found.thresholds["trades"] == 1_000
    assert any("strong needs 1000" in reason for reason in found.reasons)
    assert judge(GOOD).stricter == ()


def test_reasons_name_the_trials_counted() -> None:
    assert any("(40 trials, 7 effective)" in reason for reason in judge(GOOD).reasons)


def test_reasons_name_what_the_best_of_the_trials_would_show_by_luck() -> None:
    observed = Moments(sharpe=0.06, skew=0.0, kurtosis=3.0, observations=900)
    record = TrackRecord(observed=observed, benchmark=0.05, per_year=256.0)
    expected = "(40 trials, 7 effective; without skill the best would show 0.80 a year)"
    assert any(expected in reason for reason in judge(but(record=record)).reasons)


def test_a_single_trial_is_named_in_the_singular() -> None:
    found = judge(but(trials=1, effective_trials=1, trades=1))
    assert any("(1 trial)" in reason for reason in found.reasons)
    assert any("1 trade;" in reason for reason in found.reasons)
    assert not any("1 trials" in reason or "1 trades" in reason for reason in found.reasons)


def test_no_two_reasons_begin_alike() -> None:
    reasons = judge(but(deflated_sharpe=0.5)).reasons
    assert len({reason[:30] for reason in reasons}) == len(reasons)


# (years at which the same moments pass) - (years there are), over 252 days a year
RECORD = TrackRecord(
    observed=Moments(sharpe=0.05, skew=-0.4, kurtosis=5.0, observations=1_000),
    benchmark=0.02,
    per_year=252.0,
)
DEFLATED = probabilistic_sharpe(RECORD.observed, RECORD.benchmark)  # 0.826


def test_a_failing_deflated_rule_says_how_many_years_are_missing() -> None:
    weak, strong = judge(but(deflated_sharpe=DEFLATED, record=RECORD)).reasons[:2]
    factor = 1 + 0.4 * 0.05 + (5 - 1) / 4 * 0.05**2
    for reason, grade, z in ((weak, 0.95, 1.6449), (strong, 0.99, 2.3263)):
        needed = (1 + factor * (z / 0.03) ** 2 - 1_000) / 252
        assert f"{grade}" in reason
        said = f"takes {math.ceil(10 * needed) / 10:.1f} more years at this Sharpe ratio"
        assert reason.endswith(said)


def test_a_rule_that_passes_or_can_never_pass_names_no_missing_years() -> None:
    passed = judge(but(deflated_sharpe=0.96, record=RECORD)).reasons
    assert [("more years" in reason) for reason in passed].count(True) == 1
    beaten = msgspec.structs.replace(RECORD, benchmark=0.05)
    assert not any(
        "more years" in r for r in judge(but(deflated_sharpe=0.5, record=beaten)).reasons
    )


def test_evidence_is_written_as_plain_json() -> None:
    written = msgspec.json.decode(msgspec.json.encode(judge(but(deflated_sharpe=None))))
    assert written["verdict"] == "none"
    assert written["pbo"] is None
    assert written["deflated_sharpe"] is None
