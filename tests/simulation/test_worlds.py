"""Whole worlds from their seeds: nothing wrong in any, and enough happens in each."""

import os
from functools import cache

import pytest

from kedge.testing.simulation.campaign import KINDS, Totals, run_world, run_worlds

LONG = os.environ.get("KEDGE_LONG") == "1"
SEEDS = range(300) if LONG else range(25, 65)
"""The forty are the first in a row in which every kind of fault strikes."""
SHARE = 0.05
"""Of the worlds in which each kind of fault strikes."""


@cache
def worlds() -> Totals:
    return run_worlds(SEEDS)


def test_the_observer_finds_nothing_wrong():
    assert worlds().failed == []


def test_every_world_has_a_thousand_events_fifty_orders_and_a_crash():
    assert worlds().thin == []


def test_every_kind_of_fault_strikes_somewhere():
    assert worlds().seldom(0.0) == {}


@pytest.mark.skipif(not LONG, reason="a share needs 300 worlds: set KEDGE_LONG=1")
def test_every_kind_of_fault_strikes_in_one_world_of_twenty():
    assert worlds().seldom(SHARE) == {}


def test_a_seed_makes_the_same_world_again():
    assert run_world(3) == run_world(3)


def test_a_kind_that_never_strikes_is_named():
    assert Totals(seeds=1).seldom(0.0) == dict.fromkeys(sorted(KINDS), 0.0)
