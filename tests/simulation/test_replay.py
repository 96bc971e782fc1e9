"""After any crash: what the journal's events lead to is what the journal says, bit for bit."""

import os

import pytest

from replays import world

SEEDS = int(os.environ.get("KEDGE_REPLAY_SEEDS", "24"))
"""Worlds that are run; set it for a long campaign."""


@pytest.mark.parametrize("seed", range(100, 100 + SEEDS))
def test_a_world_with_crashes_is_derived_again_and_recovers_to_its_state(seed: int):
    ran = world(seed)
    verdict = ran.replayed()
    assert verdict.first is None
    assert verdict.equal
    assert (
        verdict.starts == 1 + ran.counts["crashes"] or ran.counts["crashes"] >= verdict.starts - 1
    )
    assert [line for line in ran.failures() if "recovery" in line] == []


def test_the_worlds_hold_what_a_replay_must_get_right():
    verdicts = [world(seed).replayed() for seed in range(100, 100 + SEEDS)]
    assert sum(v.starts > 1 for v in verdicts) >= SEEDS // 2
    assert sum(v.changes > 0 for v in verdicts) >= SEEDS // 4
    assert sum(v.rows for v in verdicts) > 40 * SEEDS
