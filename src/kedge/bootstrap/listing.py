"""What a session on the embedded venue trades: listed coins, or instruments of the store."""

from collections.abc import Collection, Sequence
from math import sqrt
from os.path import normpath
from typing import Final, NamedTuple

import msgspec
import numpy as np

from kedge.data.calendars import ALWAYS_OPEN, sessions_per_year
from kedge.data.hours import Hours
from kedge.data.store import ParquetStore
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import F64, I64
from kedge.settings import Settings
from kedge.venues.embedded.coins import COINS, Issue
from kedge.venues.embedded.past import Past, past_of
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.prices import Worth

SAMPLE: Final = 250
"""Daily bars that the volatility and volume of a stored instrument are taken from."""
DAY_S: Final = 86_400.0
HOURS_S: Final = 23_400.0
"""Seconds of a session of six and a half hours."""


class Listing(NamedTuple):
    """What is traded and what happened before.

    Attributes:
        issues: N instruments with the market in each, beginning where ``past`` ends.
        past: sessions before the first one.
    """

    issues: tuple[Issue, ...]
    past: Past

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """N, in the order of every array."""
        return tuple(issue.instrument for issue in self.issues)


def listing_of(settings: Settings, days: int) -> Listing:
    """Find every configured symbol: first in the store, then among the venue's own coins.

    Args:
        settings: universe, store and seed.
        days: sessions of history that are wanted.

    Raises:
        ConfigError: a symbol is nowhere, or they trade at different hours.
        DataError: the store cannot be read.
    """
    symbols = settings.universe.symbols or tuple(COINS)
    store = ParquetStore(settings.store)
    if symbols_are_stored(settings):
        found = _stored(store, symbols, days)
    else:
        found = _coins([COINS[symbol] for symbol in symbols], days, settings.seed)
    calendars = sorted({each.calendar for each in found.instruments})
    if len(calendars) > 1:
        raise ConfigError(
            f"the symbols trade at different hours: {', '.join(calendars)}",
            "universe.symbols",
            "run a session for each exchange",
        )
    return found


def symbols_are_stored(settings: Settings) -> bool:
    """Whether the symbols are instruments of the store; else they are all coins of the venue.

    Raises:
        ConfigError: no one market holds them all; it says how to get what is missing.
        DataError: the store cannot be read.
    """
    symbols = settings.universe.symbols or tuple(COINS)
    stored = ParquetStore(settings.store).instruments()
    known = {name for each in stored for name in (each.id, each.symbol)}
    if all(symbol in known for symbol in symbols):
        return True
    if all(symbol in COINS for symbol in symbols):
        return False
    raise _nowhere(symbols, known, normpath(settings.store))


def _nowhere(symbols: Sequence[str], known: Collection[str], store: str) -> ConfigError:
    """The line for a list of symbols that no one market can hold."""
    strange = [symbol for symbol in symbols if symbol not in known and symbol not in COINS]
    if strange and not known:
        return ConfigError(
            f"'{strange[0]}' is no coin of the embedded venue, and {store} holds no market data",
            "universe.symbols",
            f"`kedge data sample --store {store}` brings AAPL, GOOG, IBM, MSFT and others",
        )
    what = f"'{strange[0]}' is neither in {store} nor" if strange else "not all of them are"
    return ConfigError(
        f"{what} among the coins of the embedded venue",
        "universe.symbols",
        f"take all symbols from `kedge data show --store {store}`, or all of {', '.join(COINS)}",
    )


def _coins(issues: Sequence[Issue], days: int, seed: int) -> Listing:
    lots = [_lots_a_second(issue.habits) * DAY_S for issue in issues]
    past = past_of([issue.worth for issue in issues], lots, days, seed)
    return Listing(_beginning_at(issues, past.last), past)


def _beginning_at(issues: Sequence[Issue], ticks: Sequence[int]) -> tuple[Issue, ...]:
    """The same issues at other prices."""
    return tuple(
        msgspec.structs.replace(issue, worth=msgspec.structs.replace(issue.worth, ticks=at))
        for issue, at in zip(issues, ticks, strict=True)
    )


def beginning_at(listing: Listing, ticks: Sequence[int]) -> Listing:
    """The same listing at other prices."""
    return listing._replace(issues=_beginning_at(listing.issues, ticks))


def _lots_a_second(habits: Habits) -> float:
    """Lots that a crowd trades, roughly: its takers' orders."""
    return habits.rate * habits.takers * habits.lots * 1.2


def _stored(store: ParquetStore, symbols: Sequence[str], days: int) -> Listing:
    """Instruments of the store as their daily bars show them."""
    instruments = [store.instrument(symbol) for symbol in symbols]
    every = [store.first_bars(each.id, "1d") for each in instruments]
    short = [i.symbol for i, bars in zip(instruments, every, strict=True) if len(bars) < days]
    if short:
        raise ConfigError(
            f"'{short[0]}' has fewer than {days} daily bars in the store",
            "universe.symbols",
            "kedge data import brings them in, or lower limits.min_sessions",
        )
    issues = [
        _issue(instrument, bars.prices[-SAMPLE:, 3], bars.volume[-SAMPLE:])
        for instrument, bars in zip(instruments, every, strict=True)
    ]
    prices = np.stack([bars.prices[-days:] for bars in every], axis=1)
    volumes = [_lots(i, b.volume[-days:]) for i, b in zip(instruments, every, strict=True)]
    return Listing(tuple(issues), Past(prices, np.stack(volumes, axis=1)))


def _lots(instrument: Instrument, volume: F64) -> I64:
    lots = np.maximum(1.0, np.nan_to_num(volume) / float(instrument.lot))
    return np.asarray(lots, np.int64)


def _issue(instrument: Instrument, closes: I64, volume: F64) -> Issue:
    """A market whose volatility, from close to close, and volume are the stored ones."""
    ticks = int(closes[-1])
    moves = np.diff(np.log(closes.astype(np.float64)))
    session = float(np.std(moves)) if len(moves) > 1 else 0.02
    days = sessions_per_year((ALWAYS_OPEN,)) / sessions_per_year((instrument.calendar,))
    rate, takers = 5.0, 0.12
    a_second = float(_lots(instrument, volume).mean()) / HOURS_S
    spread = max(0.5, instrument.half_spread_bps * 1e-4 * ticks)
    habits = Habits(
        rate=rate, orders=60, half_spread=spread, width=max(2.0, 3e-4 * ticks),
        lots=max(1.0, a_second / (rate * takers)),
    )  # fmt: skip
    volatility = min(0.08, session / (sqrt(days) * Worth(ticks=ticks, volatility=1.0).of_a_day))
    return Issue(instrument, Worth(ticks=ticks, volatility=volatility), habits)


def hours_of(settings: Settings, instruments: Sequence[Instrument]) -> Hours:
    """The hours that all instruments share."""
    pre_open = round(settings.session.pre_open_s * 1e9)
    return Hours(instruments[0].calendar, pre_open)
