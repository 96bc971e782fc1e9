"""Ageing forecasts and virtual sub-positions, row by row, by hand."""

import numpy as np
import pytest

from interpreted import interpreted
from kedge.domain import state as o
from kedge.domain.forecast import EDGE_BPS, SIGMA_BPS, TARGET, TRAIL
from kedge.domain.rules import StrategyTerms
from kedge.engine.blocks import Stepper, block_rows
from kedge.engine.book_state import new_state
from kedge.engine.program import build_program
from kedge.ensemble import forecasts as module
from oracle.tiny import DAY, STRATEGY, forecasts, panel, rules

refresh, follow = interpreted(module.refresh), interpreted(module.follow)


def _followed(bars, edges, **distances):
    """Position, blocked side and (trades, hits) after every row of one strategy."""
    world = panel(bars)
    views = forecasts(edges, 1.0)
    for name, at in (("target", TARGET), ("trail", TRAIL)):
        views[:, :, at] = distances.get(name, np.nan)
    terms = StrategyTerms(
        name="s",
        prior=1.0,
        horizon_ns=DAY,
        half_life_ns=DAY,
        expiry_ns=2 * DAY,
        max_rows=distances.get("max_rows", 0),
    )
    program = build_program(world.instruments, rules(strategies=(terms,)), "USD", DAY)
    s, x = new_state(program), block_rows(world, views, 0, len(bars))
    out = Stepper(program, s)._outputs(x)
    seen = []
    for t in range(len(bars)):
        alive = refresh(t, 0, 0, True, DAY, program.params, s, x)
        edge = float(s.SF[0, o.SF_EDGE]) if alive else 0.0
        follow(t, 0, 0, edge, 0.01, program.params, s, x, out)
        position, blocked = s.SI[0, o.SI_POSITION], s.SI[0, o.SI_BLOCKED]
        seen.append((int(position), int(blocked), tuple(out.ended[:, 0].tolist())))
    return seen


def flat(ticks):
    return (ticks, ticks, ticks, ticks)


def test_a_sub_position_follows_the_sign_of_its_edge():
    seen = _followed([flat(x) for x in (100, 110, 90, 80)], [5.0, 5.0, -5.0, 0.0])
    assert [x[0] for x in seen] == [1, 1, -1, 0]
    assert seen[-1][2] == (2, 1)  # the long lost 10, the short won 10


def test_a_target_ends_and_blocks_the_side_until_the_edge_crosses_zero():
    bars = [flat(100), (100, 125, 100, 120), flat(120), flat(120), flat(120)]
    seen = _followed(bars, [5.0, 5.0, 5.0, -1.0, 5.0], target=0.25)
    assert [x[:2] for x in seen] == [(1, 0), (0, 1), (0, 1), (-1, 0), (1, 0)]
    assert seen[1][2] == (1, 1)


def test_a_trailing_exit_compares_with_the_best_before_this_row():
    # Row 2 falls to 95 and rises to 140: 95 is not 30 below 120, though it is below 140.
    bars = [flat(100), (100, 120, 100, 120), (120, 140, 95, 130), (130, 130, 105, 120)]
    assert [x[0] for x in _followed(bars, [5.0] * 4, trail=0.30)] == [1, 1, 1, 0]
    assert [x[0] for x in _followed(bars, [5.0] * 4, trail=0.24)] == [1, 1, 0, 0]


def test_a_short_exits_at_its_own_target_and_trail():
    bars = [flat(100), (100, 100, 80, 80), (80, 95, 80, 90)]
    assert [x[0] for x in _followed(bars, [-5.0] * 3, target=0.20)] == [-1, 0, 0]
    assert [x[0] for x in _followed(bars, [-5.0] * 3, trail=0.15)] == [-1, -1, 0]


def test_time_runs_out_after_the_stated_rows():
    seen = _followed([flat(100)] * 4, [5.0] * 4, max_rows=2)
    assert [x[0] for x in seen] == [1, 1, 0, 0]


def _one_view(edge, sigma, confidence):
    views = forecasts([edge, np.nan, np.nan, np.nan], 1.0)
    views[0, 0, SIGMA_BPS], views[0, 0, 2] = sigma, confidence
    world = panel([flat(100)] * 4)
    program = build_program(world.instruments, rules(strategies=(STRATEGY,)), "USD", DAY)
    return program.params, new_state(program), block_rows(world, views, 0, 4)


@pytest.mark.parametrize(
    ("edge", "sigma", "confidence"),
    [
        (np.nan, 1.0, 0.5),
        (np.inf, 1.0, 0.5),
        (5.0, 0.0, 0.5),
        (5.0, np.inf, 0.5),
        (5.0, np.nan, 0.5),
        (5.0, 1.0, 1.1),
        (5.0, 1.0, -0.1),
        (5.0, 1.0, np.nan),
    ],
)
def test_what_is_not_a_valid_forecast_is_none(edge, sigma, confidence):
    p, s, x = _one_view(edge, sigma, confidence)
    assert not refresh(0, 0, 0, True, DAY, p, s, x)


def test_an_old_forecast_halves_with_its_half_life_and_expires():
    p, s, x = _one_view(8.0, 1.0, 0.5)
    p.SP[0, o.SP_EXPIRY] = 2.0 * DAY
    assert refresh(0, 0, 0, True, DAY, p, s, x)
    edges = []
    for ok in (True, False):  # not refreshed, then masked: it ages alike
        assert refresh(1, 0, 0, ok, DAY, p, s, x)
        edges.append(float(s.SF[0, o.SF_EDGE]))
    assert edges == [4.0, 2.0]
    assert not refresh(3, 0, 0, True, DAY, p, s, x)


def test_a_masked_cell_takes_no_new_forecast():
    p, s, x = _one_view(8.0, 1.0, 0.5)
    assert x.fc[0, 0, 0, EDGE_BPS] == 8.0
    assert not refresh(0, 0, 0, False, DAY, p, s, x)
