"""Rows from a recording, against rows counted from its trades one by one."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from kedge.data.importers import ImportSpec, import_bars
from kedge.data.recorder.recording import About, Recording, books_of, heard, play
from kedge.data.recorder.rows import Rule, rows_of
from kedge.data.store import ParquetStore
from kedge.domain.errors import ConfigError, DataError
from kedge.domain.market import Trade
from recorded import listings, stream, symbols

SECOND = 10**9


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    about = About("okx", 0, listings(symbols("okx_ws_1")).all)
    one = Recording(folder, about, frozenset(), 100_000)
    for message in stream("okx_ws_1"):
        one.take(message.received, "stream", message.body)
    one.close()
    return folder


@pytest.fixture(scope="module")
def trades(market: Path) -> dict[str, list[tuple[int, Decimal, Decimal, bool]]]:
    """(time, price, units, whether its book was trusted then) of every trade, by symbol."""
    about = About("okx", 0, listings(symbols("okx_ws_1")).all)
    books, found = books_of(about), {each.symbol: [] for each in about.listings}
    by_key = {each.key: each for each in about.listings}
    for message in play(market):
        for event in heard(books, message):
            if isinstance(event, Trade):
                each = by_key[event.key]
                trusted = books.by_key[event.key].trusted
                price, units = each.tick * event.ticks, each.lot * event.lots
                found[each.symbol].append((event.event_time, price, units, trusted))
    return found


def made(market: Path, by: str, size: str) -> pl.DataFrame:
    return rows_of(market, Rule(by, size), lambda _: None)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_rows_by_trades_hold_so_many_each(market, trades, size: int) -> None:
    rows = made(market, "trades", str(size))
    busiest = max(trades, key=lambda name: len(trades[name]))
    assert len(trades[busiest]) > 7
    mine = rows.filter(pl.col("symbol") == busiest)
    parts = [trades[busiest][i : i + size] for i in range(0, len(trades[busiest]), size)]
    expected = [part for part in parts if len(part) == size and part[-1][3]]
    assert len(expected) > 2
    assert mine["close"].to_list() == [float(part[-1][1]) for part in expected]
    assert mine["high"].to_list() == [float(max(p for _, p, *_ in part)) for part in expected]
    assert mine["volume"].to_list() == [float(sum(v for _, _, v, _ in part)) for part in expected]


@pytest.mark.parametrize("by", ["volume", "turnover"])
def test_rows_by_volume_and_turnover_close_once_there_is_enough(market, trades, by: str) -> None:
    busiest = max(trades, key=lambda name: len(trades[name]))
    counted = [units * (price if by == "turnover" else 1) for _, price, units, _ in trades[busiest]]
    size = sum(counted) / 4
    rows = made(market, by, str(size)).filter(pl.col("symbol") == busiest)
    closes, held = [], Decimal(0)
    for (_, price, _, trusted), more in zip(trades[busiest], counted, strict=True):
        held += more
        if held >= size:
            closes += [float(price)] if trusted else []
            held = Decimal(0)
    assert rows["close"].to_list() == closes


def test_rows_by_time_can_be_imported(market, trades, tmp_path: Path) -> None:
    rows = made(market, "time", "1s")
    stamps = rows["ts"].dt.epoch("ns").to_list()
    checked = 0
    assert all(stamp % SECOND == 0 for stamp in stamps)
    for symbol, at, last in zip(rows["symbol"], stamps, rows["close"], strict=True):
        inside = [p for t, p, *_ in trades[symbol] if at <= t < at + SECOND]
        checked += last == float(inside[-1]) if inside else 0
    assert rows.height > 3
    assert checked > 3  # a row may hold what was told late, at the connection
    file = tmp_path / "rows.parquet"
    pairs = rows.filter(pl.col("symbol").str.ends_with("-USDT"))
    pairs.write_parquet(file)
    store = ParquetStore(tmp_path / "store")
    reports = import_bars(store, file, ImportSpec(interval="1s", venue="okx"), lambda *_: None)
    assert sum(each.rows for each in reports) == pairs.height > 0


@pytest.mark.parametrize(
    ("by", "size", "says"),
    [("colour", "1", "no rows by 'colour'"), ("trades", "many", "a size of 'many'"),
     ("trades", "-1", "a size of '-1'"), ("time", "5", "5")],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused_in_one_line(market, by: str, size: str, says: str) -> None:
    with pytest.raises((ConfigError, DataError), match=says):
        made(market, by, size)
