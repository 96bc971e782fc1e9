"""The offline sample: real daily bars that installed packages carry.

Five US stocks with open, high, low, close and volume, 2000 to 2013, from
bokeh_sampledata; and the adjusted closes of twenty US stocks with the index,
1990 to 2022, from skfolio. Both were picked by someone who knew who survived,
so neither universe is point-in-time.
"""

import gzip
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl

from kedge.data.bars import close_only_prices, make_bars
from kedge.data.derive import amount_of_wiki, derive_actions, growth_of, rounding_noise
from kedge.data.intervals import DAY
from kedge.data.store import ParquetStore
from kedge.data.ticks import FINER, fitting_tick
from kedge.data.venues import default_instrument
from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import I64
from kedge.ports.store import Action, Member, Universe

FIVE: Final = "us_five"
TWENTY: Final = "us_twenty"
INDEX: Final = "SP500"
DIGITS: Final = 12
"""Decimals of the adjusted close in bokeh_sampledata."""
AVERAGE_VOLUME: Final = 1_000_000.0
"""Shares a day that stand in for the volume that close-only data lacks."""


class SampleReport(msgspec.Struct, frozen=True):
    """What the sample put into the store.

    Attributes:
        universes: name and symbols of each.
        rows: stored bars.
        splits, dividends: events derived from the adjusted close.
        notes: what was assumed, and what is missing with the remedy.
    """

    universes: dict[str, list[str]]
    rows: int
    splits: int
    dividends: int
    notes: list[str]


def import_sample(
    store: ParquetStore, progress: Callable[[str], None] = lambda _: None
) -> SampleReport:
    """Put the sample into ``store``; what is already there is replaced.

    Args:
        store: receives bars, events, instruments and two universes.
        progress: called with each symbol when it has been stored.

    Raises:
        DataError: when bokeh_sampledata is not installed.
    """
    with store.writing():
        return _import(store, progress)


def _import(store: ParquetStore, progress: Callable[[str], None]) -> SampleReport:
    rows, actions, five = _import_five(store, progress)
    universes = [five]
    notes = [
        "five US stocks are raw prices; splits and dividends were derived from the adjusted close",
        "both universes were chosen by survival: a backtest on them cannot show strong evidence",
    ]
    path = _package_file("skfolio", "datasets/data/sp500_dataset.csv.gz")
    if path is None:
        notes.append("twenty US stocks 1990-2022 need skfolio: pip install -e '.[portfolio]'")
    else:
        more, twenty = _import_twenty(store, path, progress)
        rows, universes = rows + more, [five, twenty]
        notes.append(
            "twenty US stocks are adjusted closes only: open, high and low are a proxy, volume "
            f"is unknown and {AVERAGE_VOLUME:,.0f} shares a day are assumed; their ids end in .ADJ"
        )
    for universe in universes:  # last of all: what names the bars is there when they are
        store.put_universe(universe)
    splits = sum(each.a > 0 for each in actions)
    names = [universe.name for universe in universes]
    members = {name: [each.id for each in store.universe(name).members] for name in names}
    return SampleReport(members, rows, splits, len(actions) - splits, notes)


def _import_five(
    store: ParquetStore, progress: Callable[[str], None]
) -> tuple[int, list[Action], Universe]:
    path = _package_file("bokeh_sampledata", "_data/stocks.csv.gz")
    if path is None:
        raise DataError(
            "the sample needs bokeh_sampledata",
            "kedge data sample",
            "pip install bokeh-sampledata",
        )
    table = pl.read_csv(gzip.decompress(path.read_bytes()), try_parse_dates=True)
    actions: list[Action] = []
    members, rows = [], 0
    for (symbol,), part in table.sort("Ticker", "Date").group_by("Ticker", maintain_order=True):
        instrument, dates = _five_bars(store, str(symbol), part)
        close, adjusted = part["Close"].to_numpy(), part["Adj Close"].to_numpy()
        actions += derive_actions(
            instrument.id,
            dates,
            close,
            growth_of(close, adjusted),
            rounding_noise(adjusted, DIGITS),
            amount_of_wiki,
        )
        members.append(Member(instrument.id, int(dates[0])))
        rows += part.height
        progress(instrument.symbol)
    store.put_actions(actions)
    return rows, actions, Universe(FIVE, tuple(members), point_in_time=False)


def _five_bars(store: ParquetStore, symbol: str, part: pl.DataFrame) -> tuple[Instrument, I64]:
    prices = part.select("Open", "High", "Low", "Close").to_numpy()
    base = default_instrument(symbol)
    instrument = msgspec.structs.replace(
        base, tick=fitting_tick(prices.ravel(), base.tick, decimal_venue=False)
    )
    dates = _dates(part)
    volume = part["Volume"].cast(pl.Float64).to_numpy()
    store.put_bars(instrument, "1d", make_bars(instrument, DAY, dates, prices, volume))
    return instrument, dates


def _import_twenty(
    store: ParquetStore, path: Path, progress: Callable[[str], None]
) -> tuple[int, Universe]:
    table = pl.read_csv(gzip.decompress(path.read_bytes()), try_parse_dates=True).sort("Date")
    index = _package_file("skfolio", "datasets/data/sp500_index.csv.gz")
    if index is not None:
        levels = pl.read_csv(gzip.decompress(index.read_bytes()), try_parse_dates=True)
        table = table.join(levels, on="Date", how="left")
    members, rows = [], 0
    for name in table.columns[1:]:
        part = table.select("Date", name).drop_nulls()
        close, dates = part[name].to_numpy(), _dates(part)
        instrument = _adjusted_instrument(name)
        bars = make_bars(
            instrument, DAY, dates, close_only_prices(close), np.full(len(close), np.nan)
        )
        store.put_bars(instrument, "1d", bars)
        rows += part.height
        if name != INDEX:
            members.append(Member(instrument.id, int(dates[0])))
        progress(instrument.symbol)
    return rows, Universe(TWENTY, tuple(members), point_in_time=False)


def _adjusted_instrument(name: str) -> Instrument:
    """The stock (or index) of adjusted closes; its id differs from the raw series'."""
    plain = default_instrument(name)
    return msgspec.structs.replace(
        plain,
        id=name if name == INDEX else f"{name}.ADJ",
        symbol=name if name == INDEX else f"{name}.ADJ",
        tick=FINER,
        average_volume=AVERAGE_VOLUME,
        close_only=True,
        adjusted_only=name != INDEX,
    )


def _dates(part: pl.DataFrame) -> I64:
    return part["Date"].cast(pl.Datetime("ns")).to_physical().to_numpy().astype(np.int64)


def _package_file(package: str, name: str) -> Path | None:
    """A file inside an installed package, which is found but not imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / name
    return path if path.exists() else None
