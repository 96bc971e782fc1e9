"""What the venue says of the account, folded into a desk (see `fold`)."""

from kedge.domain.decided import (
    AccountAsked,
    Adjusted,
)
from kedge.domain.report import (
    Balances,
    Kept,
    Link,
    OpenOrders,
)
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold_clock import set_clock
from kedge.engine.trading.routing import note_health
from kedge.execution.reconcile.findings import Finding
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
    first, terms = keys[0], HoldingTerms(policy=desk.universe.differences)
    flight = in_flight([s for s in desk.orders.values() if s.order.key in keys])
    told = desk.told.get(first, -1)
    lots = {key: desk.positions[key] for key in keys if desk.positions[key]}
    others = {key: doubt for key, doubt in desk.doubts.items() if key not in keys}
    mine = {key: doubt for key, doubt in desk.doubts.items() if key in keys}
    held, doubts = compare_holdings(
        lots, dict(record.positions), flight, mine, desk.at, told, terms
    )
    desk.cash_told[first] = dict(record.cash)
    money = _compare_cash(desk, told, terms)
    desk.doubts = {**others, **doubts}
    desk.answered[first] = desk.at
    desk.findings = [*held, *money]
    whole = len(desk.cash_told) == len(desk.accounts)
    if whole and not doubts and not desk.cash_doubts and told >= 0:
        for key in keys:
            desk.compared[key] = True


def _compare_cash(desk: Desk, told: int, terms: HoldingTerms) -> list[Finding]:
    """Our cash against the sum of all accounts, once each of them has told."""
    if len(desk.cash_told) < len(desk.accounts):
        return []
    cash, flight = desk.book.cash(), in_flight(list(desk.orders.values()))
    moving = {code: Span(-(2**62), 2**62) if flight else EVEN for code in cash}
    each = desk.cash_told.values()
    theirs = {c: sum(one[c] for one in each if c in one) for c in cash if any(c in o for o in each)}
    theirs = {code: amount - desk.owed.get(code, 0) for code, amount in theirs.items()}
    money, desk.cash_doubts = compare_holdings(
        cash, theirs, moving, desk.cash_doubts, desk.at, told, terms
    )
    return money


def move_cash_told(desk: Desk, key: int, before: dict[str, int]) -> None:
    """Of several accounts each one's cash as last told is carried on by what is booked there."""
    told = desk.cash_told.get(account_keys(desk, key)[0], {})
    for code, amount in desk.book.cash().items():
        if amount != before[code]:
            told[code] = told.get(code, 0) + amount - before[code]


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
        if record.up:
            desk.stop_after[key] = 0  # a stop that was refused meanwhile is not kept waiting
    note_health(desk)


def fold_kept(desk: Desk, record: Kept) -> None:
    """Market data was put away: nothing that is decided hangs on it."""
    set_clock(desk, record.received)


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
