"""A served market that is played back from files."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kedge.data.importers import ImportSpec, import_bars
from kedge.data.store import ParquetStore
from kedge.domain.errors import ConfigError, DataError
from kedge.domain.order import Order, OrderType
from kedge.interfaces.cli.main import main
from kedge.venues.simulated.requests import Submit
from kedge.venues.wire import tape_bars
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.restore import reopened
from kedge.venues.wire.state import State
from kedge.venues.wire.tapes import tape_files
from kedge.venues.wire.world import World
from support import data_path

SECOND = 10**9
START = 1_700_000_000 * SECOND
SYMBOLS = ("BTCUSDT",)


def world(*files: object, symbols: tuple[str, ...] = SYMBOLS) -> World:
    given = tape_files([str(each) for each in files], symbols)
    return World(symbols=symbols, start=START, seed=1, tapes=given)


def touch(floor: Floor, key: int = 0) -> tuple[int, int]:
    halves = floor.venue.exchange.matchers[key].halves
    return halves[1].best, halves[-1].best


def book(path: Path, **changed: object) -> Path:
    """A whole book at 100.00 and 101.00; a second later the ask is at 100.50."""
    rows = [
        (5, "b", 99.0, 1.0, False), (7, "b", 100.0, 2.0, True), (7, "a", 101.0, 3.0, True),
        (7 + SECOND, "a", 101.0, 0.0, False), (7 + SECOND, "a", 100.5, 1.5, False),
    ]  # fmt: skip
    names = ["recv_ns", "side", "price", "qty", "is_snapshot"]
    frame = pl.DataFrame(rows, names, orient="row").with_columns(
        *(pl.lit(value).alias(name) for name, value in changed.items())
    )
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def trades(path: Path) -> Path:
    rows = [(6, 99.5, 1.0, True), (7 + 2 * SECOND, 100.5, 0.25, False)]
    frame = pl.DataFrame(rows, ["recv_ns", "price", "qty", "buyer_is_maker"], orient="row")
    frame.write_parquet(path)
    return path


def bars(path: Path, **changed: object) -> Path:
    rows = [
        ("2024-01-01 00:00:00", 100, 110, 99, 105, 8),
        ("2024-01-01 00:01:00", 105, 106, 90, 91, 4),
    ]
    names = ["ts", "open", "high", "low", "close", "volume"]
    frame = pl.DataFrame(rows, names, orient="row").with_columns(
        *(pl.lit(value).alias(name) for name, value in changed.items())
    )
    frame.write_csv(path)
    return path


@pytest.mark.parametrize("name", ["book.parquet", "book.csv"])
def test_a_recorded_book_begins_when_the_venue_does(tmp_path: Path, name: str) -> None:
    floor = world(book(tmp_path / name), trades(tmp_path / "trades.parquet")).open()
    floor.run(START)
    assert touch(floor) == (10_000, 10_100)
    floor.run(START + SECOND)
    assert touch(floor) == (10_000, 10_050)
    floor.run(START + 2 * SECOND)
    assert floor.venue.exchange.matchers[0].last == 10_050
    assert floor.venue.exchange.matchers[0].halves[-1].shown(10_050) == 125_000


def test_bars_move_through_their_prices_and_have_their_volume(tmp_path: Path) -> None:
    floor = world(bars(tmp_path / "bars.csv")).open()
    seen: list[int] = []
    for second in range(121):
        floor.run(START + second * SECOND)
        seen.append(floor.venue.exchange.matchers[0].last)
    assert (min(seen), max(seen), seen[-1]) == (9_000, 11_000, 9_100)


def test_two_symbols_play_on_one_clock(tmp_path: Path) -> None:
    one, other = book(tmp_path / "one.parquet"), book(tmp_path / "other.parquet")
    floor = world(f"BTCUSDT={one}", f"ETHUSDT={other}", symbols=("BTCUSDT", "ETHUSDT")).open()
    floor.run(START + SECOND)
    assert touch(floor, 0) == touch(floor, 1) == (10_000, 10_050)


def test_a_store_is_played_at_its_shortest_interval(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path / "store")
    spec = ImportSpec(interval="1m", symbol="BTCUSDT", venue="binance")
    import_bars(store, bars(tmp_path / "bars.csv"), spec)
    floor = world(tmp_path / "store").open()
    floor.run(START + 119 * SECOND)
    assert floor.venue.exchange.matchers[0].last == 9_100


def test_the_real_recording_plays_back_to_its_best_prices() -> None:
    """BTCUSDT of 2024-08-08, ten seconds of it."""
    folder = "micro/btcusdt_"
    levels, quotes = data_path(f"{folder}l2_events.parquet"), data_path(f"{folder}bbo.parquet")
    floor = world(levels, data_path(f"{folder}trades.parquet")).open()
    spot = pl.col("market") == "spot"
    begins = pl.read_parquet(levels).filter(spot, pl.col("is_snapshot"))["recv_ns"].min()
    best = pl.read_parquet(quotes).filter(spot)
    near = []
    for second in range(1, 11):
        floor.run(START + second * SECOND)
        told = best.filter(pl.col("recv_ns") <= begins + second * SECOND).row(-1, named=True)
        bid, ask = touch(floor)
        near += [abs(bid - round(told["bid"] * 100)), abs(ask - round(told["ask"] * 100))]
    assert np.mean(np.array(near) <= 100) > 0.9


def test_what_is_played_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    other = pl.concat(
        [
            pl.read_parquet(book(tmp_path / "one.parquet", symbol="BTCUSDT")),
            pl.read_parquet(book(tmp_path / "two.parquet", symbol="ETHUSDT")),
        ]
    )
    other.write_parquet(tmp_path / "both.parquet")
    small = pl.read_parquet(trades(tmp_path / "trades.parquet"))
    small = pl.concat([small, small.tail(1).with_columns(qty=pl.lit(1e-9))])
    small.write_parquet(tmp_path / "trades.parquet")
    floor = world(tmp_path / "both.parquet", tmp_path / "trades.parquet").open()
    assert floor.played == (
        "BTCUSDT: 4 levels, 1 trades, recorded 1970-01-01 00:00:00 to 1970-01-01 00:00:02 UTC; "
        "left out: 5 rows of another symbol or market, 1 trades of less than a lot, "
        "2 levels and trades before the first whole book",
    )


def test_of_bars_it_is_said_how_many_are_beyond_the_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = bars(tmp_path / "bars.csv")
    (said,) = world(twice).open().played
    assert said == (
        "BTCUSDT: 2 bars, recorded 2024-01-01 00:00:00 to 2024-01-01 00:02:00 UTC; "
        "left out: nothing"
    )
    third = "2024-01-01 00:02:00,91,92,90,91,4\n"
    twice.write_text(twice.read_text() + third)
    monkeypatch.setattr(tape_bars, "MOST", 2)
    assert world(twice).open().played == (said.replace("nothing", "1 bars beyond the first 2"),)


def test_a_generated_market_plays_nothing() -> None:
    assert World(symbols=SYMBOLS, start=START, seed=1).open().played == ()


def test_a_venue_comes_back_with_the_same_tape_and_refuses_another(tmp_path: Path) -> None:
    file, folder = book(tmp_path / "book.parquet"), tmp_path / "state"
    state = State(folder, world(file))
    floor, _ = reopened(state, START, 0.0)
    floor.ask(Submit(Order("a", 0, 1, 100_000, type=OrderType.LIMIT, limit=9_900)))
    floor.ask(Submit(Order("b", 0, 1, 100_000, type=OrderType.MARKET)))
    state.close()
    state = State(folder, world(file))
    again, _ = reopened(state, START, 0.0)
    state.close()
    assert again.venue.truth() == floor.venue.truth()
    assert len(again.venue.truth().fills) == 1
    book(file, qty=4.0)
    with pytest.raises(ConfigError, match="another tape"):
        State(folder, world(file))


def test_a_file_that_changed_after_it_was_named_is_said(tmp_path: Path) -> None:
    named = world(book(tmp_path / "book.parquet"))
    book(tmp_path / "book.parquet", qty=4.0)
    with pytest.raises(DataError, match="is not what the venue began with"):
        named.open()


def text(path: Path) -> Path:
    path.write_text("no table at all\n")
    return path


def absent(path: Path) -> Path:
    return path


@pytest.mark.parametrize(
    ("make", "name", "changed", "said"),
    [
        (absent, "none.parquet", {}, "cannot be read: No such file"),
        (text, "text.csv", {}, "no header with the columns that are needed"),
        (text, "text.parquet", {}, "is truncated"),
        (trades, "trades.parquet", {}, "has no whole book of BTCUSDT"),
        (book, "b.parquet", {"is_snapshot": False}, "has no whole book of BTCUSDT"),
        (book, "b.parquet", {"symbol": "ETHUSDT"}, "has no row of BTCUSDT"),
        (book, "b.parquet", {"market": "usdm_perp"}, "has no row of BTCUSDT at a spot market"),
        (book, "b.parquet", {"side": "x"}, "a side is neither b nor a"),
        (book, "b.parquet", {"price": 100.001}, "is no multiple of BTCUSDT's tick 0.01"),
        (book, "b.csv", {"qty": "much"}, r"b.csv:\d: 'much' is no qty"),
        (book, "b.csv", {"qty": -1.0}, "'-1.0' is no qty"),
        (bars, "bars.csv", {"volume": None}, "without a volume"),
        (bars, "bars.csv", {"low": 120}, "bar 1 of BTCUSDT does not hold its own prices"),
        (bars, "bars.csv", {"ts": "2024-01-01"}, "two different bars at"),
        (bars, "bars.csv", {"open": "x"}, "'x' in column open"),
    ],
)
def test_a_wrong_file_is_one_clear_line(
    tmp_path: Path, make: Callable[..., Path], name: str, changed: dict[str, object], said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = make(tmp_path / name, **changed)
    words = ["venue", "serve", "--port", "0", "--symbols", "BTCUSDT", "--tape", str(file)]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(said, error), error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tape", "{file}"], "is not said"),
        (["--tape", "BTCUSDT={file}"], "no tape of ETHUSDT"),
        (["--tape", "SOLUSDT={file}"], "is not said"),
    ],
)
def test_a_tape_needs_its_symbol(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = book(tmp_path / "b.parquet")
    given = [each.format(file=file) for each in words]
    assert main(["venue", "serve", "--port", "0", *given]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert said in error


def test_bars_and_a_recording_of_one_symbol_are_refused(tmp_path: Path) -> None:
    both = world(book(tmp_path / "b.parquet"), bars(tmp_path / "bars.csv"))
    with pytest.raises(DataError, match="bars of BTCUSDT and something else"):
        both.open()


def test_a_served_tape_is_what_clients_see(tmp_path: Path) -> None:
    """Its clock is now's, whenever it was recorded."""
    import json
    from urllib.request import urlopen

    file = book(tmp_path / "b.parquet")
    served = subprocess.Popen(
        [sys.executable, "-m", "kedge", "venue", "serve", "--port", "0", "--symbols", "BTCUSDT",
         "--tape", str(file)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert served.stdout is not None
        address = served.stdout.readline().split()[2]
        said = [served.stdout.readline() for _ in range(3)][-1]
        assert said.startswith("  plays BTCUSDT: 4 levels, 0 trades, recorded 1970-01-01 ")
        with urlopen(f"{address}/api/v3/depth?symbol=BTCUSDT") as answer:
            depth = json.load(answer)
        with urlopen(f"{address}/api/v3/time") as answer:
            at = json.load(answer)["serverTime"]
    finally:
        served.send_signal(signal.SIGINT)
        served.communicate(timeout=30)
    assert depth["bids"][0][0] == "100.00000000"
    assert depth["asks"][0][0] in {"101.00000000", "100.50000000"}
    assert abs(at - datetime.now(UTC).timestamp() * 1_000) < 60_000
