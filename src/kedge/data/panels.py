"""From the store to a `kedge.domain.panel.Panel`: rows by instruments, nothing filled.

A row exists where at least one instrument has a bar; its instant is when that
bar became available. Cells without a bar are masked, and closed where none was
due. The panel shows the first version of every bar, since a later correction
was not known in its row.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from kedge.data import calendars
from kedge.data.adjustment import adjust_factors, event_rows
from kedge.data.intervals import interval_ns
from kedge.data.names import borne
from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import CLOSED, F64, FRESH, I64, LEFT, TRADABLE, U8, Panel
from kedge.ports.store import Bars, Store, Universe

NEVER: Final = 2**62
"""``age_ns`` of a cell whose instrument has not been observed yet."""


def load_panel(
    store: Store,
    symbols: Sequence[str],
    interval: str,
    start: int | None = None,
    end: int | None = None,
    as_of: int | None = None,
) -> Panel:
    """Align the bars of ``symbols`` into a panel.

    Args:
        store: where bars and events are read.
        symbols: ids or symbols, one column each, in this order.
        interval: ``1d``, ``5m`` and so on.
        start: first row instant, ns UTC; None for the beginning.
        end: first instant after the rows, ns UTC; None for the end of the data.
        as_of: what became available later is not seen, ns UTC.

    Raises:
        DataError: for an unknown symbol, one named twice, or no row at all.
    """
    instruments = _distinct(store, symbols)
    read = [store.first_bars(each.id, interval, as_of) for each in instruments]
    bars = [_between(each, start, end) for each in read]
    return _align(store, instruments, bars, interval, as_of, None)


def load_universe(
    store: Store,
    name: str,
    interval: str,
    start: int | None = None,
    end: int | None = None,
    as_of: int | None = None,
) -> Panel:
    """The panel of everything that ever belonged to a universe between start and end.

    An instrument is masked until it joins, since it may not be traded for a
    reason that was not known yet. After it leaves its bars stay, marked
    `LEFT`, so that a position can be closed and none be opened.

    Raises:
        DataError: for an unknown universe or one without bars in the span.
    """
    universe = store.universe(name)
    joined = _first_joins(universe, end)
    instruments = _distinct(store, sorted(joined))
    bars = [
        _between(
            store.first_bars(each.id, interval, as_of),
            max(start or joined[each.id], joined[each.id]),
            end,
        )
        for each in instruments
    ]
    return _align(store, instruments, bars, interval, as_of, universe)


def currency_numbers(instruments: Iterable[Instrument]) -> tuple[str, ...]:
    """Settlement currencies in order of first appearance: the ``index`` of fx events."""
    return tuple(dict.fromkeys(each.settle for each in instruments))


def _distinct(store: Store, symbols: Iterable[str]) -> tuple[Instrument, ...]:
    found = tuple(store.instrument(symbol) for symbol in symbols)
    ids = [each.id for each in found]
    twice = {each for each in ids if ids.count(each) > 1}
    if twice:
        raise DataError(f"{min(twice)} is named twice", "universe", "name each instrument once")
    if not found:
        raise DataError("no symbol given", "universe", "name at least one")
    return found


def _refuse_shared_symbols(
    store: Store, instruments: tuple[Instrument, ...], bars: list[Bars]
) -> None:
    """Two with bars under one symbol at the same time could not be told apart in a result."""
    symbols = [each.symbol for each in instruments]
    for symbol in sorted({each for each in symbols if symbols.count(each) > 1}):
        spans = sorted(
            (max(since, int(own.ts[0])), min(until, int(own.ts[-1]) + 1), each.id)
            for each, own in zip(instruments, bars, strict=True)
            if each.symbol == symbol and len(own)
            for since, until in borne(each, store.actions(each.id), symbol)
        )
        for (_, until, one), (since, _, other) in pairwise(spans):
            if since < until:
                raise DataError(
                    f"{one} and {other} bear the symbol {symbol} at the same time",
                    str(store.folder / "instruments.yaml"),
                    "give one another symbol, or write listed_ns and delisted_ns of each",
                )


def _first_joins(universe: Universe, end: int | None) -> dict[str, int]:
    joins: dict[str, int] = {}
    for stay in universe.members:
        if end is None or stay.start < end:
            joins[stay.id] = min(stay.start, joins.get(stay.id, stay.start))
    return joins


def _between(bars: Bars, start: int | None, end: int | None) -> Bars:
    inside = np.ones(len(bars), dtype=bool)
    if start is not None:
        inside &= bars.available_at >= start
    if end is not None:
        inside &= bars.available_at < end
    if inside.all():
        return bars
    return Bars(
        bars.ts[inside],
        bars.closed_at[inside],
        bars.available_at[inside],
        bars.prices[inside],
        bars.volume[inside],
    )


def _align(
    store: Store,
    instruments: tuple[Instrument, ...],
    bars: list[Bars],
    interval: str,
    as_of: int | None,
    universe: Universe | None,
) -> Panel:
    ts = _row_instants(bars)
    if not len(ts):
        names = ", ".join(each.symbol for each in instruments[:8])
        what = f"no {interval} bar of {names} in the span"
        raise DataError(what, str(store.folder), "widen the span: data.start, data.end, data.as_of")
    _refuse_shared_symbols(store, instruments, bars)
    prices, volume, flags = _cells(instruments, bars, ts)
    fresh = (flags & FRESH) != 0
    _mark_closed(instruments, interval_ns(interval), ts, fresh, flags)
    if universe is not None:
        _mark_left(universe, instruments, ts, fresh, flags)
    events = event_rows(store, instruments, ts, fresh, as_of, currency_numbers(instruments))
    session = calendars.session_numbers(_common_calendar(instruments), ts)
    parts = (ts, prices, volume, flags, session, events)
    return Panel(
        instruments=instruments,
        interval_ns=interval_ns(interval),
        ts=ts,
        session=session,
        bars=prices,
        volume=volume,
        flags=flags,
        age_ns=_ages(ts, fresh),
        adjust=adjust_factors(instruments, prices[:, 3, :], fresh, events),
        events=events,
        point_in_time=universe is not None and universe.point_in_time,
        fingerprint=_fingerprint(instruments, interval, parts),
        sessions_per_year=calendars.sessions_per_year(each.calendar for each in instruments),
    )


def _row_instants(bars: list[Bars]) -> I64:
    first = bars[0].available_at
    if all(np.array_equal(first, each.available_at) for each in bars):
        return np.unique(first)
    return np.unique(np.concatenate([each.available_at for each in bars]))


def _cells(instruments: tuple[Instrument, ...], bars: list[Bars], ts: I64) -> tuple[I64, F64, U8]:
    """Prices (T, 4, N), volume and flags (T, N); masked cells are zero.

    A bar with a price at or below zero cannot be traded and is masked; a volume
    below zero is unknown. Of two bars that became available in the same instant
    only the later one is shown.
    """
    t, n = len(ts), len(instruments)
    prices = np.zeros((t, 4, n), dtype=np.int64)
    volume = np.zeros((t, n))
    flags = np.zeros((t, n), dtype=np.uint8)
    for column, each in enumerate(bars):
        real = (each.prices > 0).all(axis=1)
        rows = np.searchsorted(ts, each.available_at[real])
        prices[rows, :, column] = each.prices[real]
        units = each.volume[real]
        volume[rows, column] = np.where(units < 0, np.nan, units)
        flags[rows, column] = TRADABLE | FRESH
    return prices, volume, flags


def _mark_closed(
    instruments: tuple[Instrument, ...], interval: int, ts: I64, fresh: np.ndarray, flags: U8
) -> None:
    """Set `CLOSED` where a masked cell's own calendar had no bar to give."""
    calendar_of = np.array([each.calendar for each in instruments])
    for calendar in np.unique(calendar_of):
        idle = np.flatnonzero(~calendars.bars_due(str(calendar), interval, ts))
        cells = np.ix_(idle, np.flatnonzero(calendar_of == calendar))
        flags[cells] |= np.where(fresh[cells], 0, CLOSED).astype(np.uint8)


def _mark_left(
    universe: Universe, instruments: tuple[Instrument, ...], ts: I64, fresh: np.ndarray, flags: U8
) -> None:
    """Set `LEFT` on the bars outside every stay: they come after the first one."""
    for column, each in enumerate(instruments):
        member = np.zeros(len(ts), dtype=bool)
        for stay in universe.members:
            if stay.id == each.id:
                member |= (ts >= stay.start) & (stay.end is None or ts < stay.end)
        flags[fresh[:, column] & ~member, column] |= LEFT


def _ages(ts: I64, fresh: np.ndarray) -> I64:
    if fresh.all():
        return np.broadcast_to(np.int64(0), fresh.shape)
    last = np.where(fresh, ts[:, None], -NEVER)
    np.maximum.accumulate(last, axis=0, out=last)
    return np.where(last == -NEVER, NEVER, ts[:, None] - last)


def _common_calendar(instruments: tuple[Instrument, ...]) -> str:
    names = {each.calendar for each in instruments}
    return names.pop() if len(names) == 1 else calendars.ALWAYS_OPEN


def _fingerprint(
    instruments: tuple[Instrument, ...], interval: str, parts: tuple[np.ndarray, ...]
) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(interval.encode())
    digest.update(msgspec.json.encode(instruments))
    for part in parts:
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
