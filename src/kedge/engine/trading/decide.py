"""``decide``: what follows from an event, as records, one after the other.

A generator over a desk that it only reads. Each record is folded before the next is
asked for, so the second order of a row is held against limits that the first has used.
Nothing here knows whether it runs live, in a simulation or in a replay.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from kedge.domain import state as o
from kedge.domain.control import Asked, Mode, Quoted, Started, Verb
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
from kedge.domain.report import Balances, Link, OpenOrders, Triggered
from kedge.domain.row import RowClosed, RowDecided
from kedge.engine.trading.book import Verdict
from kedge.engine.trading.compare import act_on, reduce_only
from kedge.engine.trading.desk import NO_QUOTE, Desk, Work
from kedge.engine.trading.fold_account import account_keys
from kedge.engine.trading.recalls import (
    cancel,
    cancel_all,
    cancellable,
    recall_adding,
    recall_stray,
)
from kedge.engine.trading.routing import key_of, rerouted
from kedge.engine.trading.styles import AT_ONCE, rests
from kedge.engine.trading.views import view
from kedge.engine.trading.way import Way
from kedge.execution.lifecycle import Terms, due_action
from kedge.execution.stops import Cancel, Close, Guarded, Keep, Place, protect, reducible
from kedge.execution.tracked import Cancelling, Ending, Placed, Unknown, Working
from kedge.risk.approved import Approved
from kedge.risk.gate import GateRules, examine
from kedge.risk.gate_checks import is_dust

_STOP: Final = int(Reason.STOP)
_REDUCING: Final = Mode.REDUCING
_HALTED: Final = Mode.HALTED
_IN_DOUBT: Final = frozenset({Unknown, Ending})


Outcome = tuple[Decided, Approved | None]


def decide(desk: Desk, event: Event, way: Way) -> Iterator[Outcome]:
    """Records that follow from an event that has just been folded.

    Yields:
        The record, and for an `OrderApproved` what the gate made of the order.
    """
    if desk.restarts == 0:
        # What comes before the first start is history: it warms up, and nothing is done about it.
        if isinstance(event, RowClosed):
            yield _decided(desk, event, way, desk.book.decide()), None
        return
    follow = _FOLLOWS.get(type(event))
    if follow is not None:
        yield from follow(desk, event, way)
    if desk.odd:
        yield from _odd(desk)
    if desk.mode is _REDUCING:
        yield from recall_adding(desk)
    if desk.orders:
        yield from _overdue(desk, way.terms)
    yield from _compare(desk, way)
    if desk.flattening:
        yield from _close_all(desk, way)
    if desk.works:
        yield from _work(desk, way)
    yield from _protect(desk, way)


def _row(desk: Desk, row: RowClosed, way: Way) -> Iterator[Outcome]:
    """The step's verdict, and an intent for each of its orders."""
    found = desk.book.decide()
    yield _decided(desk, row, way, found), None
    for wish in found.wishes:
        moved = rerouted(desk, wish.instrument, wish.lots, way.rules, way.routes)
        if moved is not None:
            yield moved, None
        yield _intent(desk, way, wish.instrument, wish.lots, wish.ticks, wish.stop, wish.reason)


def _decided(desk: Desk, row: RowClosed, way: Way, found: Verdict) -> RowDecided:
    """The step's verdict as a record."""
    return RowDecided(
        row.at, row.row, desk.book.forecasts().tobytes(), way.artifacts,
        found.reasons.tobytes(), found.targets.tobytes(), found.places.tobytes(),
        found.words.tobytes(), found.marks,
    )  # fmt: skip


def _intent(desk: Desk, way: Way, n: int, lots: int, ticks: int, stop: int, reason: int) -> Outcome:
    """A wish with a number, a key and a plan."""
    key, style = key_of(desk, n), way.style
    bare = Intent(
        desk.at, desk.intents + 1, n, key, lots, ticks, stop, reason, style.until(desk.at)
    )
    return msgspec.structs.replace(bare, plan=style.plan(desk, bare)), None


def _command(desk: Desk, asked: Asked, way: Way) -> Iterator[Outcome]:
    """What a person asked for; a refused token changes nothing."""
    if not asked.granted:
        return
    if asked.verb is Verb.KILL:
        yield ModeSet(asked.at, Mode.HALTED, True, f"killed by {asked.who}"), None
        yield from cancel_all(desk)
    elif asked.verb is Verb.FLATTEN:
        yield ModeSet(asked.at, Mode.HALTED, desk.killed, f"flattened by {asked.who}"), None
        yield from cancel_all(desk)
    elif asked.verb is Verb.RESUME:
        yield ModeSet(asked.at, Mode.ACTIVE, False, f"resumed by {asked.who}"), None
    elif asked.verb is Verb.STOP:
        yield from cancel_all(desk)


def _start(desk: Desk, started: Started, way: Way) -> Iterator[Outcome]:
    """Every start is a recovery: what may be out is asked for, and the account compared."""
    for name, state in tuple(desk.orders.items()):
        if isinstance(state, Placed | Cancelling | Unknown | Ending):
            yield QueryAsked(desk.at, name), None
    for key in desk.accounts:
        yield from _ask_account(desk, key)


def _ask_account(desk: Desk, key: int) -> Iterator[Outcome]:
    yield AccountAsked(desk.at, key, desk.cursors.get(key, "")), None


def _compare(desk: Desk, way: Way) -> Iterator[Outcome]:
    """Accounts that are to be compared with their venue again."""
    for key in desk.accounts:
        if desk.compare_at(key, way.compare_ns, way.terms.ack_ns) <= desk.at:
            yield from _ask_account(desk, key)


def _link(desk: Desk, link: Link, way: Way) -> Iterator[Outcome]:
    """What was said while the line was down is asked for."""
    if not link.up:
        return
    keys = account_keys(desk, link.key)
    yield from _ask_account(desk, keys[0])
    for name, state in tuple(desk.orders.items()):
        if type(state) in _IN_DOUBT and state.order.key in keys:
            yield QueryAsked(desk.at, name), None  # pauses may have grown while nobody answered


def _touched(desk: Desk, hit: Triggered, way: Way) -> Iterator[Outcome]:
    """After a stop was touched nothing else of the instrument is wanted."""
    n = desk.universe.instrument[hit.key]
    for number in sorted(desk.by_instrument[n]):
        yield from cancel(desk, desk.works[number])


def _found(desk: Desk, told: OpenOrders | Balances, way: Way) -> Iterator[Outcome]:
    for record in act_on(desk, told.key, desk.findings):
        yield record, None


def _close_all(desk: Desk, way: Way) -> Iterator[Outcome]:
    """An intent against every position that none closes at once yet."""
    for n in range(len(desk.by_instrument)):
        key = key_of(desk, n)
        lots = desk.positions[key]
        if lots and not _is_dust(abs(lots), desk.quotes[key], way.rules[key]):
            yield from _close_at_once(desk, n, key, -lots, Reason.HALTED, way)


def _close_at_once(
    desk: Desk, n: int, key: int, lots: int, reason: Reason, way: Way
) -> Iterator[Outcome]:
    """One intent at a time, and after one that got nowhere none for a while."""
    reasons = {desk.works[number].intent.reason for number in desk.by_instrument[n]}
    under_way = reasons & AT_ONCE if reason is Reason.HALTED else reasons & {_STOP}
    if not under_way and desk.at >= desk.close_after[key]:
        ticks = int(desk.book.state.I[n, o.I_LAST])
        yield _intent(desk, way, n, lots, ticks, 0, int(reason))


def _odd(desk: Desk) -> Iterator[Outcome]:
    """Contradictions are said aloud, and stop new risk until somebody looks."""
    while desk.odd:
        yield Odd(desk.at, desk.odd[0]), None
        for record in reduce_only(desk, "a report contradicts us"):
            yield record, None


def _overdue(desk: Desk, terms: Terms) -> Iterator[Outcome]:
    """Time-outs of orders; one that the venue works has none."""
    for state in tuple(desk.orders.values()):
        if type(state) is not Working:
            action = due_action(state, desk.at, terms)
            if action is not None:
                yield action, None


def _work(desk: Desk, way: Way) -> Iterator[Outcome]:
    """Orders that are due, intents that are over."""
    for number in tuple(desk.works):
        yield from _work_on(desk, desk.works[number], way)


def _work_on(desk: Desk, work: Work, way: Way) -> Iterator[Outcome]:
    intent, style, late = work.intent, way.style, _is_late(desk, work)
    if late or work.refused:
        yield from cancel(desk, work)
    elif work.left != 0:
        for name in style.stale(desk, work):
            yield CancelAsked(desk.at, name), None
        order = _next(desk, work, way)
        if order is not None:
            yield _gate(desk, order, way)
    if not work.children:
        ended = "its time is over" if late else style.over(desk, work)
        why = "filled" if work.left == 0 else ended
        if why:
            yield IntentEnded(desk.at, intent.number, work.left, why), None


def _is_late(desk: Desk, work: Work) -> bool:
    """Whether nothing more is ordered for an intent, whatever is left of it."""
    intent = work.intent
    over = desk.stopping and intent.reason not in AT_ONCE
    killed = desk.mode is _HALTED and work.left * desk.positions[intent.key] >= 0
    return desk.at >= intent.until or over or killed


def _next(desk: Desk, work: Work, way: Way) -> Order | None:
    """The order that is due, of as many lots as there is room for."""
    style, whole = way.style, abs(work.left)
    order = style.next(desk, work, whole)
    if order is None:
        return None  # most of the time, and then nobody need look for room
    room = _room(desk, work, way)
    return order if room >= whole else style.next(desk, work, room)


def _room(desk: Desk, work: Work, way: Way) -> int:
    """Lots that may be ordered now: a reduction waits until a resting stop has made room."""
    key, held = work.intent.key, desk.positions[work.intent.key]
    if work.left * held >= 0 or way.rules[key].reduce_only:
        return abs(work.left)
    free = reducible(_guarded(desk, work.intent.instrument, key, way))
    beyond = max(0, abs(work.left) - abs(held))
    return free + beyond if free == abs(held) else free


def _gate(desk: Desk, order: Order, way: Way) -> Outcome:
    """The pre-trade gate's answer as a record."""
    answer = examine(order, way.rules[order.key], view(desk, order, way.rules))
    if isinstance(answer, Approved):
        return OrderApproved(desk.at, order), answer
    return OrderRefused(desk.at, order, answer.why, answer.limit, answer.value), None


def _protect(desk: Desk, way: Way) -> Iterator[Outcome]:
    """One protective stop for each position, at the step's price, never more than it holds."""
    for key, n in enumerate(desk.universe.instrument):
        if desk.by_key[key]:
            yield from recall_stray(desk, key)
        if not desk.positions[key] and desk.stops[key] not in desk.orders:
            continue
        match protect(_guarded(desk, n, key, way)):
            case Keep():
                pass
            case Cancel(order=name):
                yield CancelAsked(desk.at, name), None
            case Place(side=side, lots=lots, trigger=trigger):
                same = desk.stop_refused[key] == (side * lots, trigger)
                if not same or desk.at >= desk.stop_after[key]:
                    yield _gate(desk, _stop(desk, key, side, lots, trigger), way)
            case Close(side=side, lots=lots):
                yield from _close(desk, n, key, side * lots, way)


def _close(desk: Desk, n: int, key: int, lots: int, way: Way) -> Iterator[Outcome]:
    """A level was touched and no stop is there: what rests is recalled, the others go at once."""
    works = [desk.works[number] for number in sorted(desk.by_instrument[n])]
    if any(work.intent.reason == _STOP for work in works):
        return
    for work in works:
        for name in sorted(work.children):
            state = desk.orders[name]
            if rests(state.order) and cancellable(state):
                yield CancelAsked(desk.at, name), None
    if lots:
        before = desk.intents
        yield from _close_at_once(desk, n, key, lots, Reason.STOP, way)
        if desk.intents > before:
            yield from _work_on(desk, desk.works[desk.intents], way)


def _guarded(desk: Desk, n: int, key: int, way: Way) -> Guarded:
    """A position and what stands around it."""
    held, rules = desk.positions[key], way.rules[key]
    # On bars a stop meets the next bar, wherever the last one closed.
    quote = NO_QUOTE if rules.bars else desk.quotes[key]
    if not rules.closes_dust and _is_dust(abs(held), quote, rules):
        held = 0
    side = -1 if held > 0 else 1
    reducing = desk.working(key, side)
    wanted = 0 if rules.reduce_only else _wanted(desk, n, key, held, way)
    name = desk.stops[key]
    return Guarded(
        position=held,
        trigger=desk.book.stop(n),
        stop=desk.orders.get(name) if name else None,
        reducing=reducing,
        asked=max(0, min(abs(held) - reducing, wanted)),
        rests=rules.stops,
        reduce_only=rules.reduce_only,
        bid=quote.bid,
        ask=quote.ask,
        put_off=desk.put_off(key),
        most=rules.max_lots,
    )


def _wanted(desk: Desk, n: int, key: int, held: int, way: Way) -> int:
    """Lots that intents order against a position now, if a stop makes room for them.

    Between two slices there are none: the stop covers what is not under way.
    """
    wanted = 0
    for number in desk.by_instrument[n]:
        work = desk.works[number]
        against = work.left * held < 0 and work.intent.key == key
        if against and not work.refused and not _is_late(desk, work):
            order = way.style.next(desk, work, abs(work.left))
            wanted += order.lots if order is not None else 0
    return wanted


def _is_dust(lots: int, quote: Quoted, rules: GateRules) -> bool:
    """Whether the venue takes no order for so little."""
    ticks = quote.bid or quote.ask
    return ticks > 0 and is_dust(lots, ticks, rules)


def _stop(desk: Desk, key: int, side: int, lots: int, trigger: int) -> Order:
    return Order(
        order_id(desk.universe.lineage, 0, desk.protections),
        key,
        side,
        lots,
        OrderType.STOP,
        TimeInForce.GTC,
        trigger=trigger,
        reduce_only=True,
        reason=_STOP,
    )


_FOLLOWS: Final[dict[type, Callable[[Desk, Any, Way], Iterator[Outcome]]]] = {
    RowClosed: _row,
    Asked: _command,
    Started: _start,
    Link: _link,
    Triggered: _touched,
    OpenOrders: _found,
    Balances: _found,
}
"""What an event itself asks for; what is due anyway comes after it."""
