"""The store: whole files or none, exact round trips, and reads as of a time."""

import errno
import os
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kedge.data.files import write_atomic
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain.errors import DataError, RunError
from kedge.domain.panel import EventKind
from kedge.ports.store import Action, Bars, Member, Store, Universe

AAA = default_instrument("AAA")
SECOND = 10**9


def bars(*rows: tuple[int, int, int]) -> Bars:
    """Bars of (open second, available second, close ticks)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    ts = table[:, 0] * SECOND
    prices = np.repeat(table[:, 2:3], 4, axis=1)
    return Bars(ts, ts + SECOND, table[:, 1] * SECOND, prices, np.full(len(ts), 7.0))


def test_bars_come_back_as_they_went_in(tmp_path: Path) -> None:
    store: Store = ParquetStore(tmp_path)
    given = bars((10, 11, 100), (20, 21, 101))
    ParquetStore(tmp_path).put_bars(AAA, "1s", given)
    read = store.bars("AAA", "1s")
    for name in ("ts", "closed_at", "available_at", "prices", "volume"):
        np.testing.assert_array_equal(getattr(read, name), getattr(given, name))
        assert getattr(read, name).dtype == getattr(given, name).dtype
    assert store.instrument("AAA") == AAA
    assert store.intervals("AAA") == ("1s",)


def test_unknown_volume_stays_nan(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    given = bars((10, 11, 100))
    store.put_bars(
        AAA,
        "1s",
        Bars(given.ts, given.closed_at, given.available_at, given.prices, np.array([np.nan])),
    )
    assert np.isnan(store.bars("AAA", "1s").volume).all()


def test_as_of_never_shows_what_came_later(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.put_bars(AAA, "1s", bars((10, 11, 100), (20, 21, 101), (10, 30, 999)))
    assert store.bars("AAA", "1s", as_of=10 * SECOND).prices[:, 3].tolist() == []
    assert store.bars("AAA", "1s", as_of=25 * SECOND).prices[:, 3].tolist() == [100, 101]
    assert store.bars("AAA", "1s", as_of=30 * SECOND).prices[:, 3].tolist() == [999, 101]
    assert store.bars("AAA", "1s").prices[:, 3].tolist() == [999, 101]
    assert store.first_bars("AAA", "1s").prices[:, 3].tolist() == [100, 101]


def test_second_import_replaces_only_the_same_bar_and_says_how_many(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    assert store.put_bars(AAA, "1s", bars((10, 11, 100), (20, 21, 101))) == 0
    assert store.put_bars(AAA, "1s", bars((20, 21, 101), (30, 31, 102))) == 0
    assert store.put_bars(AAA, "1s", bars((20, 21, 555))) == 1
    assert store.bars("AAA", "1s").prices[:, 3].tolist() == [100, 555, 102]


def test_finer_tick_rescales_and_a_coarser_one_is_refused(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.put_bars(AAA, "1s", bars((10, 11, 100)))
    store.put_instruments([msgspec.structs.replace(AAA, tick=Decimal("0.001"))])
    assert store.bars("AAA", "1s").prices[0, 3] == 1000
    store.put_instruments([msgspec.structs.replace(AAA, tick=Decimal("0.1"))])
    with pytest.raises(DataError, match=r"need a tick of 0\.01"):
        store.bars("AAA", "1s")


def test_full_disk_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ParquetStore(tmp_path)
    store.put_bars(AAA, "1s", bars((10, 11, 100)))
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device") as caught:
        store.put_bars(AAA, "1s", bars((20, 21, 101)))
    assert caught.value.exit_code == 1
    monkeypatch.undo()
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before
    assert len(ParquetStore(tmp_path).bars("AAA", "1s")) == 1


def test_write_to_a_full_device_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    target = tmp_path / "file"
    part = tmp_path / f".file.{os.getpid()}.part"
    part.symlink_to("/dev/full")
    with pytest.raises(RunError, match="No space left"):
        write_atomic(target, b"x" * 100_000)
    assert not target.exists()
    assert not part.is_symlink()


def test_damaged_partition_is_one_line(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.put_bars(AAA, "1s", bars((10, 11, 100)))
    path = next(tmp_path.rglob("bars.parquet"))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="cannot be read") as caught:
        store.bars("AAA", "1s")
    assert "\n" not in str(caught.value)


def test_names_resolve_by_id_then_by_symbol(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    old = msgspec.structs.replace(AAA, id="wm.1", symbol="WM")
    new = msgspec.structs.replace(AAA, id="wm", symbol="WM")
    store.put_instruments([old, new])
    assert store.instrument("wm.1") == old
    with pytest.raises(DataError, match="several instruments"):
        store.instrument("WM")
    with pytest.raises(DataError, match="no instrument 'XYZ'"):
        store.instrument("XYZ")


def test_odd_symbols_make_safe_folders(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    odd = msgspec.structs.replace(AAA, id="../BTC/USDT", symbol="BTC/USDT")
    store.put_bars(odd, "1s", bars((10, 11, 100)))
    assert len(store.bars("BTC/USDT", "1s")) == 1
    assert not list(tmp_path.parent.glob("BTC*"))


def test_missing_interval_names_those_there_are(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.put_bars(AAA, "1s", bars((10, 11, 100)))
    with pytest.raises(DataError, match=r"no 1d bars of AAA.*intervals stored: 1s"):
        store.bars("AAA", "1d")


def test_actions_are_kept_in_order_and_read_as_of(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    late = Action(id="AAA", kind=EventKind.DIVIDEND, ts=20, available_at=25, x=0.5)
    early = Action(id="AAA", kind=EventKind.SPLIT, ts=10, available_at=5, a=2, b=1)
    rename = Action(id="AAA", kind=None, ts=15, available_at=15, symbol="BBB")
    assert store.put_actions([late, early, rename]) == 3
    assert store.put_actions([early]) == 0
    again = ParquetStore(tmp_path)
    assert again.actions("AAA") == (early, rename, late)
    assert again.actions("AAA", as_of=24) == (early, rename)
    assert again.actions("ZZZ") == ()


def test_universe_round_trip(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    given = Universe("top", (Member("AAA", 1, 5), Member("BBB", 2), Member("AAA", 9)), True)
    store.put_universe(given)
    store.put_universe(Universe("other", (Member("CCC", 3),), False))
    assert ParquetStore(tmp_path).universe("top") == given
    with pytest.raises(DataError, match="known: other, top"):
        store.universe("none")


def test_sql_sees_ids_intervals_and_the_as_of_time(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.put_bars(AAA, "1s", bars((10, 11, 100), (20, 21, 101)))
    sql = "SELECT id, interval, max(close) FROM bars GROUP BY ALL"
    assert store.query(sql) == [("AAA", "1s", 101)]
    assert store.query(sql, as_of=15 * SECOND) == [("AAA", "1s", 100)]
    with pytest.raises(DataError, match="query failed"):
        store.query("SELECT nothing FROM nowhere")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("AAA: {tik: 0.01}", "did you mean 'tick'"),
        ("AAA: {tick: abc}", "AAA"),
        ("AAA: {tick: 0}", "above zero"),
        ("AAA: [1, 2]", "must be a mapping"),
        ("- AAA", "must map ids"),
        ("AAA: {tick: 0.01", "not valid YAML"),
        ("AAA: {asset_class: bond}", "bond"),
    ],
)
def test_bad_instruments_file_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "instruments.yaml").write_text(text)
    with pytest.raises(DataError) as caught:
        ParquetStore(tmp_path).instruments()
    assert said in str(caught.value)
    assert "instruments.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_edited_instruments_file_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "instruments.yaml").write_text(
        "AAA: {tick: 0.05, shortable: true, borrow_bps: 30, fees: {taker_bps: 2}}\nBBB:\n"
    )
    a, b = ParquetStore(tmp_path).instruments()
    assert (a.tick, a.shortable, a.borrow_bps, a.fees.taker_bps) == (Decimal("0.05"), True, 30, 2)
    assert b.symbol == "BBB"


def test_every_instrument_setting_survives_the_file(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    coin = default_instrument("BTCUSDT", "binance")
    full = msgspec.structs.replace(
        coin,
        listed_ns=5,
        half_spread_bps=2.5,
        adjusted_only=True,
        min_notional=Decimal("7.5"),
        max_lots=900_000,
    )
    korean = default_instrument("005930", "xkrx")
    store.put_instruments([full, korean])
    assert ParquetStore(tmp_path).instruments() == (korean, full)
