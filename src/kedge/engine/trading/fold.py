"""``evolve``: one record folded into a desk. It decides nothing and asks for nothing.

Total over the closed union of records. A report that contradicts what is known changes
nothing but the list of oddities, of which deciding makes records of their own.
"""

from collections.abc import Callable
from typing import Any, Final

from kedge.domain.control import Asked, Mode, Parameters, Started, Tick, Verb
from kedge.domain.decided import (
    AccountAsked,
    Adjusted,
    Adopted,
    CancelAsked,
    Doubted,
    Intent,
    IntentEnded,
    ModeSet,
    Odd,
    OrderApproved,
    OrderRefused,
    QueryAsked,
    Routed,
)
from kedge.domain.record import Opened, Record
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    Ended,
    Filled,
    FillsThrough,
    Found,
    Kept,
    Link,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.domain.row import Dated, RowClosed, RowDecided, SessionOpened
from kedge.engine.trading.desk import NO_QUOTE, Desk
from kedge.engine.trading.fold_account import (
    fold_account_asked,
    fold_adjusted,
    fold_balances,
    fold_kept,
    fold_link,
    fold_open_orders,
)
from kedge.engine.trading.fold_clock import set_clock
from kedge.engine.trading.fold_orders import (
    fold_adopted,
    fold_approved,
    fold_decided_of_order,
    fold_filled,
    fold_fills_through,
    fold_refused,
    fold_reported,
    fold_triggered,
)
from kedge.engine.trading.fold_rows import (
    fold_dated,
    fold_intent,
    fold_intent_ended,
    fold_row_closed,
    fold_row_decided,
    fold_session,
    fold_tick,
    give_up,
)
from kedge.engine.trading.routing import fold_routed, note_health
from kedge.engine.trading.setup import change


def evolve(desk: Desk, record: Record) -> None:
    """Fold one record.

    Raises:
        KeyError: the record is of no known kind.
    """
    _FOLDS[type(record)](desk, record)


def _opened(desk: Desk, record: Opened) -> None:
    desk.at = record.at


def _started(desk: Desk, record: Started) -> None:
    set_clock(desk, record.at)
    desk.restarts += 1
    if record.skipped:
        _leave_out(desk, record.skipped)
    desk.stopping = False
    desk.quotes = [NO_QUOTE] * len(desk.quotes)
    desk.compared = [False] * len(desk.compared)
    desk.cash_told.clear()
    note_health(desk)


def _leave_out(desk: Desk, numbers: int) -> None:
    """After a restore every order has an id that the lost journal cannot have used."""
    desk.intents += numbers
    desk.protections += numbers
    for n in range(len(desk.by_instrument)):
        give_up(desk, n)  # their next children may have been sent


def _parameters(desk: Desk, record: Parameters) -> None:
    set_clock(desk, record.at)
    change(desk, record)


def _asked(desk: Desk, record: Asked) -> None:
    set_clock(desk, record.at)
    if record.granted and record.verb is Verb.STOP:
        desk.stopping = True
    elif record.granted and record.verb is Verb.FLATTEN:
        desk.flattening = True


def _mode(desk: Desk, record: ModeSet) -> None:
    desk.mode, desk.killed, desk.why = record.mode, record.killed, record.why
    if record.mode is Mode.ACTIVE:
        desk.flattening = False
        desk.book.resume()


def _odd(desk: Desk, record: Odd) -> None:
    if desk.odd:
        desk.odd.pop(0)


_FOLDS: Final[dict[type, Callable[[Desk, Any], None]]] = {
    Opened: _opened,
    Started: _started,
    Parameters: _parameters,
    Asked: _asked,
    Tick: fold_tick,
    SessionOpened: fold_session,
    Dated: fold_dated,
    RowClosed: fold_row_closed,
    RowDecided: fold_row_decided,
    Intent: fold_intent,
    IntentEnded: fold_intent_ended,
    OrderApproved: fold_approved,
    OrderRefused: fold_refused,
    ModeSet: _mode,
    Odd: _odd,
    Adjusted: fold_adjusted,
    Routed: fold_routed,
    Adopted: fold_adopted,
    AccountAsked: fold_account_asked,
    CancelAsked: fold_decided_of_order,
    QueryAsked: fold_decided_of_order,
    Doubted: fold_decided_of_order,
    Accepted: fold_reported,
    Rejected: fold_reported,
    Ended: fold_reported,
    CancelRefused: fold_reported,
    Found: fold_reported,
    NotFound: fold_reported,
    Unsent: fold_reported,
    NoAnswer: fold_reported,
    Triggered: fold_triggered,
    Filled: fold_filled,
    FillsThrough: fold_fills_through,
    OpenOrders: fold_open_orders,
    Balances: fold_balances,
    Link: fold_link,
    Kept: fold_kept,
}
