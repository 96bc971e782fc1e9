"""``kedge simulate``: a failed world names its seed, and the line that keeps it."""

import json
from pathlib import Path

import pytest

from kedge.interfaces.cli import simulate_run
from kedge.interfaces.cli.main import main
from kedge.testing.simulation.campaign import Outcome
from kedge.testing.simulation.corpus import read
from kedge.testing.simulation.scene import draw


@pytest.fixture(autouse=True)
def _one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(seed: int) -> Outcome:
        why = ("a stop came late",) if seed == 5 else ()
        return Outcome(seed, why, 2_000, 60, 40, 1, frozenset({"halt"}))

    monkeypatch.setattr(simulate_run, "run_world", run)


def test_a_failure_says_how_to_see_it_again_and_how_to_keep_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    assert main(["simulate", "--seeds", "8"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "8 seeds, 1 failures",
        "  kedge simulate --seed 5: a stop came late",
        "To keep a world, add its line to tests/simulation/corpus.jsonl:",
    ]
    file = tmp_path / "corpus.jsonl"
    file.write_text(said[3] + "\n")
    assert [(kept.seed, kept.was, kept.scene) for kept in read(file)] == [
        (5, "a stop came late", draw(5))
    ]


def test_json_holds_the_same(capsys: pytest.CaptureFixture[str]):
    assert main(["simulate", "--seeds", "8", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    (failed,) = told["failed"]
    assert (failed["seed"], failed["why"]) == (5, "a stop came late")
    assert json.loads(failed["keep"])["seed"] == 5
    assert (told["thin"], told["struck"]) == (0, {"halt": 1.0})


def test_a_campaign_without_a_failure_keeps_nothing(capsys: pytest.CaptureFixture[str]):
    assert main(["simulate", "--seeds", "3"]) == 0
    assert "corpus" not in capsys.readouterr().out
