"""Long campaigns: run, remembered, and shown with what they found."""

import json
from pathlib import Path

from benchmarks.soak.campaign import (
    STATE,
    Campaign,
    Told,
    as_pytest_says,
    in_its_own_words,
    run,
    states_of,
)
from benchmarks.soak.catalogue import CAMPAIGNS, WORLDS
from benchmarks.soak.page import PARTIAL, page
from benchmarks.soak.worlds import as_worlds_say

COUNTING = """
import sys, pathlib
file = pathlib.Path(sys.argv[1]) / "count"
count = int(file.read_text()) + 1 if file.exists() else 1
file.write_text(str(count))
print(f"{count} times\\n\\n| a |\\n|---|\\n| {count} |")
sys.exit(count > 2)
"""


def counting() -> Campaign:
    return Campaign("One that counts", ("-c", COUNTING, STATE))


def test_a_campaign_goes_on_in_its_own_folder(tmp_path: Path) -> None:
    outcomes = [run(counting(), "abc", tmp_path) for _ in range(3)]
    assert [each.summary for each in outcomes] == ["1 times", "2 times", "3 times"]
    assert [each.passed for each in outcomes] == [True, True, False]
    assert outcomes[0].table == "| a |\n|---|\n| 1 |"


def test_another_commit_begins_anew(tmp_path: Path) -> None:
    assert states_of("abc", tmp_path) != states_of("abd", tmp_path)


def test_the_page_says_what_failed_and_what_did_not_run(tmp_path: Path) -> None:
    bad = Campaign("One that ends badly", ("-c", "print('so it is'); raise SystemExit(1)"))
    outcomes = [run(bad, "abc", tmp_path), run(counting(), "abd", tmp_path)]
    partial, whole = page(outcomes, 3), page(outcomes, 2)
    assert "| One that ends badly | FAILED | abc | 0 s | so it is |" in whole
    assert "| One that counts | passed | abd | 0 s |" in whole
    assert "## One that counts\n\n| a |" in whole
    assert PARTIAL in partial
    assert PARTIAL not in whole


def test_names_are_unlike() -> None:
    names = [each.name for each in CAMPAIGNS]
    assert len({each.lower() for each in names}) == len(names)


def test_outputs_are_read() -> None:
    assert as_pytest_says("a\n\n3 passed in 1 s\n") == Told("3 passed in 1 s")
    assert in_its_own_words("5 killed\n\n| a |\n") == Told("5 killed", "| a |")
    assert as_pytest_says("").summary == in_its_own_words("").summary == "no output"


def test_worlds_are_shown_with_the_share_of_each_fault() -> None:
    found = {
        "seeds": 4, "failures": 1, "worlds_per_second": None, "events": 4_000, "orders": 200,
        "fills": 100, "crashes": 6, "thin": 0, "struck": {"outage": 0.25, "answer lost": 0.5},
        "failed": [{"seed": 3, "why": "an orphan"}],
    }  # fmt: skip
    told = as_worlds_say(json.dumps(found))
    assert told.summary == "4 seeds, 1 failures"
    assert "| orders | 200 | 50.0 |" in told.table
    assert told.table.index("| answer lost | 50.0% |") < told.table.index("| outage | 25.0% |")
    assert "- `kedge simulate --seed 3`: an orphan" in told.table
    assert as_worlds_say("Traceback").summary == "no result"


def test_what_kedge_simulate_says_is_read(tmp_path: Path) -> None:
    words = tuple("2" if word == "10000" else word for word in WORLDS)
    outcome = run(Campaign("Two worlds", words, told=as_worlds_say), "abc", tmp_path)
    assert outcome.summary.startswith("2 seeds, ")
    assert "| events | " in outcome.table
