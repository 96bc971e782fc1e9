"""What a store holds of an instrument, as of a time."""

from collections import Counter

import msgspec

from kedge.data.action_table import kind_name
from kedge.data.names import names_of
from kedge.data.quality.findings import iso
from kedge.data.store import FOREVER, ParquetStore
from kedge.data.venues import describe_assumptions
from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument


class Span(msgspec.Struct, frozen=True):
    """Bars of one interval: how many, and the first and the last (ISO 8601 UTC, None: no bar)."""

    interval: str
    bars: int
    first: str | None
    last: str | None


class Called(msgspec.Struct, frozen=True):
    """A name, and the time from which it was borne (ISO 8601 UTC, None: from the start)."""

    symbol: str
    since: str | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument.

    Attributes:
        id: its stable entity id.
        symbol: what it was called; None where its name of that time is unknown.
        names: every name it had had.
        settings: the ones that shape its orders, as in ``instruments.yaml``.
        bars: by interval, shortest first.
        events: dated events known, counted by kind.
    """

    id: str
    symbol: str | None
    names: tuple[Called, ...]
    settings: tuple[str, ...]
    bars: tuple[Span, ...]
    events: dict[str, int]


def find(store: ParquetStore, name: str, as_of: int | None) -> Instrument:
    """The instrument that a person means: its symbol at ``as_of`` (None: now), or its id.

    Raises:
        DataError: when none or several answer to the name.
    """
    if as_of is None:
        return store.instrument(name)
    found = store.instrument_at(name, as_of)
    if found is None:
        found = next((each for each in store.instruments() if each.id == name), None)
    if found is None:
        raise DataError(
            f"nothing was called {name!r} at {iso(as_of)}",
            str(store.folder),
            "kedge data show lists ids and symbols; symbol changes are imported with --actions",
        )
    return found


def describe(store: ParquetStore, instrument: Instrument, as_of: int | None = None) -> Held:
    """What the store held of an instrument at ``as_of`` (ns UTC; None: all it holds)."""
    every = store.actions(instrument.id)
    names = names_of(instrument, every, FOREVER if as_of is None else as_of)
    return Held(
        id=instrument.id,
        symbol=names[-1].symbol if names else None,
        names=tuple(Called(name.symbol, _when(name.since)) for name in names),
        settings=describe_assumptions(instrument),
        bars=tuple(_span(store, instrument, i, as_of) for i in store.intervals(instrument.id)),
        events=dict(Counter(kind_name(each) for each in store.actions(instrument.id, as_of))),
    )


def _span(store: ParquetStore, instrument: Instrument, interval: str, as_of: int | None) -> Span:
    ts = store.bars(instrument.id, interval, as_of).ts
    ends = (iso(int(ts[0])), iso(int(ts[-1]))) if len(ts) else (None, None)
    return Span(interval, len(ts), *ends)


def _when(instant: int | None) -> str | None:
    return None if instant is None else iso(instant)
