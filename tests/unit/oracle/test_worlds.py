"""What a random world promises to whoever runs in it."""

import numpy as np
import pytest

from kedge.domain.forecast import FIELDS
from kedge.domain.money import INT64_SAFE
from kedge.domain.panel import CLOSE, FRESH, HIGH, LOW, OPEN, TRADABLE, EventKind
from kedge.testing.worlds import THEMES, random_world

WORLDS = [random_world(seed, rows=70) for seed in range(60)]


def _live(world):
    return world.panel.flags & (TRADABLE | FRESH) == (TRADABLE | FRESH)


def test_masked_cells_hold_nothing_and_live_ones_an_ordered_bar():
    for world in WORLDS:
        bars, live = world.panel.bars, _live(world)
        assert not bars.transpose(0, 2, 1)[~live].any()
        assert not world.panel.volume[~live].any()
        opened, high, low, close = (bars[:, line][live] for line in (OPEN, HIGH, LOW, CLOSE))
        assert (low >= 1).all()
        assert (low <= np.minimum(opened, close)).all()
        assert (high >= np.maximum(opened, close)).all()


def test_events_are_sorted_and_lie_inside_the_panel():
    for world in WORLDS:
        events = world.panel.events
        keys = [(int(e["row"]), int(e["kind"]), int(e["index"])) for e in events]
        assert keys == sorted(keys)
        assert all(0 <= row < world.panel.rows for row, _, _ in keys)


def test_adjustment_takes_splits_and_dividends_out():
    for world in WORLDS:
        dated = {
            (int(e["row"]), int(e["index"]))
            for e in world.panel.events
            if e["kind"] in (EventKind.SPLIT, EventKind.DIVIDEND)
        }
        moved = {(int(t) + 1, int(n)) for t, n in np.argwhere(np.diff(world.panel.adjust, axis=0))}
        assert moved <= dated


def test_age_is_zero_where_a_cell_is_fresh_and_grows_where_it_is_not():
    for world in WORLDS:
        live, age = _live(world), world.panel.age_ns
        assert not age[live].any()
        assert (age[1:][~live[1:]] > 0).all()


def test_shapes_and_rules_fit_each_other():
    for world in WORLDS:
        count = len(world.panel.instruments)
        shape = (70, len(world.rules.strategies), count, FIELDS)
        assert world.forecasts.shape == shape
        for name in ("position_cap", "spread_limit_bps", "slippage_limit_bps", "impact"):
            assert len(getattr(world.rules, name)) == count


def test_money_stays_inside_the_integers():
    for world in WORLDS:
        top = world.panel.bars.max(axis=(0, 1))
        for n, instrument in enumerate(world.panel.instruments):
            ratio = instrument.value_ratio
            minor_per_minor = {"KRW": 1250, "USDT": 100}.get(instrument.settle, 1)
            worth = 10 * world.rules.capital * minor_per_minor
            assert 2 * worth * ratio.denominator + int(top[n]) * ratio.numerator < INT64_SAFE


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_is_what_the_rules_say(theme):
    world = random_world(3, rows=20, theme=theme)
    assert world.theme == theme
    for name, value in THEMES[theme].items():
        assert getattr(world.rules, name) == value


def test_between_them_the_worlds_hold_every_kind_of_event_and_gap():
    kinds = {int(k) for w in WORLDS for k in w.panel.events["kind"]}
    assert kinds == {int(k) for k in EventKind}
    assert any(np.isnan(w.panel.volume[_live(w)]).any() for w in WORLDS)
    assert any(i.close_only for w in WORLDS for i in w.panel.instruments)
    assert any((np.diff(w.panel.session) == 0).any() for w in WORLDS)
    assert any((np.diff(w.panel.session) > 1).any() for w in WORLDS)
    assert any(np.isnan(w.forecasts).any() for w in WORLDS)
    assert any((w.forecasts[..., 0] == 0).any() for w in WORLDS)
