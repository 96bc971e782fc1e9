"""Which working orders are recalled: of one intent, all, those that add risk, stray stops."""

from collections.abc import Iterator

from kedge.domain.decided import CancelAsked
from kedge.domain.order import Order
from kedge.engine.trading.desk import Desk, Work
from kedge.execution.tracked import LIVE, State, Unknown

Recall = tuple[CancelAsked, None]
"""A cancel, and that the gate has nothing to say of it."""


def cancellable(state: State) -> bool:
    """Whether a cancel would be news: of an order in doubt it is kept until that ends."""
    return type(state) in LIVE or (type(state) is Unknown and not state.cancel)


def cancel(desk: Desk, work: Work) -> Iterator[Recall]:
    """The orders of one intent."""
    for name in sorted(work.children):
        if cancellable(desk.orders[name]):
            yield CancelAsked(desk.at, name), None


def cancel_all(desk: Desk) -> Iterator[Recall]:
    """Everything but protective stops."""
    for number in sorted(desk.works):
        yield from cancel(desk, desk.works[number])
    for name, state in sorted(desk.orders.items()):
        adopted = not state.order.intent and not state.order.protective
        if adopted and cancellable(state):
            yield CancelAsked(desk.at, name), None


def recall_adding(desk: Desk) -> Iterator[Recall]:
    """What could add risk by filling.

    Asked for at every event while positions may only become smaller, not once when that
    begins: a crash may come between the change of mode and the cancels that follow it.
    """
    for name, state in tuple(desk.orders.items()):
        order = state.order
        if not order.protective and cancellable(state) and not _only_reduces(desk, order):
            yield CancelAsked(desk.at, name), None


def _only_reduces(desk: Desk, order: Order) -> bool:
    """Whether the position is as large as all that works against it."""
    held = desk.positions[order.key]
    return order.side * held < 0 and desk.working(order.key, order.side) <= abs(held)


def recall_stray(desk: Desk, key: int) -> Iterator[Recall]:
    """Stops that were thought to be gone, whether or not there is a position to guard."""
    for name in sorted(desk.by_key[key]):
        if name != desk.stops[key]:
            state = desk.orders[name]
            if state.order.protective and type(state) in LIVE:
                yield CancelAsked(desk.at, name), None
