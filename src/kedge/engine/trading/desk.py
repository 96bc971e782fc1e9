"""Everything that a session remembers, as a fold over its journal's records.

Only `kedge.engine.trading.fold` changes a desk; deciding reads it. What happens to a
desk is the same whether the records come from a decision or from a file.
"""

from collections import OrderedDict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from kedge.domain.account import Key
from kedge.domain.control import Mode, Parameters, Quoted
from kedge.domain.decided import Intent
from kedge.domain.instrument import Instrument
from kedge.engine.trading.book import Book
from kedge.execution.reconcile.findings import Differences, Finding, Strangers
from kedge.execution.reconcile.holdings import Doubt
from kedge.execution.seen import Seen
from kedge.execution.slicing.plan import Plan
from kedge.execution.slicing.volumes import Volumes
from kedge.execution.stops import REFUSALS
from kedge.execution.tracked import Done, Tracked, exposed

if TYPE_CHECKING:
    from kedge.engine.trading.setup import Adopt
    from kedge.engine.trading.way import Way

REMEMBERED: Final = 2048
"""Orders that are done and still known by name, so that a late report finds them."""

NO_QUOTE: Final = Quoted(0, 0, -1)
NEVER: Final = -1


class Universe(msgspec.Struct, frozen=True):
    """What is traded, and under which keys.

    Attributes:
        instruments: N, in the order of every array.
        keys: table that ``key`` fields point into.
        primary: (N,) key under which each instrument is traded.
        instrument: (keys,) instrument of each key.
        interval_ns: nominal length of a row.
        lineage: of the journal.
        strangers, differences: what to do about orders that are not ours, and about
            positions and cash that stay different from the venue's.
    """

    instruments: tuple[Instrument, ...]
    keys: tuple[Key, ...]
    primary: tuple[int, ...]
    instrument: tuple[int, ...]
    interval_ns: int
    lineage: str
    strangers: Strangers = Strangers.HALT
    differences: Differences = Differences.HALT

    def venues(self, n: int) -> list[int]:
        """Keys of an instrument: its primary, then its fallbacks in the order of the table."""
        first = self.primary[n]
        others = [k for k, each in enumerate(self.instrument) if each == n and k != first]
        return [first, *others]


class Work:
    """An intent that is being worked off.

    Attributes:
        intent: the wish.
        left: signed lots not yet filled.
        children: ids of its orders that are tracked.
        made: orders made for it so far.
        sent_at: when the last one was approved, ns UTC.
        refused: whether nothing more will be tried: the gate or the venue refused one, or a
            stop was touched since the intent was made.
        plan: how it is worked off, None for one order at once.
        traded: lots that the market had traded when it began.
        reduces: whether it only makes the position smaller, as that was when it began.
    """

    __slots__ = (
        "children", "intent", "left", "made", "plan", "reduces", "refused", "sent_at", "traded",
    )  # fmt: skip

    def __init__(
        self, intent: Intent, plan: Plan | None = None, traded: int = 0, reduces: bool = False
    ) -> None:
        self.intent, self.plan, self.traded, self.reduces = intent, plan, traded, reduces
        self.left = intent.lots
        self.children: set[str] = set()
        self.made = 0
        self.sent_at = 0
        self.refused = False


def shrinks(lots: int, held: int) -> bool:
    """Whether all of some signed lots would make a position smaller and none of them turn it."""
    return lots * held < 0 and abs(lots) <= abs(held)


class Pace:
    """What the gate must remember of an instrument.

    Attributes:
        last: when the last order that added risk was approved, ns UTC.
        hour: clock hour that ``used`` counts.
        used: lots ordered in it.
    """

    __slots__ = ("hour", "last", "used")

    def __init__(self) -> None:
        self.last = -(2**62)
        self.hour = -1
        self.used = 0


class Desk:
    """The state of a session.

    Args:
        universe: what is traded.
        book: the decision path's state.
        absence_ns: after which an order that was placed can no longer arrive at its venue.
        adopt: makes of recorded parameters what they stand for; without it they change nothing.
        way: how it trades, as the parameters say; None where only the engine was told.
    """

    def __init__(
        self,
        universe: Universe,
        book: Book,
        absence_ns: int,
        adopt: "Adopt | None" = None,
        way: "Way | None" = None,
    ) -> None:
        keys, n = len(universe.keys), len(universe.instruments)
        self.universe, self.book, self.absence_ns = universe, book, absence_ns
        self.adopt, self.way = adopt, way
        self.volumes: Volumes | None = None
        self.learn()
        self.parameters: Parameters | None = None
        self.at = 0
        self.mode, self.killed, self.why = Mode.ACTIVE, False, ""
        self.flattening = False
        self.stopping = False
        self.orders: dict[str, Tracked] = {}
        self.done: OrderedDict[str, Done] = OrderedDict()
        self.works: dict[int, Work] = {}
        self.by_instrument: list[set[int]] = [set() for _ in range(n)]
        self.by_key: list[set[str]] = [set() for _ in range(keys)]
        self.stops: list[str] = [""] * keys
        self.stop_refusals = [0] * keys
        self.stop_refused: list[tuple[int, int]] = [(0, 0)] * keys
        self.stop_after = [0] * keys
        self.close_after = [0] * keys
        self.close_tries = [0] * keys
        self.positions = [0] * keys
        self.single = keys == n
        self.routes = list(universe.primary)
        self.healthy_since = [NEVER] * keys
        self.quotes: list[Quoted] = [NO_QUOTE] * keys
        self.quoted_at = 0
        self.traded = [0] * keys
        self.session = -1
        self.paces = [Pace() for _ in range(n)]
        self.intents = 0
        self.protections = 0
        self.seen = Seen()
        self.up = [True] * keys
        self.compared = [True] * keys
        self.cursors: dict[int, str] = {}
        self.told: dict[int, int] = {}
        self.doubts: dict[int, Doubt] = {}
        self.cash_doubts: dict[str, Doubt] = {}
        self.cash_told: dict[int, dict[str, int]] = {}
        self.paid = [Decimal(0)] * keys
        self.owed: dict[str, int] = {}
        self.findings: list[Finding] = []
        self.odd: list[str] = []
        first = {(k.account, k.venue): i for i, k in reversed(list(enumerate(universe.keys)))}
        self.accounts = tuple(sorted(first.values()))
        self.asked: dict[int, int] = {}
        self.answered: dict[int, int] = {}
        self.rows = 0
        self.marks = (0, 0, 0)
        self.restarts = 0

    def learn(self) -> None:
        """Begin to learn when volume is traded, go on, or forget it, as its way asks for."""
        clock = None if self.way is None else self.way.clock
        if clock is None:
            self.volumes = None
        elif self.volumes is None:
            self.volumes = Volumes(clock, len(self.universe.instruments), self.universe.interval_ns)
        else:
            self.volumes.clock = clock

    def state_of(self, order: str) -> "Tracked | Done | None":
        """What is known of an order by its client id."""
        return self.orders.get(order) or self.done.get(order)

    def working(self, key: int, side: int, protective: bool = False) -> int:
        """Lots of one side that may still fill under a key, protective stops or the others."""
        lots = 0
        for name in self.by_key[key]:
            state = self.orders[name]
            order = state.order
            if order.side == side and order.protective == protective:
                lots += exposed(state)
        return lots

    def put_off(self, key: int) -> bool:
        """Whether stops of a key were refused so often that a pause is made before the next."""
        return self.stop_refusals[key] >= REFUSALS and self.at < self.stop_after[key]

    def compare_at(self, key: int, every_ns: int, again_ns: int) -> int:
        """When the account that ``key`` stands for is to be compared with its venue again, ns UTC.

        Args:
            key: first of the account's.
            every_ns: between two comparisons that were answered and agreed.
            again_ns: after a question that was not, or whose answer left a doubt.
        """
        asked = self.asked.get(key)
        if asked is None:
            return self.at
        done = self.answered.get(key, -1) >= asked and self.compared[key]
        return asked + (every_ns if done else again_ns)

    def settled(self, key: int) -> bool:
        """Whether the account of a key has been compared with its venue since the start."""
        return self.compared[key]
