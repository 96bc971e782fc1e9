"""Columns are found under any of their names, and bars survive any way of writing them."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.data.columns import NAMES, guess_columns
from kedge.data.importers import ImportSpec, import_bars
from kedge.data.store import ParquetStore
from kedge.data.ticks import common_tick, fits, fitting_tick, to_ticks
from kedge.data.venues import default_instrument
from kedge.ports.store import Bars

ROLES = ("ts", "open", "high", "low", "close", "volume")


@st.composite
def headers(draw: st.DrawFn) -> dict[str, str]:
    """A file's column per role, in any case and with any punctuation."""
    out = {}
    for role in draw(st.permutations(ROLES)):
        name = draw(st.sampled_from(NAMES[role]))
        name = draw(st.sampled_from([name, name.upper(), name.title(), f"<{name}>", f" {name}_"]))
        out[role] = name
    return out


@given(header=headers(), extra=st.lists(st.text("xyz", min_size=3, max_size=6), max_size=3))
def test_columns_are_found_under_any_of_their_names(
    header: dict[str, str], extra: list[str]
) -> None:
    assert guess_columns([*header.values(), *extra]) == header


CLOSES = st.lists(st.integers(1, 10**7), min_size=1, max_size=30)


@settings(max_examples=20, deadline=None)
@given(
    closes=CLOSES,
    separator=st.sampled_from([",", ";", "\t", "|"]),
    comma=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_bars_survive_separator_decimal_comma_and_order(
    closes: list[int], separator: str, comma: bool, seed: int
) -> None:
    point = "," if comma and separator != "," else "."
    start = 1_704_153_600
    lines = [
        separator.join([str(start + 300 * k), f"{c // 100}{point}{c % 100:02d}"])
        for k, c in enumerate(closes)
    ]
    np.random.default_rng(seed).shuffle(lines)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "BTCUSDT.csv"
        path.write_text("\n".join([f"time{separator}close", *lines]) + "\n")
        store = ParquetStore(Path(folder) / "store")
        import_bars(store, path, ImportSpec(interval="5m", venue="binance"))
        bars = store.bars("BTCUSDT", "5m")
    assert bars.prices[:, 3].tolist() == closes
    assert bars.ts.tolist() == [(start + 300 * k) * 10**9 for k in range(len(closes))]


@given(ticks=CLOSES, digits=st.integers(0, 8))
def test_prices_on_a_decimal_grid_come_back_as_the_same_ticks(
    ticks: list[int], digits: int
) -> None:
    base = default_instrument("BTCUSDT", "binance").tick
    prices = np.array([float(f"{each}e-{digits}") for each in ticks])
    tick = common_tick(base, fitting_tick(prices, base, decimal_venue=True))
    assert fits(prices, tick)
    back = pl.Series([each * tick for each in to_ticks(prices, tick).tolist()])
    np.testing.assert_allclose(back.cast(pl.Float64).to_numpy(), prices, rtol=1e-12)


@settings(max_examples=20, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 40), st.integers(1, 10**6)),
        min_size=1,
        max_size=25,
        unique_by=lambda row: row[:2],
    ),
    as_of=st.integers(0, 60),
)
def test_as_of_read_equals_the_latest_version_known_then(
    rows: list[tuple[int, int, int]], as_of: int
) -> None:
    table = np.array(rows, dtype=np.int64)
    ts, available = table[:, 0], table[:, 0] + table[:, 1]
    prices = np.repeat(table[:, 2:], 4, axis=1)
    with TemporaryDirectory() as folder:
        store = ParquetStore(Path(folder))
        store.put_bars(
            default_instrument("AAA"), "1s", Bars(ts, ts + 1, available, prices, ts * 1.0)
        )
        seen, first = store.bars("AAA", "1s", as_of), store.first_bars("AAA", "1s", as_of)
    assert (seen.available_at <= as_of).all()
    known: dict[int, list[tuple[int, int]]] = {}
    for stamp, at, price in zip(ts.tolist(), available.tolist(), table[:, 2].tolist(), strict=True):
        if at <= as_of:
            known.setdefault(stamp, []).append((at, price))
    assert seen.ts.tolist() == sorted(known)
    assert seen.prices[:, 0].tolist() == [max(known[t])[1] for t in sorted(known)]
    assert first.prices[:, 0].tolist() == [min(known[t])[1] for t in sorted(known)]
