"""``python -m benchmarks.soak [--fresh] [--only WORD]``."""

import argparse
import json
import shutil
import sys
from dataclasses import asdict

from benchmarks import machine
from benchmarks.soak.campaign import ROOT, Campaign, Outcome, run, states_of
from benchmarks.soak.catalogue import CAMPAIGNS
from benchmarks.soak.page import write

STATES = ROOT / "out" / "soak"
DONE = STATES / "outcomes.json"


def main() -> int:
    """Run what has not passed at this commit."""
    asked = _asked()
    if asked.fresh:
        shutil.rmtree(STATES, ignore_errors=True)
    commit = machine.commit(ROOT)
    if machine.CHANGED in commit:  # it does not name what runs: nothing of it is gone on with
        shutil.rmtree(states_of(commit, STATES), ignore_errors=True)
    outcomes = {o.name: o for o in _known()}
    for campaign in CAMPAIGNS:
        if asked.only not in campaign.name:
            continue
        before = outcomes.get(campaign.name)
        if before is not None and before.passed and before.commit == commit:
            print(f"{campaign.name}: passed before at {commit}")
            continue
        outcomes[campaign.name] = _ran(campaign, commit)
        _keep(outcomes)
    asked_for = [outcomes[each.name] for each in CAMPAIGNS if asked.only in each.name]
    return 0 if all(o.passed for o in asked_for) else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Test campaigns at full length.")
    parser.add_argument("--fresh", action="store_true", help="forget what has passed")
    parser.add_argument("--only", default="", help="campaigns with this in their name")
    return parser.parse_args()


def _known() -> list[Outcome]:
    """What ran before, each at the commit that it names; what ran on changed files names none."""
    known = json.loads(DONE.read_text()) if DONE.exists() else []
    return [Outcome(**o) for o in known if machine.CHANGED not in o["commit"]]


def _ran(campaign: Campaign, commit: str) -> Outcome:
    print(f"{campaign.name} ...", flush=True)
    outcome = run(campaign, commit, states_of(commit, STATES))
    print(f"  {outcome.summary}")
    return outcome


def _keep(outcomes: dict[str, Outcome]) -> None:
    order = [outcomes[each.name] for each in CAMPAIGNS if each.name in outcomes]
    DONE.parent.mkdir(parents=True, exist_ok=True)
    DONE.write_text(json.dumps([asdict(o) for o in order], indent=1))
    write(order, len(CAMPAIGNS))


if __name__ == "__main__":
    sys.exit(main())
