"""CSV and Parquet bars into the store, in the shapes people have them.

Reading goes in stages: the file as a table (`tables`), columns by name
(`columns`), text to times and numbers (`times`, `numbers`), rows in order
(`cleaning`), floats to ticks (`ticks`, `bars`), and into the store. Whatever was
guessed on the way is a note in the report.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from kedge.data.bar_reader import ROW, BarReader
from kedge.data.bar_times import check_step
from kedge.data.bars import close_only_prices, make_bars
from kedge.data.cleaning import Keep, Rows, clean
from kedge.data.columns import guess_columns, require
from kedge.data.derive import derive_actions, growth_of, rounding_noise
from kedge.data.import_report import ImportReport
from kedge.data.intervals import DAY, interval_ns
from kedge.data.numbers import decimal_comma
from kedge.data.store import ParquetStore
from kedge.data.tables import Table, read_table
from kedge.data.ticks import common_tick, fitting_tick, off_grid
from kedge.data.venues import CRYPTO, default_instrument, describe_assumptions
from kedge.domain.errors import DataError
from kedge.domain.instrument import AssetClass, Instrument
from kedge.domain.panel import F64
from kedge.ports.store import Action, Bars

OHLC = ("open", "high", "low", "close")
LARGEST_POSITION = Decimal(10_000_000)
"""Value, in quote currency, that an instrument's int64 arithmetic must have room for,
at ten times the largest price seen."""


class ImportSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How a file of bars is to be read.

    Attributes:
        interval: length of a bar, ``1d`` or ``5m``.
        symbol: the instrument; empty takes the symbol column, else the file's name.
        venue: whose defaults apply to a new instrument.
        zone: time zone of times that state none; empty assumes the exchange's.
        keep: which of two contradicting bars stays; empty refuses them.
        adjusted: the prices are back-adjusted; raw ones are unknown.
        average_volume: base units a row that stand in where there is no volume.
    """

    interval: str
    symbol: str = ""
    venue: str = ""
    zone: str = ""
    keep: Keep = ""
    adjusted: bool = False
    average_volume: float = 1_000_000.0


def import_bars(
    store: ParquetStore,
    path: Path,
    spec: ImportSpec,
    progress: Callable[[str, int], None] = lambda _name, _total: None,
) -> tuple[ImportReport, ...]:
    """Read a file and store its bars.

    Args:
        store: receives bars, instruments and derived events.
        path: CSV (gzip too) or Parquet, of one instrument or with a symbol column.
        spec: how to read it.
        progress: called with a symbol, and how many there are, before each is stored.

    Returns:
        One report per instrument, in order of symbol.

    Raises:
        DataError: for anything that cannot be read without guessing too far; nothing
            of the instrument at hand has then been stored.
    """
    length = interval_ns(spec.interval)
    table = read_table(path)
    columns = guess_columns(table.frame.columns, spec.symbol)
    require(columns, str(path), table.frame.columns)
    comma = decimal_comma([table.frame[columns[r]] for r in OHLC if r in columns])
    parts = list(_by_symbol(table, columns, path, spec))
    reports = []
    with store.writing():
        for symbol, frame in parts:
            progress(symbol, len(parts))
            reader = BarReader(path, table, frame, columns, comma)
            reports.append(_import_one(store, reader, symbol, spec, length))
    return tuple(reports)


def _by_symbol(
    table: Table, columns: dict[str, str], path: Path, spec: ImportSpec
) -> Iterator[tuple[str, pl.DataFrame]]:
    frame = table.frame.with_row_index(ROW)
    if "symbol" not in columns:
        yield spec.symbol or path.name.split(".")[0], frame
        return
    name = columns["symbol"]
    if not (frame[name].dtype == pl.String or frame[name].dtype.is_integer()):
        raise DataError(f"column {name} holds no symbols", str(path), "rename it, give --symbol")
    frame = frame.with_columns(pl.col(name).cast(pl.String).str.strip_chars())
    wanted = frame.filter(pl.col(name) == spec.symbol) if spec.symbol else frame
    if not wanted.height:
        have = ", ".join(map(str, frame[name].unique().sort()[:8]))
        raise DataError(f"no row of {spec.symbol}", str(path), f"column {name} holds {have}")
    for (symbol,), part in wanted.sort(name, ROW).group_by(name, maintain_order=True):
        if symbol is None:
            place = table.place(path, int(part[ROW][0]))
            raise DataError(f"no symbol in column {name}", place, "fill it in, or give --symbol")
        yield str(symbol), part


def _import_one(
    store: ParquetStore, reader: BarReader, symbol: str, spec: ImportSpec, length: int
) -> ImportReport:
    where = f"{reader.path}: {symbol}"
    known = _known_instrument(store, symbol, spec)
    rows, notes = _read_rows(reader, known, spec, length)
    rows, repairs = clean(rows, spec.keep, where)
    notes += repairs + check_step(np.unique(rows.ts), length, where)
    try:
        instrument, assumed = _settle(known, rows, spec, "close" not in reader.columns)
    except DataError as error:
        raise DataError(error.what, str(store.folder / error.where), error.remedy) from error
    bars = _bars(instrument, rows, length)
    actions, derived = _derived(instrument, rows, length)
    revised = store.put_bars(instrument, spec.interval, bars)
    if actions:
        store.put_actions(actions)
    return ImportReport(
        symbol=instrument.symbol,
        id=instrument.id,
        interval=spec.interval,
        source=str(reader.path),
        rows=len(bars),
        revised=revised,
        first=_iso(int(bars.ts[0])),
        last=_iso(int(bars.ts[-1])),
        tick=f"{instrument.tick:f}",
        columns=dict(reader.columns),
        notes=(*reader.table.notes, *notes, *derived),
        assumptions=assumed,
    )


def _known_instrument(store: ParquetStore, symbol: str, spec: ImportSpec) -> Instrument:
    """The stored instrument, else the venue's default."""
    found = [each for each in store.instruments() if symbol in (each.id, each.symbol)]
    if not found:
        return default_instrument(symbol, spec.venue)
    stored = store.instrument(symbol)
    if spec.venue and stored.venue != spec.venue:
        raise DataError(
            f"{symbol} is stored for venue {stored.venue or '(none)'}, not {spec.venue}",
            "--venue",
            "leave --venue out, or edit instruments.yaml",
        )
    return stored


def _read_rows(
    reader: BarReader, instrument: Instrument, spec: ImportSpec, length: int
) -> tuple[Rows, tuple[str, ...]]:
    ts, notes = reader.opens(length, instrument.calendar, spec.zone)
    close = "close" if "close" in reader.columns else "adj_close"
    full = close == "close" and "open" in reader.columns
    roles = OHLC if full else (close,)
    prices = np.stack([reader.floats(role) for role in roles], axis=1)
    if reader.comma:
        notes += ("decimal comma",)
    volume = reader.floats("volume")
    adjusted = reader.floats("adj_close")
    available = reader.available(ts, spec.zone)
    return Rows(ts, prices, volume, adjusted, available, reader.row), notes


def _settle(
    known: Instrument, rows: Rows, spec: ImportSpec, adjusted: bool
) -> tuple[Instrument, tuple[str, ...]]:
    """The instrument these rows need, and what is assumed about it."""
    flat = rows.prices.ravel()
    needed = fitting_tick(flat, known.tick, known.venue.lower() in CRYPTO)
    tick = common_tick(known.tick, needed)
    notes = list(describe_assumptions(known))
    if tick != known.tick:
        off = off_grid(flat, known.tick)
        notes.append(f"{off:,} price(s) off the tick {known.tick:f}: tick is now {tick:f}")
    close_only = rows.prices.shape[1] == 1
    if close_only:
        notes.append("close only: open is the previous close, high and low their range")
    average = known.average_volume
    if not np.isfinite(rows.volume).any() and average == 0.0:
        average = spec.average_volume
        notes.append(f"no volume: {average:,.0f} units a row are assumed")
    if adjusted or spec.adjusted:
        notes.append("prices are adjusted; raw prices are unknown")
    instrument = msgspec.structs.replace(
        known,
        tick=tick,
        average_volume=average,
        close_only=known.close_only or close_only,
        adjusted_only=known.adjusted_only or adjusted or spec.adjusted,
    )
    fitted = _with_room(instrument, Decimal(repr(float(np.abs(flat).max()))))
    if fitted.lot != instrument.lot:
        notes.append(f"tiny prices: lot is now {fitted.lot:f}, so that 64-bit cash has room")
    return fitted, tuple(notes)


def _with_room(instrument: Instrument, price: Decimal) -> Instrument:
    """The instrument with a lot coarse enough for a position of `LARGEST_POSITION`.

    Raises:
        DataError: when a stock would need one; its lot is not ours to change.
    """
    quantity = LARGEST_POSITION / max(price, instrument.tick)
    while True:
        try:
            instrument.check_bounds(10 * price, quantity)
        except DataError:
            if instrument.asset_class is AssetClass.EQUITY or instrument.lot >= quantity:
                raise
            instrument = msgspec.structs.replace(instrument, lot=(instrument.lot * 10).normalize())
        else:
            return instrument


def _bars(instrument: Instrument, rows: Rows, length: int) -> Bars:
    prices = rows.prices
    if prices.shape[1] == 1:
        prices = close_only_prices(prices[:, 0])
    return make_bars(instrument, length, rows.ts, prices, rows.volume, rows.available_at)


def _derived(
    instrument: Instrument, rows: Rows, length: int
) -> tuple[list[Action], tuple[str, ...]]:
    """Events from an adjusted close beside the raw one, for daily stock bars."""
    usable = instrument.asset_class is AssetClass.EQUITY and not instrument.adjusted_only
    both = (rows.adjusted > 0) & (rows.prices[:, -1] > 0)
    if length != DAY or not usable or not both.all() or (np.diff(rows.ts) <= 0).any():
        return [], ()
    close, adjusted = rows.prices[:, -1], rows.adjusted
    noise = rounding_noise(adjusted, _decimals(adjusted))
    actions = derive_actions(instrument.id, rows.ts, close, growth_of(close, adjusted), noise)
    splits = sum(each.a > 0 for each in actions)
    note = (
        f"adjusted close beside the raw one: {splits} split(s) and "
        f"{len(actions) - splits} dividend(s) derived"
    )
    return actions, (note,)


def _decimals(values: F64) -> int:
    """Decimals in which the values are written, 12 at most."""
    for digits in range(12):
        if np.allclose(values, np.round(values, digits), rtol=1e-12, atol=1e-12):
            return digits
    return 12


def _iso(ns: int) -> str:
    return str(np.datetime_as_string(np.datetime64(ns, "ns"), unit="s")) + "Z"
