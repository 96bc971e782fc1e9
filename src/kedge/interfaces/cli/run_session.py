"""The stages of ``kedge run``: open, get ready, trade, end, report."""

import os
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from time import monotonic_ns
from typing import TYPE_CHECKING, Final, NamedTuple

from kedge.bootstrap.paper import paper
from kedge.bootstrap.ready import JOURNAL, Home, Ready, Watched, home_of
from kedge.domain.errors import ConfigError
from kedge.domain.record import Record
from kedge.engine import precompile
from kedge.engine.session.clock import Clock, SessionClock, WallClock
from kedge.interfaces.backups import Backups, Wanted
from kedge.interfaces.beside import Beside, Chore
from kedge.interfaces.cli.run_choice import Chosen
from kedge.interfaces.cli.run_output import REPORTS, Passed, Screen, Stages
from kedge.interfaces.cli.secrets_file import secrets_of
from kedge.interfaces.clock import wall_ns
from kedge.interfaces.control.account import access_of, budget_of, numbered_alone, trading_alone
from kedge.interfaces.control.place import prepare
from kedge.interfaces.control.session import Control, controlled
from kedge.interfaces.running import Inbox, Running
from kedge.interfaces.signals import graceful
from kedge.interfaces.venue_backup import venue_beside
from kedge.ledger.journal.folder import open_journal
from kedge.ledger.journal.journal import Journal
from kedge.numeric_platform import platform_fingerprint
from kedge.research.session.files import write_report
from kedge.settings import Settings, VenueSpec
from kedge.settings.session import Session
from kedge.venues.ccxt.client import Access

if TYPE_CHECKING:
    from sqlalchemy import Engine

NEEDED: Final = ("ccxt", "websockets", "zstandard")
"""What a session at an exchange is made with, beside what every one is."""
BACKUPS: Final = "backups"
"""Folder of backups inside the session's, where no other is named."""
FINISH_S: Final = 10.0
"""How long a graceful end waits for a backup or a database."""
LINEAGE: Final = 4
"""Random bytes of a journal's lineage."""


class Options(NamedTuple):
    """How it is run.

    Attributes:
        speed: of the session's clock, where it can be chosen.
        duration: seconds of ours to trade, None without an end.
        folder: of the session.
    """

    speed: float
    duration: float | None
    folder: Path


class Plan(NamedTuple):
    """What is traded, and where.

    Attributes:
        settings: the configuration.
        access: to the account of an exchange; None for the embedded venue.
        alone: what the session has for itself until it ends.
        engine: of the database that tables are kept in; None for none.
    """

    settings: Settings
    access: Access | None
    alone: ExitStack
    engine: "Engine | None"

    def clock(self, speed: float) -> Callable[[int], Clock]:
        """Makes the session's clock, which begins at an instant."""
        if self.access is not None:
            return lambda at: WallClock(wall_ns, monotonic_ns)
        return lambda at: SessionClock(at, speed, monotonic_ns)

    def claim(self, number: str) -> None:
        """Have the account of a number for the session alone.

        Raises:
            InputError: another session trades in it, with another key.
        """
        if self.access is not None:
            self.alone.enter_context(numbered_alone(self.access, number))


def run_session(chosen: Chosen, options: Options, screen: Screen) -> None:
    """Trade until somebody or the duration ends it, then write the report.

    Raises:
        InputError: the configuration or the folder cannot be used.
        RunError: of the disk.
        KeyboardInterrupt: a second Ctrl-C, or one before anything was traded.
    """
    with ExitStack() as alone:
        engine = _database(chosen.settings.session, options.folder)
        plan = Plan(chosen.settings, _account(chosen.venue, alone), alone, engine)
        prepare(options.folder)
        inbox = Inbox()
        chores = Beside(_chores(plan, options.folder, inbox), inbox.say)
        alone.callback(chores.stop)
        journal = open_journal(options.folder / JOURNAL)
        try:
            _held(plan, options, screen, journal, inbox, chores)
        finally:
            journal.close()
        _finish(chores, inbox, screen)
    write_report(options.folder / JOURNAL, options.folder / REPORTS)


def _database(session: Session, folder: Path) -> "Engine | None":
    """Tables of a new session are refused where they cannot be; one that has begun goes on."""
    if session.database is None:
        return None
    from kedge.interfaces.tables import engine_for
    from kedge.interfaces.usable_tables import refuse_unusable

    engine = engine_for(session, lambda: secrets_of(os.environ))
    if engine is not None and not (folder / JOURNAL).exists():
        refuse_unusable(engine, folder)
    return engine


def _chores(plan: Plan, folder: Path, inbox: Inbox) -> list[Chore]:
    """What goes on beside the session."""
    session, journal = plan.settings.session, folder / JOURNAL
    found: list[Chore] = []
    if session.backup_every_s:
        to = session.backup_folder or folder / BACKUPS
        wanted = Wanted(
            journal, to, session.backup_every_s, session.backups_kept, venue_beside(journal)
        )
        found.append(Backups(wanted, wall_ns, inbox.say, inbox.keep))
    if plan.engine is not None:
        from kedge.interfaces.tables import Tables

        found.append(Tables(journal, plan.engine, inbox.say))
    return found


def _finish(chores: Beside, inbox: Inbox, screen: Screen) -> None:
    """Let the chores catch up with the end; what they have to say nobody else shows any more."""
    late = chores.finish(FINISH_S)
    for text, _ in inbox.said():
        screen.say(text)
    for name in late:
        screen.say(f"{name} is not done after {FINISH_S:g} s: it goes on with the next start")


def _account(spec: VenueSpec | None, alone: ExitStack) -> Access | None:
    """The account, in which no other session trades until then."""
    if spec is None:
        return None
    _check_installed()
    access = access_of(spec, secrets_of(os.environ))
    alone.enter_context(trading_alone(access))
    return access


def _check_installed() -> None:
    """What speaks to exchanges is an extra; paper does without it."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"needs {' and '.join(missing)}, not installed", "venues", "pip install -e '.[crypto]'"
        )


def _held(
    plan: Plan, options: Options, screen: Screen, journal: Journal, inbox: Inbox, chores: Beside
) -> None:
    """With the folder's lock, latch and socket."""
    randomness = secrets.token_bytes(32)
    with controlled(
        options.folder, randomness, inbox.hear, inbox.status, stage=lambda: inbox.stage
    ) as control:
        with screen.preparing() as shown:
            stages = Passed(shown, inbox.reach)
            running = _prepared(plan, options, journal, control, inbox, stages)
        for text, _ in running.recovered:
            screen.say(text)
        chores.start()
        try:
            with graceful(inbox.bell) as stop, screen.watching(inbox.status):
                running.trade(stop, options.duration)
                screen.say(f"ending: {stop.by}; a second Ctrl-C ends at once")
                running.end()
        except Exception:
            running.close()
            raise
        running.close()


def _prepared(
    plan: Plan, options: Options, journal: Journal, control: Control, inbox: Inbox,
    stages: Stages,
) -> Running:  # fmt: skip
    """Recover, compile, warm up and start."""
    step = precompile.begin(precompile.TRADING)
    stages.begin("compiling" if step.parts else "getting ready")
    platform, latch = platform_fingerprint(), control.latch
    told: list[Running] = []

    def seen(record: Record) -> None:
        told[0].chronicle.hear(record)

    compiled = partial(_compiled, step, stages)
    watched = Watched(lambda: latch.closed, seen, compiled, stages.begin)
    made = _made(plan, home_of(options.folder, journal), watched, platform)
    clock = plan.clock(options.speed)
    told.append(Running(made, control, inbox, options.folder.name, clock))
    told[0].start(platform)
    return told[0]


def _compiled(step: precompile.Ahead, stages: Stages) -> None:
    """Wait for the step; features and strategies are compiled by now."""
    if not step.parts:
        return
    total = step.parts + 1
    done = count(1)

    def told() -> None:
        stages.step(f"{next(done)} of {total}", total)

    told()
    step.wait(told)


def _made(plan: Plan, home: Home, watched: Watched, platform: str) -> Ready:
    randomness = secrets.token_bytes(LINEAGE)
    if plan.access is None:
        return paper(plan.settings, home, watched, wall_ns(), randomness, platform)
    from kedge.bootstrap.exchange import Outside, at_exchange

    chance = secrets.SystemRandom().random
    budget = budget_of(plan.access)
    outside = Outside(plan.access, budget, wall_ns, chance, randomness, plan.claim)
    return at_exchange(plan.settings, outside, home, watched, platform)
