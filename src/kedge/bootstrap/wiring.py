"""From recorded parameters to what a session runs with."""

from typing import Final, NamedTuple

import numpy as np

from kedge.bootstrap.deciding import bind_strategies, decision_of, in_currency
from kedge.bootstrap.gate import way_of
from kedge.bootstrap.parameters import Kept, artifacts_of
from kedge.data.calendars import sessions_per_year
from kedge.domain.account import Key
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, Panel
from kedge.engine.pipeline import Decision
from kedge.engine.trading.decide import Way
from kedge.engine.trading.desk import Universe
from kedge.execution.lifecycle import absence
from kedge.execution.reconcile.findings import Differences, Strangers
from kedge.ledger.journal.contents import Contents
from kedge.settings import Settings
from kedge.venues.contract import Able

ACCOUNT: Final = "main"


class Wiring(NamedTuple):
    """What recorded parameters stand for.

    Attributes:
        universe: what is traded, under which keys.
        decision: features, strategies and the compiled step.
        way: gate, time-outs, style.
        absence_ns: after which an order that was placed can no longer arrive at its venue.
    """

    universe: Universe
    decision: Decision
    way: Way
    absence_ns: int


def one_row(instruments: tuple[Instrument, ...], interval_ns: int, ticks: list[int]) -> Panel:
    """A panel of one row at given prices: what a decision needs of a market before it moves."""
    n = len(instruments)
    prices = np.repeat(np.array(ticks, np.int64)[None, None, :], 4, axis=1)
    return Panel(
        instruments=instruments,
        interval_ns=interval_ns,
        ts=np.zeros(1, np.int64),
        session=np.zeros(1, np.int64),
        bars=prices,
        volume=np.ones((1, n)),
        flags=np.full((1, n), 3, np.uint8),
        age_ns=np.zeros((1, n), np.int64),
        adjust=np.ones((1, n)),
        events=np.zeros(0, EVENT),
        point_in_time=True,
        fingerprint="",
        sessions_per_year=sessions_per_year({i.calendar for i in instruments}),
    )


def reported_in(settings: Settings, instruments: tuple[Instrument, ...]) -> Settings:
    """The settings with their reporting currency written out.

    Raises:
        ConfigError: something settles in another one, and a session has no rates.
    """
    return in_currency(settings, one_row(instruments, 1, [1] * len(instruments)))


def universe_of(
    settings: Settings, instruments: tuple[Instrument, ...], venue: str, lineage: str
) -> Universe:
    """One account at one venue."""
    keys = tuple(Key(ACCOUNT, venue, each.id) for each in instruments)
    every = tuple(range(len(keys)))
    return Universe(
        instruments,
        keys,
        every,
        every,
        settings.universe.interval_ns,
        lineage,
        Strangers(settings.session.strangers),
        Differences(settings.session.differences),
    )


def wire(
    given: Kept, contents: Contents, able: Able, venue: str, lineage: str, ticks: list[int]
) -> Wiring:
    """Bind strategies, compile them, and lay out rules.

    Args:
        given: settings and instruments, as recorded.
        contents: beside the journal.
        able: what the venue can do.
        venue: its name.
        lineage: of the journal.
        ticks: (N,) prices to expect, for the bounds of 64-bit cash.

    Raises:
        InputError: the settings, a strategy or an instrument cannot be used.
    """
    settings, instruments = given
    interval = settings.universe.interval_ns
    strategies = bind_strategies(settings, interval)
    decision = decision_of(settings, one_row(instruments, interval, ticks), strategies)
    artifacts = artifacts_of(strategies, contents)
    way = way_of(settings, instruments, able, artifacts)
    universe = universe_of(settings, instruments, venue, lineage)
    return Wiring(universe, decision, way, absence(way.terms, able.receive_window_ns, 0))
