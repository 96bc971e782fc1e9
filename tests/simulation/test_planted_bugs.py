"""Bugs planted in the engine are found by the observer.

``KEDGE_LONG=1`` looks for each from world 0 on and writes to ``out/planted-bugs.txt`` which world
was the first to show it: the seeds in `planted` are from there.
"""

import os
import re
from functools import cache

import pytest

from kedge.testing.simulation.campaign import run_world
from simulation.planted import BUGS
from simulation.planting import Bug, planted
from support import ROOT

LONG = os.environ.get("KEDGE_LONG") == "1"
SEEDS = 2_000
"""Worlds in which a bug must show."""
NEAR = 40
"""Worlds from the recorded one on in which it still shows when the engine has changed a little."""
FOUND = ROOT / "out" / "planted-bugs.txt"


@cache
def clean(seed: int) -> bool:
    """Whether a world is without fault while nothing is planted."""
    return not run_world(seed).failures


def shown(bug: Bug, seed: int) -> list[str]:
    """What is said of a world because of a bug."""
    with planted(bug) as planter:
        failures = run_world(seed).failures
    lines = [line for line in failures if planter.used and re.search(bug.says, line)]
    return lines if lines and clean(seed) else []


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug):
    near = range(bug.seed, bug.seed + NEAR)
    assert any(shown(bug, seed) for seed in near), f"{bug.name}: seek it anew with KEDGE_LONG=1"


@pytest.mark.skipif(not LONG, reason="hundreds of worlds for some bugs: set KEDGE_LONG=1")
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found_within_so_many_worlds(bug):
    found = next((seed for seed in range(SEEDS) if shown(bug, seed)), SEEDS)
    FOUND.parent.mkdir(exist_ok=True)
    with FOUND.open("a") as file:
        file.write(f"{bug.name}: {'not found' if found == SEEDS else found}\n")
    assert found < SEEDS


def test_nothing_stays_planted():
    before = run_world(0)
    for bug in BUGS:
        with planted(bug):
            pass
    assert run_world(0) == before
