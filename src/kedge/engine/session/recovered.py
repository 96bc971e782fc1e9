"""What a start brought back, and what the venue then said to it: lines for the session's log."""

from typing import Final, NamedTuple

from kedge.domain.money import currency
from kedge.domain.order import Order
from kedge.domain.wording import counted
from kedge.engine.session.order_words import amount_words, order_words
from kedge.engine.trading.desk import Desk
from kedge.execution.tracked import Unknown

NAMED: Final = 4
"""Orders that a line names one by one; the others are counted."""

Line = tuple[str, bool]
"""Text, and whether somebody should look."""


class Recovered(NamedTuple):
    """Where a desk came from.

    Attributes:
        snapshot: records in the state of the snapshot that was read, 0 without one.
        journal: records of the journal folded after those.
        seconds: that it took.
    """

    snapshot: int
    journal: int
    seconds: float

    @property
    def source(self) -> str:
        """Records and time."""
        records = counted(self.snapshot + self.journal, "record")
        kept = f"{self.snapshot:,} from a snapshot and {self.journal:,} from the journal"
        where = kept if self.snapshot else "all from the journal"
        return f"recovered {records} in {self.seconds:.2f} s, {where}"


def recovered_lines(found: Recovered, desk: Desk, shut: bool) -> list[Line]:
    """What a desk holds before its first event.

    Args:
        found: where it came from.
        desk: brought back.
        shut: whether the latch is closed.
    """
    out = [each.order for each in desk.orders.values()]
    return [
        (found.source, False),
        (f"it held {_holdings(desk)}", False),
        (_orders(out, desk), False),
        _mode(desk, shut),
    ]


def _holdings(desk: Desk) -> str:
    held = [_amount(desk, key, lots) for key, lots in enumerate(desk.positions) if lots]
    cash = [_cash(code, amount) for code, amount in desk.book.cash().items()]
    return ", ".join(held or ["no positions"]) + f" and {', '.join(cash)}"


def _orders(orders: list[Order], desk: Desk) -> str:
    if not orders:
        return "no orders were out"
    universe = desk.universe
    named = [
        order_words(order, universe.instruments[universe.instrument[order.key]])
        for order in orders[:NAMED]
    ]
    more = [f"{len(orders) - NAMED} more"] if len(orders) > NAMED else []
    said = "; ".join(named + more)
    return f"{counted(len(orders), 'order')} may be out, and the venue is asked: {said}"


def _mode(desk: Desk, shut: bool) -> Line:
    why = f": {desk.why}" if desk.why else ""
    if desk.killed:
        return f"it stays killed until `kedge resume`{why}", True
    if shut:
        return "it was killed while no session ran, until `kedge resume`", True
    return f"it goes on {desk.mode.name}{why}", False


class Compared:
    """Says what the venue answered to the first comparison after a start.

    Args:
        desk: as it was brought back.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._out = desk, tuple(desk.orders)
        self._differed = self._over = False

    def lines(self) -> list[Line]:
        """What there is to say since the last call; at most twice, and then nothing any more."""
        desk = self._desk
        if self._over:
            return []
        if all(desk.compared):
            self._over = True
            return [
                (f"compared with the venue: positions and cash are equal{self._fates()}", False)
            ]
        if not self._differed and (desk.doubts or desk.cash_doubts):
            self._differed = True
            return [(f"the venue holds {self._differences()}: its fills are asked for", True)]
        return []

    def _differences(self) -> str:
        desk = self._desk
        lots = [(each.amount, _amount(desk, key, each.amount)) for key, each in desk.doubts.items()]
        cash = [(each.amount, _cash(code, each.amount)) for code, each in desk.cash_doubts.items()]
        return f"{', '.join(_signed(*each) for each in lots + cash)} than is recorded"

    def _fates(self) -> str:
        """What became of the orders that were out."""
        if not self._out:
            return ""
        still = [self._desk.orders[name] for name in self._out if name in self._desk.orders]
        doubted = sum(isinstance(each, Unknown) for each in still)
        rest, over = len(still) - doubted, len(self._out) - len(still)
        told = f"{rest:,} at work there, {over:,} over"
        asked = f", {doubted:,} still asked for" if doubted else ""
        return f"; of {counted(len(self._out), 'order')} {told}{asked}"


def _amount(desk: Desk, key: int, lots: int) -> str:
    return amount_words(lots, desk.universe.instruments[desk.universe.instrument[key]])


def _cash(code: str, minor: int) -> str:
    return f"{minor * 10.0 ** -currency(code).digits:,.2f} {code}"


def _signed(amount: int, words: str) -> str:
    return f"{words} {'more' if amount > 0 else 'less'}".removeprefix("-")
