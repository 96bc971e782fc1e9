"""What the venue says of the account, folded into a desk (see `fold`)."""

from kedge.domain.decided import (
    AccountAsked,
    Adjusted,
)
from kedge.domain.report import (
    Balances,
    Link,
    OpenOrders,
)
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold_clock import set_clock
from kedge.execution.reconcile.holdings import (
    EVEN,
    HoldingTerms,
    Span,
    compare_holdings,
    in_flight,
)
from kedge.execution.reconcile.orders import compare_orders
from kedge.execution.tracked import State


def fold_open_orders(desk: Desk, record: OpenOrders) -> None:
    """Compare our orders with everything that rests at the venue."""
    set_clock(desk, record.received)
    keys = account_keys(desk, record.key)
    ours: dict[str, State] = {
        name: state
        for name, state in (*desk.done.items(), *desk.orders.items())
        if state.order.key in keys
    }
    lineage, policy = desk.universe.lineage, desk.universe.strangers
    desk.findings = compare_orders(ours, record, lineage, policy)


def fold_balances(desk: Desk, record: Balances) -> None:
    """Compare what the account holds; doubts are kept until all fills have been told."""
    set_clock(desk, record.received)
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


def fold_link(desk: Desk, record: Link) -> None:
    """The stream of reports of an account broke or came back."""
    set_clock(desk, record.received)
    for key in account_keys(desk, record.key):
        desk.up[key] = record.up


def fold_adjusted(desk: Desk, record: Adjusted) -> None:
    """The stated policy brings our side to the venue's: a transfer, never a trade."""
    set_clock(desk, record.at)
    if record.key >= 0:
        desk.positions[record.key] += record.lots
        desk.book.move_lots(desk.universe.instrument[record.key], record.lots)
    else:
        desk.book.move_cash(record.currency, record.amount)


def fold_account_asked(desk: Desk, record: AccountAsked) -> None:
    """The venue is being asked about the account."""
    desk.asked[record.key] = record.at
