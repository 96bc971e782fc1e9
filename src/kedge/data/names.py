"""An instrument's history of names: which symbol it bore at a time, as known at that time.

Tickers are renamed and reused; ids are not. Before its first symbol change an
instrument bears the symbol of ``instruments.yaml``. Where a change brought that
very symbol, what it was called before is unknown, until a change dated at its
listing says so.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from kedge.domain.instrument import Instrument
from kedge.ports.store import Action

EVER: Final = np.iinfo(np.int64)
"""The first and the last instant there are, ns UTC."""


class Name(NamedTuple):
    """A symbol, and the instant (ns UTC) from which it was borne; None: from the start."""

    symbol: str
    since: int | None


def names_of(instrument: Instrument, actions: Iterable[Action], as_of: int) -> tuple[Name, ...]:
    """The names an instrument had borne by ``as_of`` (ns UTC), the last one being its own then.

    Args:
        instrument: whose names.
        actions: all its dated events; a symbol change counts once it is effective and known.
        as_of: what came later is not used.
    """
    changes = sorted((c.ts, c.available_at, c.symbol) for c in actions if c.kind is None)
    later = tuple(Name(to, ts) for ts, known, to in changes if max(ts, known) <= as_of)
    if instrument.symbol in (to for _, _, to in changes):
        return later
    return (Name(instrument.symbol, None), *later)


def bore(instrument: Instrument, actions: Iterable[Action], symbol: str, as_of: int) -> bool:
    """Whether this was the instrument's symbol at ``as_of`` (ns UTC), and it was listed then."""
    listed = instrument.listed_ns is None or instrument.listed_ns <= as_of
    gone = instrument.delisted_ns is not None and instrument.delisted_ns < as_of
    if gone or not listed:
        return False
    names = names_of(instrument, actions, as_of)
    return bool(names) and names[-1].symbol == symbol


def borne(
    instrument: Instrument, actions: Iterable[Action], symbol: str
) -> tuple[tuple[int, int], ...]:
    """The spans in which an instrument bore a symbol while it was listed.

    Returns:
        First instant and the one after the last, ns UTC, in order of time.
    """
    names = names_of(instrument, actions, EVER.max)
    starts = [EVER.min if name.since is None else name.since for name in names]
    listed = EVER.min if instrument.listed_ns is None else instrument.listed_ns
    gone = EVER.max if instrument.delisted_ns is None else instrument.delisted_ns + 1
    spans = zip(names, starts, [*starts[1:], EVER.max], strict=True)
    cut = [(max(a, listed), min(b, gone)) for name, a, b in spans if name.symbol == symbol]
    return tuple((a, b) for a, b in cut if a < b)
