"""``decide``: what follows from an event, as records, one after the other.

A generator over a desk that it only reads. Each record is folded before the next is
asked for, so the second order of a row is held against limits that the first has used.
Nothing here knows whether it runs live, in a simulation or in a replay.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from kedge.domain.control import Asked, Mode, Started, Verb
from kedge.domain.decided import (
    AccountAsked,
    CancelAsked,
    Intent,
    IntentEnded,
    ModeSet,
    Odd,
    OrderApproved,
    OrderRefused,
    QueryAsked,
)
from kedge.domain.order import Order, OrderType, TimeInForce, order_id
from kedge.domain.reason import Reason
from kedge.domain.record import Decided, Event
from kedge.domain.report import Link, Triggered
from kedge.domain.row import RowClosed, RowDecided
from kedge.engine.trading.desk import Desk, Work
from kedge.engine.trading.styles import Style
from kedge.engine.trading.views import view
from kedge.execution.lifecycle import Terms, due_action
from kedge.execution.tracked import Cancelling, Ending, Placed, Unknown, Working
from kedge.risk.approved import Approved
from kedge.risk.gate import GateRules, examine

MINUTE_NS: Final = 60_000_000_000
_STOP: Final = int(Reason.STOP)


class Way(NamedTuple):
    """How a session trades; part of what a journal's parameters say.

    Attributes:
        rules: of the gate, by key.
        terms: time-outs of orders.
        style: how intents are worked off.
        locks: whether a resting sell at the venue locks what it would sell.
        compare_ns: between two comparisons with the venue.
        artifacts: hash of each strategy's source or artifact.
    """

    rules: tuple[GateRules, ...]
    terms: Terms
    style: Style
    locks: bool
    compare_ns: int
    artifacts: tuple[str, ...]


Outcome = tuple[Decided, Approved | None]


def decide(desk: Desk, event: Event, way: Way) -> Iterator[Outcome]:
    """Records that follow from an event that has just been folded.

    Yields:
        The record, and for an `OrderApproved` what the gate made of the order.
    """
    match event:
        case RowClosed():
            yield from _row(desk, event, way)
        case Asked():
            yield from _command(desk, event)
        case Started():
            yield from _start(desk)
        case Link(up=True):
            yield from _ask_account(desk, event.key)
        case Triggered():
            yield from _recall(desk, event.key)
        case _:
            pass
    yield from _odd(desk)
    yield from _overdue(desk, way.terms)
    yield from _work(desk, way)
    yield from _protect(desk, way)


def _row(desk: Desk, row: RowClosed, way: Way) -> Iterator[Outcome]:
    """The step's verdict, and an intent for each of its orders."""
    found = desk.book.decide()
    yield (
        RowDecided(
            row.at, row.row, desk.book.forecasts().tobytes(), way.artifacts,
            found.reasons.tobytes(), found.targets.tobytes(), found.places.tobytes(),
            found.words.tobytes(), found.marks,
        ),
        None,
    )  # fmt: skip
    until = way.style.until(row.at)
    for wish in found.wishes:
        key = desk.universe.primary[wish.instrument]
        number = desk.intents + 1
        yield Intent(row.at, number, wish.instrument, key, wish.lots, wish.ticks, wish.stop,
                     wish.reason, until), None  # fmt: skip
    if desk.flattening:
        yield from _close_all(desk, way)


def _command(desk: Desk, asked: Asked) -> Iterator[Outcome]:
    """What a person asked for; a refused token changes nothing."""
    if not asked.granted:
        return
    if asked.verb is Verb.KILL:
        yield ModeSet(asked.at, Mode.HALTED, True, f"killed by {asked.who}"), None
        yield from _cancel_all(desk)
    elif asked.verb is Verb.FLATTEN:
        yield ModeSet(asked.at, Mode.HALTED, desk.killed, f"flattened by {asked.who}"), None
        yield from _cancel_all(desk)
    elif asked.verb is Verb.RESUME:
        yield ModeSet(asked.at, Mode.ACTIVE, False, f"resumed by {asked.who}"), None
    elif asked.verb is Verb.STOP:
        yield from _cancel_all(desk)


def _start(desk: Desk) -> Iterator[Outcome]:
    """Every start is a recovery: what may be out is asked for, and the account compared."""
    for name, state in tuple(desk.orders.items()):
        if isinstance(state, Placed | Cancelling | Unknown | Ending):
            yield QueryAsked(desk.at, name), None
    for key in _accounts(desk):
        yield from _ask_account(desk, key)


def _accounts(desk: Desk) -> list[int]:
    """One key of each account at each venue."""
    first = {(k.account, k.venue): i for i, k in reversed(list(enumerate(desk.universe.keys)))}
    return sorted(first.values())


def _ask_account(desk: Desk, key: int) -> Iterator[Outcome]:
    yield AccountAsked(desk.at, key, desk.cursors.get(key, "")), None


def _recall(desk: Desk, key: int) -> Iterator[Outcome]:
    """After a stop was touched nothing else of the instrument is wanted."""
    n = desk.universe.instrument[key]
    for number in sorted(desk.by_instrument[n]):
        yield from _cancel(desk, desk.works[number])


def _cancel(desk: Desk, work: Work) -> Iterator[Outcome]:
    for name in sorted(work.children):
        if isinstance(desk.orders[name], Placed | Working):
            yield CancelAsked(desk.at, name), None


def _cancel_all(desk: Desk) -> Iterator[Outcome]:
    """Everything but protective stops."""
    for number in sorted(desk.works):
        yield from _cancel(desk, desk.works[number])


def _close_all(desk: Desk, way: Way) -> Iterator[Outcome]:
    """An intent against every position that none is closing yet."""
    for n, key in enumerate(desk.universe.primary):
        lots = desk.positions[key]
        if lots and not desk.by_instrument[n]:
            yield Intent(desk.at, desk.intents + 1, n, key, -lots, desk.quotes[key].bid, 0,
                         int(Reason.HALTED), way.style.until(desk.at)), None  # fmt: skip


def _odd(desk: Desk) -> Iterator[Outcome]:
    """Contradictions are said aloud, and stop new risk until somebody looks."""
    while desk.odd:
        yield Odd(desk.at, desk.odd[0]), None
        if desk.mode is Mode.ACTIVE:
            yield ModeSet(desk.at, Mode.REDUCING, desk.killed, "a report contradicts us"), None


def _overdue(desk: Desk, terms: Terms) -> Iterator[Outcome]:
    """Time-outs of orders."""
    for name in tuple(desk.orders):
        state = desk.orders.get(name)
        if state is not None:
            action = due_action(state, desk.at, terms)
            if action is not None:
                yield action, None


def _work(desk: Desk, way: Way) -> Iterator[Outcome]:
    """Orders that are due, intents that are over."""
    for number in tuple(desk.works):
        yield from _work_on(desk, desk.works[number], way)


def _work_on(desk: Desk, work: Work, way: Way) -> Iterator[Outcome]:
    intent = work.intent
    if desk.at >= intent.until or desk.stopping:
        yield from _cancel(desk, work)
    elif work.left != 0 and not work.refused and _may_send(desk, work, way):
        quote = desk.quotes[intent.key]
        order = way.style.next(work, desk.universe.lineage, desk.at, quote)
        if order is not None:
            yield _gate(desk, order, way)
    if not work.children:
        late = "its time is over" if desk.at >= intent.until or desk.stopping else ""
        why = "filled" if work.left == 0 else late or way.style.over(work, desk.at)
        if why:
            yield IntentEnded(desk.at, intent.number, work.left, why), None


def _may_send(desk: Desk, work: Work, way: Way) -> bool:
    """Where resting sells lock the balance, a reduction waits until the stop has made room."""
    key, lots = work.intent.key, work.intent.lots
    held = desk.positions[key]
    if not way.locks or lots * held >= 0:
        return True
    return not desk.stops[key]


def _gate(desk: Desk, order: Order, way: Way) -> Outcome:
    """The pre-trade gate's answer as a record."""
    answer = examine(order, way.rules[order.key], view(desk, order, way.rules))
    if isinstance(answer, Approved):
        return OrderApproved(desk.at, order), answer
    return OrderRefused(desk.at, order, answer.why, answer.limit, answer.value), None


def _protect(desk: Desk, way: Way) -> Iterator[Outcome]:
    """One protective stop for each position, at the step's price, never two at once."""
    for n, key in enumerate(desk.universe.primary):
        held, name = desk.positions[key], desk.stops[key]
        if not held and not name:
            continue
        wanted = None if _making_room(desk, n, way) else _stop_for(desk, n, key, held)
        if name:
            state = desk.orders[name]
            fits = wanted is not None and _same(state.order, wanted)
            if not fits and isinstance(state, Placed | Working):
                yield CancelAsked(desk.at, name), None
        elif wanted is not None:
            yield _gate(desk, wanted, way)


def _making_room(desk: Desk, n: int, way: Way) -> bool:
    """Whether a reduction waits for, or is at work with, what a stop would lock."""
    if not way.locks:
        return False
    held = desk.positions[desk.universe.primary[n]]
    return any(desk.works[w].left * held < 0 for w in desk.by_instrument[n])


def _stop_for(desk: Desk, n: int, key: int, held: int) -> Order | None:
    trigger = int(desk.book.stops[n])
    if held == 0 or trigger <= 0:
        return None
    return Order(
        order_id(desk.universe.lineage, 0, desk.protections),
        key,
        -1 if held > 0 else 1,
        abs(held),
        OrderType.STOP,
        TimeInForce.GTC,
        trigger=trigger,
        reduce_only=True,
        reason=_STOP,
    )


def _same(order: Order, wanted: Order) -> bool:
    return (order.side, order.lots, order.trigger) == (wanted.side, wanted.lots, wanted.trigger)
