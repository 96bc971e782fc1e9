"""What a real exchange traded before a session's first instant, as rows that warm it up.

::

    day    day    day  ┊ …  row row row row row
                       ┊                      └ the last whole row before the start
                       └ the last day that was over when the first row began
"""

from typing import Final, NamedTuple, Protocol

import msgspec
import numpy as np

from kedge.data.hours import Hours
from kedge.data.intervals import DAY
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import F64, FRESH, I64, TRADABLE
from kedge.domain.row import RowClosed
from kedge.engine.trading.desk import NO_QUOTE, Universe
from kedge.engine.trading.rows import closed_row
from kedge.venues.ccxt.candles import Candles

LEAST: Final = 2
"""Sessions of history without which nothing can be estimated."""


class Source(Protocol):
    """Where candles come from; `kedge.venues.ccxt.catalogue.Catalogue` is one."""

    @property
    def name(self) -> str:
        """Of the exchange."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Lengths of candles that it offers, ns."""

    def candles(self, instrument: Instrument, timeframe_ns: int, end: int, count: int) -> Candles:
        """The finished candles among the last ``count`` before an instant, ns UTC."""


class Before(NamedTuple):
    """Rows before the start, and prices at their end.

    Attributes:
        rows: numbered from 0, oldest first; none ends after the start.
        ticks: (N,) last closes.
    """

    rows: tuple[RowClosed, ...]
    ticks: list[int]


class _Track(NamedTuple):
    """R rows of one instrument; zeros where nothing traded.

    Attributes:
        bars: (R, 4) ticks.
        lots: (R,) traded.
        age: (R,) ns since the last trade, as far as candles tell; -1 before the first.
    """

    bars: I64
    lots: F64
    age: I64


def rows_before(
    source: Source, universe: Universe, hours: Hours, start: int, days: int, rows: int
) -> Before:
    """Everything before ``start``, as far back as the exchange remembers.

    Args:
        source: of candles.
        universe: what is traded, under keys.
        hours: of the exchange, which never closes.
        start: ns UTC.
        days: sessions of one row each.
        rows: of the universe's interval after them, up to the last that is whole.

    Raises:
        ConfigError: rows of that length cannot be made, or an instrument was traded in fewer
            than two sessions; or whatever is wrong with the exchange.
    """
    interval = universe.interval_ns
    end = start - start % interval
    begin = end - rows * interval
    closes = hours.closes_before(begin, days)
    short = range(begin + interval, end + 1, interval)
    widths = _dividing(source, DAY), _dividing(source, interval)
    tracks = []
    for instrument in universe.instruments:
        long = source.candles(instrument, widths[0], closes[-1], days * DAY // widths[0])
        late = source.candles(instrument, widths[1], end, rows * interval // widths[1])
        tracks.append(_track((long, late), (DAY, interval), (np.array(closes), np.array(short))))
    ends = np.array([*closes, *short])
    sessions = np.array([hours.session(at) for at in ends.tolist()])
    for instrument, track in zip(universe.instruments, tracks, strict=True):
        _check(source, instrument, sessions[track.lots > 0])
    return Before(
        _rows(universe, ends, sessions, tracks), [_last(track.bars[:, 3]) for track in tracks]
    )


def _dividing(source: Source, interval: int) -> int:
    """The longest candles of which rows can be made."""
    fitting = [width for width in source.widths if interval % width == 0]
    if not fitting:
        shortest = min(source.widths) / 1e9
        raise ConfigError(
            f"{source.name} has no candles that make rows of {interval / 1e9:g} s",
            "universe.interval",
            f"its shortest last {shortest:g} s; take a multiple of that",
        )
    return max(fitting)


def _track(
    candles: tuple[Candles, Candles], lengths: tuple[int, int], ends: tuple[I64, I64]
) -> _Track:
    """Days and rows of one instrument, one after the other."""
    parts = [_joined(*each) for each in zip(candles, lengths, ends, strict=True)]
    bars, lots = (np.concatenate(each) for each in zip(*parts, strict=True))
    traded = np.concatenate([each.closes[each.lots > 0] for each in candles])
    every = np.concatenate(ends)
    last = np.searchsorted(traded, every, side="right") - 1
    known = np.concatenate((traded, [0]))[last]
    return _Track(bars, lots, np.where(last >= 0, every - known, -1))


def _joined(candles: Candles, length: int, ends: I64) -> tuple[I64, F64]:
    """Candles put together to bars of ``length`` with these ends."""
    traded = candles.lots > 0
    ticks, lots, closes = candles.ticks[traded], candles.lots[traded], candles.closes[traded]
    bars, sums = np.zeros((len(ends), 4), np.int64), np.zeros(len(ends))
    first = np.searchsorted(closes, ends - length, side="right")
    after = np.searchsorted(closes, ends, side="right")
    for n, (a, b) in enumerate(zip(first.tolist(), after.tolist(), strict=True)):
        if a < b:
            bars[n] = ticks[a, 0], ticks[a:b, 1].max(), ticks[a:b, 2].min(), ticks[b - 1, 3]
            sums[n] = lots[a:b].sum(dtype=np.float64)
    return bars, sums


def _check(source: Source, instrument: Instrument, sessions: I64) -> None:
    known = len(np.unique(sessions))
    if known < LEAST:
        raise ConfigError(
            f"{source.name} knows {known} sessions of {instrument.symbol}, fewer than {LEAST}",
            "limits.min_sessions",
            "take a symbol that has traded for longer",
        )


def _rows(
    universe: Universe, ends: I64, sessions: I64, tracks: list[_Track]
) -> tuple[RowClosed, ...]:
    """Rows from the first on in which anything was traded; quotes are not known any more."""
    bars, lots = np.stack([t.bars for t in tracks], 1), np.stack([t.lots for t in tracks], 1)
    age, seen = np.stack([t.age for t in tracks], 1), lots > 0
    sizes = np.array([float(i.lot) * i.multiplier for i in universe.instruments])
    quotes = np.array([msgspec.structs.astuple(NO_QUOTE)] * len(universe.keys), np.int64)
    flags = np.where(seen, TRADABLE | FRESH, 0).astype(np.uint8)
    first = int(np.argmax(seen.any(axis=1)))
    return tuple(
        closed_row(
            row - first, int(ends[row]), int(sessions[row]), bars[row], lots[row] * sizes,
            flags[row], age[row], np.ones(len(tracks)), quotes,
        )
        for row in range(first, len(ends))
    )  # fmt: skip


def _last(closes: I64) -> int:
    return int(closes[closes > 0][-1])
