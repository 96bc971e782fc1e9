import msgspec
import pytest

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
        ({"deflated_sharpe": 0.98}, "deflated Sharpe ratio 0.98"),
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


def test_thresholds_can_be_set() -> None:
    assert judge(GOOD, Thresholds(trades=1_000)).verdict is Verdict.WEAK


def test_reasons_name_the_trials_counted() -> None:
    assert any("(40 trials, 7 effective)" in reason for reason in judge(GOOD).reasons)


def test_evidence_is_written_as_plain_json() -> None:
    written = msgspec.json.decode(msgspec.json.encode(judge(but(deflated_sharpe=None))))
    assert written["verdict"] == "none"
    assert written["pbo"] is None
    assert written["deflated_sharpe"] is None
