"""Recorded markets as stores and panels, for tests that need real data.

Each panel is built once per test session and kept in memory.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
import polars as pl

from kedge.data.bars import make_bars
from kedge.data.derive import NOISE, derive_actions
from kedge.data.intervals import DAY, MINUTE
from kedge.data.panels import load_panel
from kedge.data.store import ParquetStore
from kedge.data.ticks import fitting_tick
from kedge.data.venues import default_instrument
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EventKind, Panel
from kedge.ports.store import Action
from support import data_path

PRICES = ("open", "high", "low", "close")


def crypto_5m_store(folder: Path) -> ParquetStore:
    """Ten Binance spot pairs, 2022-08 to 2023-05, with the outage of 2023-03-24."""
    store = ParquetStore(folder)
    table = pl.read_parquet(data_path("crypto/binance_spot_5m.parquet"))
    for (symbol,), part in table.group_by("symbol", maintain_order=True):
        _put(store, part, default_instrument(str(symbol), "binance"), 5 * MINUTE, "5m")
    return store


def us_daily_store(folder: Path) -> ParquetStore:
    """Sixty-two US stocks, 2015-03 to 2017-03, delisted names among them."""
    store = ParquetStore(folder)
    table = pl.read_parquet(data_path("equities/us_daily_2015_2017.parquet"))
    actions: list[Action] = []
    for (symbol,), part in table.group_by("symbol", maintain_order=True):
        part = part.sort("ts")
        _put(store, part, default_instrument(str(symbol)), DAY, "1d")
        ratio = part["adj_ratio_next"].fill_null(1.0).to_numpy()
        growth = np.concatenate([[1.0], 1.0 / ratio[:-1]])
        noise = np.full(part.height, NOISE)
        actions += derive_actions(str(symbol), _ts(part), part["close"].to_numpy(), growth, noise)
    store.put_actions(actions)
    return store


def us_long_store(folder: Path) -> ParquetStore:
    """Raw daily bars 1998-2021 joined by company through the map and factor files."""
    store = ParquetStore(folder)
    bars = pl.read_parquet(data_path("equities/us_daily_long.parquet")).sort("ts")
    maps = pl.read_parquet(data_path("equities/us_map_files.parquet")).sort("permtick", "ts")
    factors = pl.read_parquet(data_path("equities/us_factor_files.parquet")).sort("symbol", "ts")
    actions: list[Action] = []
    for (entity,), stays in maps.group_by("permtick", maintain_order=True):
        part = _company(bars, stays)
        if not part.height:
            continue
        last = stays["ticker"][-1]
        instrument = msgspec.structs.replace(default_instrument(str(entity)), symbol=last)
        _put(store, part, instrument, DAY, "1d")
        own = factors.filter(pl.col("symbol") == last)
        if own.height and "." not in str(entity):  # a factor file is its present owner's
            actions += _factor_actions(str(entity), part, own)
    store.put_actions(actions)
    return store


@lru_cache(maxsize=1)
def crypto_5m_panel() -> Panel:
    return _panel(crypto_5m_store, "5m")


@lru_cache(maxsize=1)
def us_daily_panel() -> Panel:
    return _panel(us_daily_store, "1d")


@lru_cache(maxsize=1)
def us_long_panel() -> Panel:
    return _panel(us_long_store, "1d")


def _panel(build: Callable[[Path], ParquetStore], interval: str) -> Panel:
    with TemporaryDirectory(prefix="kedge-market-") as folder:
        store = build(Path(folder))
        return load_panel(store, [each.id for each in store.instruments()], interval)


def _put(
    store: ParquetStore, part: pl.DataFrame, base: Instrument, interval: int, name: str
) -> None:
    prices = part.select(PRICES).to_numpy().astype(np.float64)
    tick = fitting_tick(prices.ravel(), base.tick, decimal_venue=bool(base.venue))
    instrument = msgspec.structs.replace(base, tick=tick)
    volume = part["volume"].cast(pl.Float64).to_numpy()
    store.put_bars(instrument, name, make_bars(instrument, interval, _ts(part), prices, volume))


def _ts(part: pl.DataFrame) -> np.ndarray:
    stamps = part["ts"].dt.replace_time_zone(None).dt.cast_time_unit("ns")
    return stamps.to_physical().to_numpy()


def _company(bars: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Bars of one company: each ticker only while the map file says it was its own.

    A map file's rows read "until ``ts`` the ticker was this"; the first row is
    the day the company was listed.
    """
    listed, pieces = stays["ts"][0], []
    since = listed
    for row, (until, ticker) in enumerate(stays.select("ts", "ticker").iter_rows()):
        own = (pl.col("symbol") == ticker) & (pl.col("ts") <= until)
        own &= (pl.col("ts") >= since) if row < 2 else (pl.col("ts") > since)
        if row:
            pieces.append(bars.filter(own))
        since = until
    return pl.concat(pieces) if pieces else bars.clear()


def _factor_actions(entity: str, part: pl.DataFrame, factors: pl.DataFrame) -> list[Action]:
    """Events from a factor file, whose factors hold for prices on and before ``ts``."""
    dates, close = _ts(part), part["close"].to_numpy()
    known = factors["ts"].dt.cast_time_unit("ns").to_physical().to_numpy()
    at = np.searchsorted(known, dates).clip(max=len(known) - 1)
    split = factors["split_factor"].to_numpy()[at]
    price = factors["price_factor"].to_numpy()[at]
    found: list[Action] = []
    for row in np.flatnonzero((np.diff(split) != 0) | (np.diff(price) != 0)) + 1:
        when, terms = int(dates[row]), split[row] / split[row - 1]
        if abs(terms - 1) > 0.01:
            found += derive_actions(
                entity,
                dates[row - 1 : row + 1],
                close[row - 1 : row + 1],
                np.array([1.0, terms]),
                np.full(2, NOISE),
            )
        if price[row] != price[row - 1]:
            x = close[row - 1] * (1 - price[row - 1] / price[row]) / terms
            found.append(
                Action(id=entity, kind=EventKind.DIVIDEND, ts=when, available_at=when, x=x)
            )
    return found
