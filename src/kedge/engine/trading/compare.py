"""What follows from the venue's own account of our orders and holdings."""

from collections.abc import Iterator

from kedge.domain.control import Mode
from kedge.domain.decided import (
    AccountAsked,
    Adjusted,
    Adopted,
    CancelAsked,
    ModeSet,
    Odd,
    QueryAsked,
)
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.record import Decided
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold_account import account_keys
from kedge.execution.reconcile.findings import (
    Adjust,
    Adopt,
    CancelAgain,
    FetchFills,
    Finding,
    Halt,
    Ignored,
    Query,
)


def act_on(desk: Desk, key: int, findings: list[Finding]) -> Iterator[Decided]:
    """Records that follow from what a comparison found, in order.

    Args:
        desk: the session.
        key: any of the account's.
        findings: of the comparison.
    """
    ask: set[int] = set()
    first = account_keys(desk, key)[0]
    for finding in findings:
        match finding:
            case Query(order=order):
                yield QueryAsked(desk.at, order)
            case CancelAgain(order=order):
                yield CancelAsked(desk.at, order)
            case FetchFills(of=of):
                # Which of several accounts the cash of a currency is wrong in is not known.
                ask |= {first} if isinstance(of, int) else set(desk.accounts)
            case Halt(why=why):
                yield from _halt(desk, why)
            case Adopt():
                yield from _adopt(desk, finding)
            case Adjust(of=of, amount=amount, why=why):
                if isinstance(of, int):
                    yield Adjusted(desk.at, of, amount, "", 0, why)
                else:
                    yield Adjusted(desk.at, -1, 0, of, amount, why)
            case Ignored():
                pass
    for account in sorted(ask):
        yield AccountAsked(desk.at, account, desk.cursors.get(account, ""))


def _adopt(desk: Desk, found: Adopt) -> Iterator[Decided]:
    """Take a stranger's order over, if what comes of it can be told apart and was told whole."""
    why = _unfit(found)
    if why:
        name = found.client or found.venue_id
        yield from _halt(desk, f"order {name} is not ours, and cannot be adopted: it {why}")
        return
    order = Order(found.client, found.key, found.side, found.lots, OrderType.LIMIT, TimeInForce.GTC)
    yield Adopted(desk.at, order, found.venue_id)


def _unfit(found: Adopt) -> str:
    if not found.client:
        return "has no client id"
    if found.filled:
        return "has filled in part"
    return "sells, and would take the place of a stop" if found.side < 0 else ""


def _halt(desk: Desk, why: str) -> Iterator[Decided]:
    """No new risk until somebody has looked."""
    yield Odd(desk.at, why)
    yield from reduce_only(desk, why)


def reduce_only(desk: Desk, why: str) -> Iterator[ModeSet]:
    """No new risk until somebody has looked, also after a flatten that would have been over."""
    if desk.mode is Mode.ACTIVE:
        yield ModeSet(desk.at, Mode.REDUCING, desk.killed, why)
    elif desk.flattening and not desk.killed and desk.why != why:
        yield ModeSet(desk.at, Mode.HALTED, False, why)
