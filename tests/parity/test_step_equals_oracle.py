"""The compiled step against the oracle, number by number, on random worlds."""

import pytest
from msgspec.structs import replace as with_rules

from kedge.testing.worlds import World, random_world
from oracle import run_oracle
from parity.compare import differences, unexplained
from parity.step import run_step


def without_latency(world: World) -> World:
    rules = with_rules(world.rules, latency_rows=0)
    return World(world.panel, world.forecasts, rules, world.reporting, world.theme)


@pytest.mark.parametrize("seed", range(60))
def test_step_and_oracle_agree_on_positions_cash_and_reasons(seed):
    world = without_latency(random_world(seed))
    oracle = run_oracle(world.panel, world.forecasts, world.rules, world.reporting)
    step = run_step(world)
    found = differences(oracle, step.lots, step.cash, step.equity, step.reasons, step.fills)
    assert unexplained(oracle, found) == []
