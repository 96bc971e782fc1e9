"""Rows, sessions, dated events and intents, folded into a desk (see `fold`)."""

from struct import Struct
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from kedge.domain.control import Quoted, Tick
from kedge.domain.decided import (
    Intent,
    IntentEnded,
)
from kedge.domain.panel import EventKind
from kedge.domain.row import Dated, RowClosed, RowDecided, SessionOpened
from kedge.engine.trading.desk import Desk, Work, shrinks
from kedge.engine.trading.fold_clock import set_clock
from kedge.engine.trading.routing import key_of, note_health
from kedge.engine.trading.styles import AT_ONCE
from kedge.execution.slicing.plan import plan_of

_QUOTE: Final = Struct("<6q")
_AGAIN_NS: Final = 1_000_000_000
_LATEST_NS: Final = 16_000_000_000


def fold_session(desk: Desk, record: SessionOpened) -> None:
    """A session opens."""
    set_clock(desk, record.at)
    desk.session = record.session
    desk.book.begin_session(record.session, record.at)
    _void_gone(desk)


def fold_dated(desk: Desk, record: Dated) -> None:
    """A split, dividend, funding payment, exchange rate or cash deal."""
    set_clock(desk, record.at)
    before = desk.book.lots.copy()
    desk.book.happen(record)
    if record.kind == int(EventKind.SPLIT):
        _split(desk, record.index, record.a, record.b)
    if record.kind in (int(EventKind.SPLIT), int(EventKind.DEAL)):
        n = record.index
        desk.positions[key_of(desk, n)] += int(desk.book.lots[n] - before[n])
    if record.kind == int(EventKind.DEAL):
        _void(desk, record.index)
    elif record.kind == int(EventKind.SPLIT):
        refresh(desk, record.index)


def _split(desk: Desk, n: int, a: int, b: int) -> None:
    """What is being worked on in new units, truncated as the venue does."""
    for number in desk.by_instrument[n]:
        work = desk.works[number]
        size = abs(work.left) * a // b
        work.left = size if work.left > 0 else -size
        stop = work.intent.stop
        scaled = 0 if stop == 0 else max(1, int(np.rint(stop * b / a)))
        work.intent = msgspec.structs.replace(work.intent, stop=scaled)
        for order in work.children:
            _rescale(desk, order, a, b, scaled)


def _rescale(desk: Desk, order: str, a: int, b: int, stop: int) -> None:
    state = desk.orders[order]
    lots = max(1, state.order.lots * a // b)
    scaled = msgspec.structs.replace(state.order, lots=lots, stop=stop)
    desk.orders[order] = msgspec.structs.replace(state, order=scaled)


def _void(desk: Desk, n: int) -> None:
    """Nothing more of an instrument is expected to fill: its position is gone."""
    for number in desk.by_instrument[n]:
        desk.works[number].left = 0
    refresh(desk, n)


def _void_gone(desk: Desk) -> None:
    """After a delisting the step has closed a position that no order closed."""
    for n in range(len(desk.by_instrument)):
        held = sum(desk.positions[key] for key in desk.universe.venues(n))
        gone = held - int(desk.book.lots[n])
        if gone:
            desk.positions[key_of(desk, n)] -= gone
            _void(desk, n)


def refresh(desk: Desk, n: int) -> None:
    """Tell the step what is pending in an instrument: the sum over its intents."""
    lots = alive = 0
    for number in desk.by_instrument[n]:
        left = desk.works[number].left
        lots += left
        alive += left != 0
    desk.book.pending(n, lots, alive)


def fold_row_closed(desk: Desk, record: RowClosed) -> None:
    """Features and strategies advance by a closed row, and what is known of volume."""
    set_clock(desk, record.at)
    _quoted(desk, record.at, quotes_of(record.quotes))
    desk.book.observe(record)
    if desk.volumes is not None:
        desk.volumes.add(record.at, np.frombuffer(record.volume), _watched(desk))


def _watched(desk: Desk) -> npt.NDArray[np.bool_]:
    """(N,) whether a row would have seen a trade: of history always, else where a book is there."""
    if desk.restarts == 0:
        return np.ones(len(desk.by_instrument), np.bool_)
    quotes = (desk.quotes[key] for key in desk.universe.primary)
    return np.array([each.bid > 0 or each.ask > 0 for each in quotes])


def _quoted(desk: Desk, at: int, quotes: list[Quoted]) -> None:
    """Quotes as of an instant; what was traded is counted on over restarts."""
    for key, (new, old) in enumerate(zip(quotes, desk.quotes, strict=True)):
        desk.traded[key] += max(0, new.traded - old.traded)
    desk.quotes, desk.quoted_at = quotes, at
    note_health(desk)


def quotes_of(raw: bytes) -> list[Quoted]:
    """Quotes from their bytes, one for each key."""
    return [Quoted(*line) for line in _QUOTE.iter_unpack(raw)]


def fold_row_decided(desk: Desk, record: RowDecided) -> None:
    """What the step decided of a row is set in its state."""
    places, words = np.frombuffer(record.places, np.int32), np.frombuffer(record.words, np.int64)
    desk.book.set(places, words)
    desk.rows = record.row + 1
    desk.marks = record.marks
    if desk.restarts == 0:
        for n in range(len(desk.by_instrument)):
            refresh(desk, n)  # of history nothing is ordered
    # What a gate or venue refused before may pass now: each row tries a stop anew.
    desk.stop_refusals = [0] * len(desk.stop_refusals)
    desk.stop_refused = [(0, 0)] * len(desk.stop_refused)


def fold_intent(desk: Desk, record: Intent) -> None:
    """A wish is worked on from here."""
    if record.reason in AT_ONCE:
        give_up(desk, record.instrument)
    plan = plan_of(record.plan) if record.plan else None
    reduces = shrinks(record.lots, desk.positions[record.key])
    desk.works[record.number] = Work(record, plan, desk.traded[record.key], reduces)
    desk.by_instrument[record.instrument].add(record.number)
    desk.intents = record.number
    refresh(desk, record.instrument)


def _note_close(desk: Desk, key: int, moved: bool) -> None:
    """What a close left is tried at once; after one that got nowhere ever later, up to 16 s."""
    desk.close_tries[key] = 0 if moved else desk.close_tries[key] + 1
    wait = min(_LATEST_NS, _AGAIN_NS << min(desk.close_tries[key] - 1, 6)) if not moved else 0
    desk.close_after[key] = desk.at + wait


def give_up(desk: Desk, n: int) -> None:
    """It is closed at once: what was wanted of the instrument before is not tried any more."""
    for number in desk.by_instrument[n]:
        desk.works[number].refused = True


def fold_intent_ended(desk: Desk, record: IntentEnded) -> None:
    """Nothing more is ordered for an intent."""
    work = desk.works.pop(record.number)
    intent, n = work.intent, work.intent.instrument
    if intent.reason in AT_ONCE:
        _note_close(desk, intent.key, record.lots != intent.lots)
    desk.by_instrument[n].discard(record.number)
    refresh(desk, n)


def fold_tick(desk: Desk, record: Tick) -> None:
    """A deadline came due: quotes as they stood."""
    set_clock(desk, record.at)
    _quoted(desk, record.at, list(record.quotes))
