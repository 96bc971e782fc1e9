"""A panel shows no future: what is loaded as of a row is a prefix of what is loaded later."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.data.intervals import DAY, MINUTE
from kedge.data.panels import load_panel
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain.panel import CLOSE, FRESH, TRADABLE, EventKind, Panel
from kedge.ports.store import Action, Bars

START = 19_000 * DAY
NAMES = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
ROWS = 25


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Bars], list[Action]]:
    """Minute bars with holes, late bars and corrections; splits and dividends, some late."""
    bars, actions = {}, []
    for name in NAMES:
        rows = draw(st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS, unique=True))
        ts = START + np.sort(np.array(rows, dtype=np.int64)) * MINUTE
        late = np.array(
            draw(st.lists(st.sampled_from([0, 0, 0, 1, 3]), min_size=len(ts), max_size=len(ts)))
        )
        close = np.array(draw(st.lists(st.integers(500, 2000), min_size=len(ts), max_size=len(ts))))
        corrected = np.array(draw(st.lists(st.booleans(), min_size=len(ts), max_size=len(ts))))
        ts2 = np.concatenate([ts, ts[corrected]])
        available = ts2 + MINUTE
        available[: len(ts)] += late * MINUTE
        available[len(ts) :] += 10 * MINUTE
        prices = np.concatenate([close, close[corrected] + 7])
        bars[name] = Bars(
            ts2, ts2 + MINUTE, available, np.repeat(prices[:, None], 4, axis=1), np.ones(len(ts2))
        )
        for at in draw(st.lists(st.integers(0, ROWS), max_size=3, unique=True)):
            when = START + at * MINUTE
            known = when + draw(st.sampled_from([-5, 0, 0, 4])) * MINUTE
            split = draw(st.booleans())
            actions.append(
                Action(id=name, kind=EventKind.SPLIT, ts=when, available_at=known, a=2, b=1)
                if split
                else Action(id=name, kind=EventKind.DIVIDEND, ts=when, available_at=known, x=0.5)
            )
    return bars, actions


def fill(folder: str, bars: dict[str, Bars], actions: list[Action]) -> ParquetStore:
    store = ParquetStore(Path(folder))
    for name, each in bars.items():
        store.put_bars(default_instrument(name, "binance"), "1m", each)
    store.put_actions(actions)
    return store


@settings(max_examples=25, deadline=None)
@given(world=worlds(), cut=st.floats(0, 1))
def test_panel_as_of_a_row_is_a_prefix(
    world: tuple[dict[str, Bars], list[Action]], cut: float
) -> None:
    with TemporaryDirectory() as folder:
        store = fill(folder, *world)
        whole = load_panel(store, NAMES, "1m")
        last = int(cut * (whole.rows - 1))
        seen = load_panel(store, NAMES, "1m", as_of=int(whole.ts[last]))
    assert seen.rows == last + 1
    prefix = whole.window(0, last + 1)
    for name in ("ts", "session", "bars", "volume", "flags", "age_ns", "adjust", "events"):
        np.testing.assert_array_equal(getattr(seen, name), getattr(prefix, name), err_msg=name)


@settings(max_examples=25, deadline=None)
@given(world=worlds())
def test_every_cell_is_a_stored_bar_or_masked(
    world: tuple[dict[str, Bars], list[Action]],
) -> None:
    bars, actions = world
    with TemporaryDirectory() as folder:
        panel = load_panel(fill(folder, bars, actions), NAMES, "1m")
    assert set(np.unique(panel.flags)) <= {0, TRADABLE | FRESH}
    for column, name in enumerate(NAMES):
        known = set(
            zip(bars[name].available_at.tolist(), bars[name].prices[:, 3].tolist(), strict=True)
        )
        fresh = panel.flags[:, column] > 0
        shown = zip(
            panel.ts[fresh].tolist(), panel.bars[fresh, CLOSE, column].tolist(), strict=True
        )
        assert set(shown) <= known
        masked = ~fresh
        assert not panel.bars[masked, :, column].any()
        assert not panel.volume[masked, column].any()
        assert (panel.age_ns[fresh, column] == 0).all()
        assert (panel.age_ns[masked, column] > 0).all()


@settings(max_examples=15, deadline=None)
@given(world=worlds())
def test_same_store_gives_the_same_bits_and_order_of_writing_does_not_matter(
    world: tuple[dict[str, Bars], list[Action]],
) -> None:
    bars, actions = world

    def load(one: dict[str, Bars], events: list[Action]) -> Panel:
        with TemporaryDirectory() as folder:
            return load_panel(fill(folder, one, events), NAMES, "1m")

    backward = {
        name: Bars(
            each.ts[::-1],
            each.closed_at[::-1],
            each.available_at[::-1],
            each.prices[::-1],
            each.volume[::-1],
        )
        for name, each in reversed(bars.items())
    }
    assert load(bars, actions).fingerprint == load(backward, actions[::-1]).fingerprint
