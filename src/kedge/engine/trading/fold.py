"""``evolve``: one record folded into a desk. It decides nothing and asks for nothing.

Total over the closed union of records. A report that contradicts what is known changes
nothing but the list of oddities, of which deciding makes records of their own.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np

from kedge.domain.control import Asked, Mode, Parameters, Quoted, Started, Tick, Verb
from kedge.domain.decided import (
    AccountAsked,
    Adjusted,
    CancelAsked,
    Doubted,
    Intent,
    IntentEnded,
    ModeSet,
    Odd,
    OrderApproved,
    OrderRefused,
    QueryAsked,
)
from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from kedge.domain.record import Opened, Record
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    Ended,
    Filled,
    FillsThrough,
    Found,
    Link,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.domain.row import Dated, RowClosed, RowDecided, SessionOpened
from kedge.engine.trading.desk import NO_QUOTE, REMEMBERED, Desk, Work
from kedge.engine.trading.setup import change
from kedge.execution.lifecycle import Contradiction, OrderDecision, OrderReport, advance
from kedge.execution.reconcile.holdings import (
    EVEN,
    HoldingTerms,
    Span,
    compare_holdings,
    in_flight,
)
from kedge.execution.reconcile.orders import compare_orders
from kedge.execution.seen import Sight
from kedge.execution.slicing.plan import plan_of
from kedge.execution.tracked import Done, Placed, State

HOUR_NS: Final = 3_600_000_000_000
_STOP: Final = int(Reason.STOP)


def evolve(desk: Desk, record: Record) -> None:
    """Fold one record.

    Raises:
        KeyError: the record is of no known kind.
    """
    _FOLDS[type(record)](desk, record)


def _opened(desk: Desk, record: Opened) -> None:
    desk.at = record.at


def _clock(desk: Desk, at: int) -> None:
    """Engine time never runs backward."""
    if at > desk.at:
        desk.at = at


def _started(desk: Desk, record: Started) -> None:
    _clock(desk, record.at)
    desk.restarts += 1
    desk.stopping = False
    desk.quotes = [NO_QUOTE] * len(desk.quotes)
    desk.compared = [False] * len(desk.compared)


def _parameters(desk: Desk, record: Parameters) -> None:
    _clock(desk, record.at)
    change(desk, record)


def _asked(desk: Desk, record: Asked) -> None:
    _clock(desk, record.at)
    if record.granted and record.verb is Verb.STOP:
        desk.stopping = True
    elif record.granted and record.verb is Verb.FLATTEN:
        desk.flattening = True


def _tick(desk: Desk, record: Tick) -> None:
    _clock(desk, record.at)
    _quoted(desk, record.at, list(record.quotes))


def _session(desk: Desk, record: SessionOpened) -> None:
    _clock(desk, record.at)
    desk.session = record.session
    desk.book.begin_session(record.session, record.at)
    _void_gone(desk)


def _dated(desk: Desk, record: Dated) -> None:
    _clock(desk, record.at)
    before = desk.book.lots.copy()
    desk.book.happen(record)
    if record.kind == int(EventKind.SPLIT):
        _split(desk, record.index, record.a, record.b)
    if record.kind in (int(EventKind.SPLIT), int(EventKind.DEAL)):
        n = record.index
        desk.positions[desk.universe.primary[n]] += int(desk.book.lots[n] - before[n])
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
    for n, key in enumerate(desk.universe.primary):
        lots = int(desk.book.lots[n])
        if lots != desk.positions[key] and len(desk.universe.keys) == len(desk.universe.primary):
            desk.positions[key] = lots
            _void(desk, n)


def refresh(desk: Desk, n: int) -> None:
    """Tell the step what is pending in an instrument: the sum over its intents."""
    works = [desk.works[number] for number in desk.by_instrument[n]]
    alive = [w for w in works if w.left != 0]
    desk.book.pending(n, sum(w.left for w in alive), len(alive))


def _row_closed(desk: Desk, record: RowClosed) -> None:
    _clock(desk, record.at)
    _quoted(desk, record.at, quotes_of(record.quotes))
    desk.book.observe(record)


def _quoted(desk: Desk, at: int, quotes: list[Quoted]) -> None:
    """Quotes as of an instant; what was traded is counted on over restarts."""
    for key, (new, old) in enumerate(zip(quotes, desk.quotes, strict=True)):
        desk.traded[key] += max(0, new.traded - old.traded)
    desk.quotes, desk.quoted_at = quotes, at


def quotes_of(raw: bytes) -> list[Quoted]:
    """Quotes from their bytes, one for each key."""
    table = np.frombuffer(raw, np.int64).reshape(-1, 6).tolist()
    return [Quoted(*line) for line in table]


def _row_decided(desk: Desk, record: RowDecided) -> None:
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


def _intent(desk: Desk, record: Intent) -> None:
    plan = plan_of(record.plan) if record.plan else None
    desk.works[record.number] = Work(record, plan, desk.traded[record.key])
    desk.by_instrument[record.instrument].add(record.number)
    desk.intents = record.number
    if record.reason == _STOP:
        desk.closed_in[record.key] = desk.rows
    refresh(desk, record.instrument)


def _intent_ended(desk: Desk, record: IntentEnded) -> None:
    work = desk.works.pop(record.number)
    n = work.intent.instrument
    desk.by_instrument[n].discard(record.number)
    refresh(desk, n)


def _approved(desk: Desk, record: OrderApproved) -> None:
    order = record.order
    desk.orders[order.id] = Placed(order, record.at)
    desk.by_key[order.key].add(order.id)
    if order.protective:
        desk.protections += 1
        desk.stops[order.key] = order.id
        return
    work = desk.works.get(order.intent)
    if work is not None:
        work.children.add(order.id)
        work.made += 1
        work.sent_at = record.at
    _note_pace(desk, record)


def _note_pace(desk: Desk, record: OrderApproved) -> None:
    order = record.order
    n = desk.universe.instrument[order.key]
    pace, hour = desk.paces[n], record.at // HOUR_NS
    if hour != pace.hour:
        pace.hour, pace.used = hour, 0
    pace.used += order.lots
    position = int(desk.book.lots[n])
    if position * order.side >= 0 or order.lots > abs(position):
        pace.last = record.at


def _refused(desk: Desk, record: OrderRefused) -> None:
    order = record.order
    if order.protective:
        desk.stop_refused[order.key] = (order.side * order.lots, order.trigger)
    work = desk.works.get(order.intent)
    if work is not None:
        work.refused = True


def _mode(desk: Desk, record: ModeSet) -> None:
    desk.mode, desk.killed, desk.why = record.mode, record.killed, record.why
    if record.mode is Mode.ACTIVE:
        desk.flattening = False
        desk.book.resume()


def _odd(desk: Desk, record: Odd) -> None:
    if desk.odd:
        desk.odd.pop(0)


def _adjusted(desk: Desk, record: Adjusted) -> None:
    """The stated policy brings our side to the venue's: a transfer, never a trade."""
    _clock(desk, record.at)
    if record.key >= 0:
        desk.positions[record.key] += record.lots
        desk.book.move_lots(desk.universe.instrument[record.key], record.lots)
    else:
        desk.book.move_cash(record.currency, record.amount)


def _account_asked(desk: Desk, record: AccountAsked) -> None:
    desk.asked[record.key] = record.at


def _open_orders(desk: Desk, record: OpenOrders) -> None:
    _clock(desk, record.received)
    keys = account_keys(desk, record.key)
    ours: dict[str, State] = {
        name: state
        for name, state in (*desk.done.items(), *desk.orders.items())
        if state.order.key in keys
    }
    lineage, policy = desk.universe.lineage, desk.universe.strangers
    desk.findings = compare_orders(ours, record, lineage, policy)


def _balances(desk: Desk, record: Balances) -> None:
    """Compare what the account holds; doubts are kept until all fills have been told."""
    _clock(desk, record.received)
    keys = account_keys(desk, record.key)
    states = [s for s in desk.orders.values() if s.order.key in keys]
    flight = in_flight(states)
    terms = HoldingTerms(policy=desk.universe.differences)
    told = desk.told.get(keys[0], -1)
    lots = {key: desk.positions[key] for key in keys if desk.positions[key]}
    held, doubts = compare_holdings(
        lots, dict(record.positions), flight, desk.doubts, desk.at, told, terms
    )
    cash = desk.book.cash()
    moving = {code: Span(-(2**62), 2**62) if flight else EVEN for code in cash}
    theirs = {code: amount for code, amount in record.cash if code in cash}
    money, unpaid = compare_holdings(cash, theirs, moving, desk.cash_doubts, desk.at, told, terms)
    desk.doubts, desk.cash_doubts = doubts, unpaid
    desk.answered[account_keys(desk, record.key)[0]] = desk.at
    desk.findings = [*held, *money]
    if not doubts and not unpaid and told >= 0:
        for key in keys:
            desk.compared[key] = True


def account_keys(desk: Desk, key: int) -> tuple[int, ...]:
    """All keys of the account at the venue that a key belongs to."""
    mine = desk.universe.keys[key]
    return tuple(
        i
        for i, each in enumerate(desk.universe.keys)
        if (each.account, each.venue) == (mine.account, mine.venue)
    )


def _link(desk: Desk, record: Link) -> None:
    _clock(desk, record.received)
    for key in account_keys(desk, record.key):
        desk.up[key] = record.up


def _decided_of_order(desk: Desk, record: OrderDecision) -> None:
    _clock(desk, record.at)
    _step(desk, record.order, record)


def _reported(desk: Desk, record: OrderReport) -> None:
    _clock(desk, record.received)
    if not record.order:
        return  # a question about the account went unanswered: it is asked again in time
    state = _step(desk, record.order, record)
    if state is None:
        return
    if isinstance(record, Rejected | Unsent):
        _rejected(desk, state)
    elif isinstance(record, Accepted) and state.order.protective:
        desk.stop_refusals[record.key] = 0


def _rejected(desk: Desk, state: State) -> None:
    """A definite no: what is still wanted becomes another intent, in another row."""
    work = desk.works.get(state.order.intent)
    if state.order.protective:
        desk.stop_refusals[state.order.key] += 1
    elif work is not None:
        work.refused = True


def _triggered(desk: Desk, record: Triggered) -> None:
    _clock(desk, record.received)
    state = _step(desk, record.order, record)
    if state is not None and state.order.protective:
        desk.book.stopped(desk.universe.instrument[record.key])


def _fills_through(desk: Desk, record: FillsThrough) -> None:
    """Every fill of the account is in: what waited for one may be over."""
    _clock(desk, record.received)
    desk.cursors[account_keys(desk, record.key)[0]] = record.cursor
    desk.told[account_keys(desk, record.key)[0]] = record.received
    for key in account_keys(desk, record.key):
        for order in sorted(desk.by_key[key]):
            _step(desk, order, record)


def _filled(desk: Desk, record: Filled) -> None:
    _clock(desk, record.received)
    if desk.seen.look(record) is not Sight.NEW:
        return
    before = desk.state_of(record.order)
    if before is None:
        desk.odd.append(f"fill {record.trade} of an order that is not ours: {record.order}")
        return
    state = _step(desk, record.order, record)
    if state is None:
        return
    desk.seen.note(record)
    _book(desk, record, state)


def _book(desk: Desk, fill: Filled, state: State) -> None:
    order, n = state.order, desk.universe.instrument[fill.key]
    signed = fill.side * fill.lots
    if order.reason == _STOP:
        desk.book.stopped(n)
    desk.book.fill(n, signed, fill.ticks, fill.base, fill.fee, order.reason, order.stop)
    desk.positions[fill.key] += signed
    work = desk.works.get(order.intent)
    if work is not None:
        work.left -= signed
        refresh(desk, n)


def _step(desk: Desk, name: str, thing: OrderReport | OrderDecision) -> State | None:
    """Advance one order; None where it is not known or was contradicted."""
    state = desk.state_of(name)
    if state is None:
        if not isinstance(thing, FillsThrough | NotFound | CancelRefused):
            desk.odd.append(f"{type(thing).__name__} of an order that is not ours: {name}")
        return None
    after = advance(state, thing, desk.absence_ns)
    if isinstance(after, Contradiction):
        desk.odd.append(after.what)
        _keep(desk, name, state, after.then)
        return None
    _keep(desk, name, state, after)
    return after


def _keep(desk: Desk, name: str, before: State, after: State) -> None:
    if not isinstance(after, Done):
        desk.orders[name] = after
        if isinstance(before, Done):
            desk.done.pop(name, None)
            desk.by_key[after.order.key].add(name)
        return
    if isinstance(before, Done):
        desk.done[name] = after
        return
    del desk.orders[name]
    desk.done[name] = after
    desk.by_key[after.order.key].discard(name)
    if len(desk.done) > REMEMBERED:
        desk.done.popitem(last=False)
    _forget(desk, after)


def _forget(desk: Desk, state: Done) -> None:
    order = state.order
    if desk.stops[order.key] == order.id:
        desk.stops[order.key] = ""
    work = desk.works.get(order.intent)
    if work is not None:
        work.children.discard(order.id)


_FOLDS: Final[dict[type, Callable[[Desk, Any], None]]] = {
    Opened: _opened,
    Started: _started,
    Parameters: _parameters,
    Asked: _asked,
    Tick: _tick,
    SessionOpened: _session,
    Dated: _dated,
    RowClosed: _row_closed,
    RowDecided: _row_decided,
    Intent: _intent,
    IntentEnded: _intent_ended,
    OrderApproved: _approved,
    OrderRefused: _refused,
    ModeSet: _mode,
    Odd: _odd,
    Adjusted: _adjusted,
    AccountAsked: _account_asked,
    CancelAsked: _decided_of_order,
    QueryAsked: _decided_of_order,
    Doubted: _decided_of_order,
    Accepted: _reported,
    Rejected: _reported,
    Ended: _reported,
    CancelRefused: _reported,
    Found: _reported,
    NotFound: _reported,
    Unsent: _reported,
    NoAnswer: _reported,
    Triggered: _triggered,
    Filled: _filled,
    FillsThrough: _fills_through,
    OpenOrders: _open_orders,
    Balances: _balances,
    Link: _link,
}
