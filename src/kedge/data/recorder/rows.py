"""Rows of a recording: by time, trades, volume, turnover or updates, each symbol by itself."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from msgspec.structs import replace

from kedge.data.intervals import interval_ns
from kedge.data.recorder.recording import about, books_of, heard, play
from kedge.data.samplers.event import BookUpdates, Dollars, EventSampler, Measure, Ticks, Volume
from kedge.data.samplers.row import SampledRow
from kedge.data.samplers.time import TimeSampler
from kedge.data.streams.budget import SECOND
from kedge.data.wire.listings import Listing
from kedge.domain.errors import ConfigError
from kedge.domain.market import BookDelta, MarketEvent, Trade

BY: Final = ("time", "trades", "volume", "turnover", "book")
LATE_NS: Final = 5 * SECOND
"""A trade that arrived so much later still belongs to its own row: nobody waits for it here."""
PRICES: Final = ("open", "high", "low", "close")


class Rule(NamedTuple):
    """When a row closes.

    Attributes:
        by: one of `BY`.
        size: an interval such as ``1m`` for ``time``; else how many trades, units of the base,
            units of the quote, or updates of the book.
    """

    by: str
    size: str


class _Timed:
    """Rows of one symbol by time."""

    def __init__(self, length: int, begun: int) -> None:
        self._length, self._sampler = length, TimeSampler(1, length, LATE_NS, begun)

    def take(self, event: MarketEvent, now: int, trusted: bool) -> Iterator[tuple[int, SampledRow]]:
        for row in self._sampler.advance(now, (trusted,)):
            yield row.at - self._length, row
        self._sampler.add(event)


class _Counted:
    """Rows of one symbol by what happens."""

    def __init__(self, measure: Measure, threshold: int) -> None:
        self._sampler = EventSampler(1, measure, threshold)

    def take(self, event: MarketEvent, now: int, trusted: bool) -> Iterator[tuple[int, SampledRow]]:
        row = self._sampler.add(event, (trusted,))
        if row is not None:
            yield row.at, row


def rows_of(folder: Path, rule: Rule, step: Callable[[int], None]) -> pl.DataFrame:
    """Rows in which somebody traded while the book was trusted, in order.

    A row by time bears the instant at which it began, as `kedge data import` reads bars; any
    other the instant at which it closed. The row that is open at the end is left out.

    Args:
        folder: of the recording.
        rule: when a row closes.
        step: told of bytes as they are played.

    Returns:
        Columns ts, symbol, open, high, low, close, volume.

    Raises:
        DataError: there is no recording, or a part of it is missing or damaged.
        ConfigError: no such rule.
    """
    known = about(folder)
    books, found = books_of(known), []
    samplers: dict[int, _Timed | _Counted] = {}
    listings = {each.key: each for each in known.listings}
    for message in play(folder):
        step(len(message.message))
        for event in heard(books, message):
            if not isinstance(event, Trade | BookDelta):
                continue
            key, listing = event.key, listings[event.key]
            if key not in samplers:
                samplers[key] = _sampler(rule, listing, message.received)
            mine = replace(event, key=0)  # it is the only instrument of its sampler
            trusted = books.by_key[key].trusted
            for at, row in samplers[key].take(mine, message.received, trusted):
                if row.lots[0]:
                    found.append(_line(at, row, listing))
    return _frame(found)


def _sampler(rule: Rule, listing: Listing, begun: int) -> _Timed | _Counted:
    if rule.by == "time":
        return _Timed(interval_ns(rule.size), begun)
    size, tick, lot = _size(rule), listing.tick, listing.lot
    measures: dict[str, tuple[Measure, Decimal]] = {
        "trades": (Ticks(), size),
        "volume": (Volume((1,)), size / lot),
        "turnover": (Dollars((1,)), size / (tick * lot)),
        "book": (BookUpdates(), size),
    }
    if rule.by not in measures:
        raise ConfigError(f"no rows by {rule.by[:20]!r}", "--by", f"one of: {', '.join(BY)}")
    measure, threshold = measures[rule.by]
    return _Counted(measure, int(threshold.to_integral_value()))


def _size(rule: Rule) -> Decimal:
    try:
        size = Decimal(rule.size)
    except ArithmeticError:
        size = Decimal(0)
    if not size.is_finite() or size <= 0:
        raise ConfigError(f"a size of {rule.size[:20]!r}", "--size", "a number above zero")
    return size


def _line(at: int, row: SampledRow, listing: Listing) -> tuple[int, str, np.ndarray, int, Listing]:
    return at, listing.symbol, row.bars[0], int(row.lots[0]), listing


def _frame(found: list[tuple[int, str, np.ndarray, int, Listing]]) -> pl.DataFrame:
    stamps = pl.Series("ts", [at for at, *_ in found], dtype=pl.Int64)
    columns: dict[str, object] = {
        "ts": stamps.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"),
        "symbol": [symbol for _, symbol, *_ in found],
    }
    for place, name in enumerate(PRICES):
        columns[name] = [float(each.tick * int(bar[place])) for *_, bar, _, each in found]
    columns["volume"] = [float(each.lot * lots) for *_, lots, each in found]
    return pl.DataFrame(columns)
