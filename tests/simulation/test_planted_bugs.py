"""Bugs planted in the engine are found by the observer; ``KEDGE_LONG=1`` looks for them anew."""

import os
import re
from functools import cache

import pytest

from kedge.testing.simulation.campaign import run_world
from simulation.planted import BUGS
from simulation.planting import Bug, planted

LONG = os.environ.get("KEDGE_LONG") == "1"
SEEDS = 2_000
"""Worlds in which a bug must show."""


@cache
def clean(seed: int) -> bool:
    """Whether a world is without fault while nothing is planted."""
    return not run_world(seed).failures


def shown(bug: Bug, seed: int) -> list[str]:
    """What is said of a world because of a bug."""
    with planted(bug) as planter:
        failures = run_world(seed).failures
    return [line for line in failures if planter.used and re.search(bug.says, line)]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug):
    assert clean(bug.seed)
    assert shown(bug, bug.seed), f"{bug.name}: KEDGE_LONG=1 finds the world that shows it now"


@pytest.mark.skipif(not LONG, reason="hundreds of worlds for some bugs: set KEDGE_LONG=1")
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_its_world_is_the_first_that_shows_it(bug):
    found = next((seed for seed in range(SEEDS) if shown(bug, seed) and clean(seed)), SEEDS)
    assert found == bug.seed


def test_nothing_stays_planted():
    before = run_world(0)
    for bug in BUGS:
        with planted(bug):
            pass
    assert run_world(0) == before
