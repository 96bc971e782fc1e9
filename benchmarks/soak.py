"""``make soak``: five test campaigns at full length, into docs/soak.md.

A campaign is a set of tests that run a seeded subset in ``make test`` and their
whole length under ``KEDGE_LONG=1``: the step against its oracle, faults planted in
the step, bugs planted in the engine that trades, whole history against row by row
and restarts, contracts of strategies.
The checkpoint is the campaign, of a few minutes at most: one that has passed at the
commit that is checked out is not run again, one that was stopped begins anew.
``--fresh`` forgets what passed.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import machine

ROOT = Path(__file__).resolve().parent.parent
DONE = ROOT / "out" / "soak.json"
PAGE = ROOT / "docs" / "soak.md"
CAMPAIGNS = {
    "The step against its oracle on random worlds": ["tests/parity/test_step_equals_oracle.py"],
    "Planted faults in the step": ["tests/parity/test_planted_faults.py"],
    "Bugs planted in the engine": ["tests/simulation/test_planted_bugs.py"],
    "Whole history = row by row = after a restart": ["tests/parity", "-k", "whole_path"],
    "Contracts of every strategy": ["tests/contracts"],
}


@dataclass(frozen=True)
class Outcome:
    """How a campaign went."""

    name: str
    commit: str
    passed: bool
    seconds: float
    summary: str


def run(name: str, arguments: list[str], commit: str) -> Outcome:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *arguments],
        cwd=ROOT,
        env={**os.environ, "KEDGE_LONG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode != 0:
        print(done.stdout[-4000:])
    seconds = round(time.monotonic() - began, 1)
    return Outcome(name, commit, done.returncode == 0, seconds, lines[-1] if lines else "no output")


def write(outcomes: list[Outcome]) -> None:
    rows = "\n".join(
        f"| {o.name} | {'passed' if o.passed else 'FAILED'} | {o.seconds:.0f} s | {o.summary} |"
        for o in outcomes
    )
    partial = "" if len(outcomes) == len(CAMPAIGNS) else "\n**Partial: not every campaign ran.**\n"
    PAGE.write_text(
        f"# Long campaigns\n\nMade by `make soak` on {machine.today()} at commit "
        f"{machine.commit(ROOT)}.\n\n{machine.facts()}\n{partial}\n"
        f"| campaign | result | time | pytest says |\n|---|---|---|---|\n{rows}\n",
        encoding="utf-8",
    )


def main() -> int:
    commit = machine.commit(ROOT)
    known = json.loads(DONE.read_text()) if DONE.exists() and "--fresh" not in sys.argv else []
    outcomes = [Outcome(**o) for o in known if o["commit"] == commit and o["passed"]]
    for name, arguments in CAMPAIGNS.items():
        if name in {o.name for o in outcomes}:
            print(f"{name}: passed before at {commit}")
            continue
        print(f"{name} ...", flush=True)
        outcomes.append(run(name, arguments, commit))
        print(f"  {outcomes[-1].summary}")
        DONE.parent.mkdir(parents=True, exist_ok=True)
        DONE.write_text(json.dumps([asdict(o) for o in outcomes], indent=1))
        write(outcomes)
    return 0 if all(o.passed for o in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
