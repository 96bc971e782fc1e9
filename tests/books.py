"""A book to put numbers into: parameters and state of the step for unit tests."""

from typing import Any

from kedge.domain.instrument import Instrument
from kedge.domain.state import Out, Params, State
from kedge.engine.blocks import Stepper, block_rows
from kedge.engine.book_state import new_state
from kedge.engine.program import build_program
from oracle.tiny import SHARE, WARM_UP, forecasts, panel, rules

PER_INSTRUMENT = ("position_cap", "spread_limit_bps", "slippage_limit_bps", "impact")


def book(
    count: int = 1, *, instrument: Instrument = SHARE, **changes: Any
) -> tuple[Params, State, Out]:
    """Parameters, fresh state and outputs of ``count`` equal instruments.

    Args:
        count: number of instruments N.
        instrument: 0.01 USD ticks and whole shares when not given.
        changes: of the loose rules of `oracle.tiny`; a single value per
            instrument is repeated.
    """
    told = rules(**changes)
    wide = {name: getattr(told, name) * count for name in PER_INSTRUMENT}
    told = rules(**(changes | {k: v for k, v in wide.items() if len(v) == count}))
    strategies = len(told.strategies)
    world = panel(WARM_UP, instrument=instrument, count=count)
    program = build_program(world.instruments, told, "USD", world.interval_ns)
    state = new_state(program)
    rows = block_rows(world, forecasts([0.0, 0.0], 1.0, strategies=strategies, count=count), 0, 2)
    return program.params, state, Stepper(program, state)._outputs(rows)
