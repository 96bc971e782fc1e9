import dataclasses

import numpy as np
import pytest

from kedge.domain.panel import CLOSE, FRESH, TRADABLE, Panel
from kedge.research.instrument_returns import daily_instrument_returns
from kedge.research.worlds import WorldSpec, random_walk

SEEN = TRADABLE | FRESH


def panel(closes: list[list[int]], sessions: list[int], adjust: float = 1.0) -> Panel:
    """Rows of closes in ticks for two instruments; 0 is a masked cell."""
    ticks = np.array(closes, np.int64)
    rows = len(ticks)
    base = random_walk(WorldSpec(instruments=2, years=1.0), 0).window(0, rows)
    factor = np.ones((rows, 2))
    factor[rows // 2 :] = adjust
    return dataclasses.replace(
        base,
        session=np.array(sessions, np.int64),
        bars=np.repeat(ticks[:, None, :], 4, axis=1),
        flags=np.where(ticks > 0, SEEN, 0).astype(np.uint8),
        adjust=factor,
    )


def test_returns_run_from_the_last_close_of_one_session_to_that_of_the_next() -> None:
    found = daily_instrument_returns(
        panel([[90, 10], [100, 10], [500, 10], [110, 5]], [0, 0, 1, 1])
    )
    assert np.isnan(found[0]).all()
    assert found[1] == pytest.approx([0.1, -0.5])


def test_a_day_without_observation_is_missing_and_the_gap_is_carried() -> None:
    found = daily_instrument_returns(panel([[100, 10], [0, 10], [120, 10]], [0, 1, 2]))
    assert np.isnan(found[1, 0])
    assert found[2] == pytest.approx([0.2, 0.0])


def test_a_late_listing_has_its_first_return_on_its_second_day() -> None:
    found = daily_instrument_returns(panel([[100, 0], [100, 10], [100, 11]], [0, 1, 2]))
    assert np.isnan(found[:2, 1]).all()
    assert found[2, 1] == pytest.approx(0.1)


def test_a_split_moves_nothing() -> None:
    found = daily_instrument_returns(panel([[100, 10], [50, 5]], [0, 1], adjust=2.0))
    assert found[1] == pytest.approx([0.0, 0.0])


def test_a_stale_cell_is_not_an_observation() -> None:
    stale = panel([[100, 10], [100, 10]], [0, 1])
    flags = stale.flags.copy()
    flags[1, 0] = TRADABLE
    found = daily_instrument_returns(dataclasses.replace(stale, flags=flags))
    assert np.isnan(found[1, 0])
    assert found[1, 1] == 0.0


def test_a_full_panel_gives_plain_close_to_close_returns() -> None:
    world = random_walk(WorldSpec(), 3)
    close = world.bars[:, CLOSE].astype(float)
    found = daily_instrument_returns(world)
    assert found[1:] == pytest.approx(close[1:] / close[:-1] - 1.0)
