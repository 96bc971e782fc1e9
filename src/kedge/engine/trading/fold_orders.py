"""What is decided and reported of orders, folded into a desk (see `fold`)."""

from typing import Final

from kedge.domain.decided import (
    Adopted,
    OrderApproved,
    OrderRefused,
)
from kedge.domain.reason import Reason
from kedge.domain.report import (
    Accepted,
    CancelRefused,
    Filled,
    FillsThrough,
    NotFound,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.engine.trading.desk import REMEMBERED, Desk
from kedge.engine.trading.fees import pay_in_kind
from kedge.engine.trading.fold_account import account_keys, move_cash_told
from kedge.engine.trading.fold_clock import HOUR_NS, set_clock
from kedge.engine.trading.fold_rows import give_up, refresh
from kedge.execution.lifecycle import Contradiction, OrderDecision, OrderReport, advance
from kedge.execution.seen import Sight
from kedge.execution.stops import REFUSALS
from kedge.execution.tracked import Done, Placed, State, Working
from kedge.risk.gate_checks import is_dust, worth

_STOP: Final = int(Reason.STOP)
_NEW: Final = Sight.NEW
_OLD: Final = Sight.OLD
_REFUSED: Final = (Rejected, Unsent)
_PLAIN: Final = 2**40
"""Lots times ticks, and minor units, about which nobody need think."""
_MOST: Final = 2**56
"""Minor units that no fill moves: a hundred of them still fit an account."""
_PAUSE_NS: Final = 1_000_000_000
"""After stops that were refused in a row, before the next."""
_LONGEST_NS: Final = 8_000_000_000


def fold_approved(desk: Desk, record: OrderApproved) -> None:
    """An order is on its way: tracked, and counted in its intent and in the pace."""
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


def fold_adopted(desk: Desk, record: Adopted) -> None:
    """An order of somebody else is tracked as if it were of no intent of ours."""
    order = record.order
    desk.orders[order.id] = Working(order, record.venue_id, 0, record.at, False)
    desk.by_key[order.key].add(order.id)


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


def fold_refused(desk: Desk, record: OrderRefused) -> None:
    """The gate refused an order: its intent tries nothing more."""
    order = record.order
    if order.protective:
        desk.stop_refused[order.key] = (order.side * order.lots, order.trigger)
        _stop_refused(desk, order.key)
    work = desk.works.get(order.intent)
    if work is not None:
        work.refused = True


def fold_decided_of_order(desk: Desk, record: OrderDecision) -> None:
    """A cancel, a question or a doubt about an order."""
    set_clock(desk, record.at)
    _step(desk, record.order, record)


def fold_reported(desk: Desk, record: OrderReport) -> None:
    """What a venue says of an order beside fills."""
    set_clock(desk, record.received)
    if not record.order:
        return  # a question about the account went unanswered: it is asked again in time
    state = _step(desk, record.order, record)
    if state is None:
        return
    kind = type(record)
    if kind in _REFUSED:
        _rejected(desk, state)
    elif kind is Accepted and state.order.protective:
        desk.stop_refusals[record.key] = 0


def _rejected(desk: Desk, state: State) -> None:
    """A definite no, the venue's or our own: what is still wanted is another intent's, next row."""
    work = desk.works.get(state.order.intent)
    if state.order.protective:
        _stop_refused(desk, state.order.key)
    elif work is not None:
        work.refused = True


def _stop_refused(desk: Desk, key: int) -> None:
    """Counted; from the last that is tried at once each makes the pause after it twice as long."""
    desk.stop_refusals[key] += 1
    later = max(0, desk.stop_refusals[key] - REFUSALS)
    desk.stop_after[key] = desk.at + min(_LONGEST_NS, _PAUSE_NS << min(later, 6))


def fold_triggered(desk: Desk, record: Triggered) -> None:
    """A stop was touched: its side is locked, unless all of it has filled long since."""
    set_clock(desk, record.received)
    state = _step(desk, record.order, record)
    if state is None or (isinstance(state, Done) and state.filled == state.order.lots):
        return
    if state.order.protective:
        n = desk.universe.instrument[record.key]
        desk.book.stopped(n)
        give_up(desk, n)


def fold_fills_through(desk: Desk, record: FillsThrough) -> None:
    """Every fill of the account is in: what waited for one may be over."""
    set_clock(desk, record.received)
    desk.cursors[account_keys(desk, record.key)[0]] = record.cursor
    desk.told[account_keys(desk, record.key)[0]] = record.received
    for key in account_keys(desk, record.key):
        for order in sorted(desk.by_key[key]):
            _step(desk, order, record)


def fold_filled(desk: Desk, record: Filled) -> None:
    """A fill is booked once, and only if its order can have it."""
    set_clock(desk, record.received)
    sight = desk.seen.look(record)
    if sight is not _NEW:
        if sight is _OLD and record.order in desk.orders:
            desk.odd.append(f"fill {record.trade} of {record.order} is too old to be told apart")
        return
    before = desk.state_of(record.order)
    if before is None:
        desk.odd.append(f"fill {record.trade} of an order that is not ours: {record.order}")
        return
    if record.lots <= before.order.lots and _beyond_counting(desk, record):
        desk.odd.append(f"fill {record.trade} of {record.order} moves more than can be counted")
        return
    state = _step(desk, record.order, record)
    if state is None:
        return
    desk.seen.note(record)
    if _touched_by(before):
        give_up(desk, desk.universe.instrument[record.key])
    _book(desk, record, state)


def _beyond_counting(desk: Desk, fill: Filled) -> bool:
    """Whether a price or fee is such that a few of its kind would leave the account's integers."""
    if abs(fill.lots * fill.ticks) < _PLAIN and abs(fill.fee) < _PLAIN:
        return False
    ratio = desk.universe.instruments[desk.universe.instrument[fill.key]].value_ratio
    moved = worth(abs(fill.lots), abs(fill.ticks), ratio.numerator, ratio.denominator)
    return max(moved, abs(fill.fee)) >= _MOST


def _touched_by(before: State) -> bool:
    """Whether a fill is the first that is heard of a stop's touch: the venue's word may be lost."""
    if not before.order.protective or isinstance(before, Done):
        return False
    return isinstance(before, Placed) or not (before.triggered or before.filled)


def _book(desk: Desk, fill: Filled, state: State) -> None:
    order, n = state.order, desk.universe.instrument[fill.key]
    signed = fill.side * fill.lots
    if order.reason == _STOP:
        desk.book.stopped(n)
    before = None if desk.single else desk.book.cash()
    if order.intent or order.protective:
        desk.book.fill(n, signed, fill.ticks, fill.base, fill.fee, order.reason, order.stop)
    else:
        _transfer(desk, fill, n)
    desk.positions[fill.key] += signed
    if fill.paid_in:
        pay_in_kind(desk, fill)
    desk.close_tries[fill.key] = desk.close_after[fill.key] = 0  # another position, another try
    if before is not None:
        move_cash_told(desk, fill.key, before)
    if _rest_is_dust(desk, fill):
        desk.book.exited(n)
    work = desk.works.get(order.intent)
    if work is not None:
        work.left -= signed
        refresh(desk, n)


def _transfer(desk: Desk, fill: Filled, n: int) -> None:
    """What somebody else's order brought comes from outside: it is no trade of a strategy's."""
    instrument = desk.universe.instruments[n]
    ratio = instrument.value_ratio
    paid = worth(fill.lots, fill.ticks, ratio.numerator, ratio.denominator)
    desk.book.move_lots(n, fill.side * fill.lots)
    desk.book.move_cash(instrument.settle, -fill.side * paid - fill.fee)


def _rest_is_dust(desk: Desk, fill: Filled) -> bool:
    """Whether the venue takes no order for what a fill leaves of its position."""
    if desk.way is None or desk.way.rules[fill.key].closes_dust:
        return False
    rules = desk.way.rules[fill.key]
    return is_dust(abs(desk.positions[fill.key]), fill.ticks, rules)


def _step(desk: Desk, name: str, thing: OrderReport | OrderDecision) -> State | None:
    """Advance one order; None where it is not known or was contradicted."""
    state = desk.state_of(name)
    if state is None:
        if not isinstance(thing, FillsThrough | NotFound | CancelRefused):
            desk.odd.append(f"{type(thing).__name__} of an order that is not ours: {name}")
        return None
    after = advance(state, thing, desk.absence_ns)
    if type(after) is Contradiction:
        desk.odd.append(after.what)
        _keep(desk, name, state, after.then)
        return None
    _keep(desk, name, state, after)
    return after


def _keep(desk: Desk, name: str, before: State, after: State) -> None:
    if type(after) is not Done:
        desk.orders[name] = after
        if type(before) is Done:
            desk.done.pop(name, None)
            desk.by_key[after.order.key].add(name)
        return
    if type(before) is Done:
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
