import pytest
from benchmarks.evidence import NULL, PLANTED, SEARCHED, Campaign, Goal, main, page, searched_null

from kedge.research.campaign import WorldVerdict
from kedge.research.truths import Truth, nulls, planted_truth
from kedge.research.verdict import Verdict


def campaign(truth: Truth, goal: Goal, strong: int, judged: int, wanted: int) -> Campaign:
    verdicts = [
        WorldVerdict(
            seed=seed,
            verdict=Verdict.STRONG if seed < strong else Verdict.NONE,
            deflated_sharpe=0.5,
            noncentrality=0.1,
            trades=200,
        )
        for seed in range(judged)
    ]
    return Campaign(truth, goal, wanted, tuple(verdicts))


@pytest.mark.parametrize(("strong", "met"), [(15, True), (16, False)])
def test_a_null_allows_fifteen_in_a_thousand(strong: int, met: bool) -> None:
    assert campaign(nulls()[0], NULL, strong, 1000, 1000).met is met


@pytest.mark.parametrize(("strong", "met"), [(3, True), (4, False)])
def test_searches_allow_no_larger_share_than_single_trials(strong: int, met: bool) -> None:
    assert campaign(searched_null(), SEARCHED, strong, 200, 200).met is met
    assert SEARCHED.strong / SEARCHED.worlds == NULL.strong / NULL.worlds


@pytest.mark.parametrize(("strong", "met"), [(90, True), (89, False)])
def test_planted_worlds_need_ninety_in_a_hundred(strong: int, met: bool) -> None:
    assert campaign(planted_truth(), PLANTED, strong, 100, 100).met is met


def test_a_share_of_the_worlds_meets_no_figure_and_the_page_says_so() -> None:
    done = [campaign(truth, NULL, 9, 1000, 1000) for truth in nulls()]
    done.append(campaign(searched_null(), SEARCHED, 3, 200, 200))
    few = campaign(planted_truth(), PLANTED, 50, 50, 50)
    assert not few.met
    partial = page([*done, few], 0.17, (6.0, 1.0))
    assert "**Partial:" in partial
    assert "| 50 | 50 | 0 | 0 |" in partial
    assert partial.count("| partial |") == 1
    whole = page([*done, campaign(planted_truth(), PLANTED, 100, 100, 100)], 0.17, (6.0, 1.0))
    assert "Partial" not in whole
    assert whole.count("| yes |") == 5
    assert "at most 15 of 1,000" in whole
    assert "at most 3 of 200" in whole


def test_the_campaign_runs_end_to_end_on_few_worlds(tmp_path, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("benchmarks.evidence.calibrate", lambda measured: 0.17)
    monkeypatch.setattr("benchmarks.evidence.mean_noncentrality", lambda *_: (6.0, 1.0))
    target = tmp_path / "evidence.md"
    few = ["--worlds", "2", "--searched", "1", "--planted", "1", "--processes", "1"]
    where = ["--folder", str(tmp_path / "kept"), "--page", str(target)]
    assert main([*few, *where]) == 1  # too few to meet a figure
    assert "**Partial:" in target.read_text()
    assert len(list((tmp_path / "kept").glob("*.jsonl"))) == 5
    assert "planted: {" in capsys.readouterr().out
