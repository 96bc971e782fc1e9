"""From recorded parameters to what a session runs with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from kedge.bootstrap.deciding import bind_strategies, in_currency
from kedge.bootstrap.gate import way_of
from kedge.bootstrap.parameters import Kept, kept
from kedge.data.calendars import sessions_per_year
from kedge.domain.account import Key
from kedge.domain.control import Parameters
from kedge.domain.errors import JournalError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, Panel
from kedge.domain.rules import NEVER_DELISTED, Rules
from kedge.engine.bounds import check_bounds
from kedge.engine.pipeline import build_decision
from kedge.engine.program import build_program
from kedge.engine.rules_of import rules_of
from kedge.engine.trading.desk import Universe
from kedge.engine.trading.setup import Setup
from kedge.engine.trading.user_files import UserFiles
from kedge.execution.lifecycle import absence
from kedge.execution.reconcile.findings import Differences, Strangers
from kedge.ledger.journal.contents import Contents
from kedge.settings import Settings, StrategySpec
from kedge.strategies.artifacts import artifacts
from kedge.strategies.binding import BoundStrategy

ACCOUNT: Final = "main"


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


class SessionAdopt:
    """Recorded parameters to what they stand for: at a start, a change, a recovery, a replay.

    Args:
        contents: beside the journal.
        files: brings the user's.
    """

    def __init__(self, contents: Contents, files: UserFiles) -> None:
        self._contents, self._files = contents, files

    def __call__(self, parameters: Parameters) -> Setup:
        """Bind strategies, compile them, and lay out rules.

        Raises:
            InputError: the settings, a strategy or an instrument cannot be used, or a file that
                the parameters name is missing or another one.
        """
        return wire(kept(parameters, self._contents, self._files))


def wire(given: Kept) -> Setup:
    """What recorded parameters stand for; of the lineage nothing is known here.

    Raises:
        InputError: the settings, a strategy or an instrument cannot be used.
    """
    settings, instruments, interval = given.settings, given.instruments, _interval(given.settings)
    able = given.venue.able
    strategies = bind_strategies(settings, interval, lambda spec: _place(given, spec))
    program = build_program(
        instruments, _rules(settings, instruments, strategies), str(settings.currency), interval
    )
    decision = build_decision(program, strategies, instruments, interval)
    way = way_of(settings, instruments, able, artifacts(strategies))
    universe = universe_of(settings, instruments, given.venue.name, "")
    wait = absence(way.terms, able.receive_window_ns, able.skew_ns)
    return Setup(universe, decision, way, wait)


def check_prices(settings: Settings, instruments: tuple[Instrument, ...], ticks: list[int]) -> None:
    """Refuse what 64-bit cash could not hold.

    Args:
        settings: capital and limits, the reporting currency written out.
        instruments: what is traded.
        ticks: (N,) prices to expect.

    Raises:
        DataError: naming the instrument.
    """
    panel = one_row(instruments, _interval(settings), ticks)
    rules = _rules(settings, instruments, ())
    check_bounds(panel, rules, str(settings.currency), str(settings.store / "instruments.yaml"))


def _interval(settings: Settings) -> int:
    return settings.universe.interval_ns


def _rules(
    settings: Settings,
    instruments: tuple[Instrument, ...],
    strategies: Sequence[BoundStrategy],
) -> Rules:
    """The rules; a session never writes a position off by itself: only its venue can say so."""
    nothing = one_row(instruments, _interval(settings), [1] * len(instruments))
    rules = rules_of(settings, nothing, [s.terms for s in strategies], str(settings.currency))
    return msgspec.structs.replace(rules, delisting_sessions=NEVER_DELISTED)


def _place(given: Kept, spec: StrategySpec) -> Path | None:
    """Where a user strategy's file lies now."""
    if spec.file is None:
        return None
    if str(spec.file) not in given.files:
        raise JournalError("the recorded parameters do not name it", str(spec.file))
    return given.files[str(spec.file)]
