"""The one door: an event in, records made durable, effects out.

`process` is ``decide`` and ``evolve`` and nothing else: no clock, no randomness, no I/O. The
journal only gets bytes to keep; when they are durable is the shell's business, and no
effect may happen before.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from kedge.domain.decided import AccountAsked, CancelAsked, OrderApproved, QueryAsked
from kedge.domain.record import Decided, Event, Record
from kedge.engine.trading.decide import decide
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.way import Way
from kedge.execution.lifecycle import NEVER_DUE, deadline
from kedge.execution.stops import REFUSALS
from kedge.risk.approved import Approved
from kedge.risk.gate import GateRules


class Cancel(NamedTuple):
    """Ask a venue to cancel."""

    key: int
    order: str


class Query(NamedTuple):
    """Ask a venue what became of an order."""

    key: int
    order: str


class AskAccount(NamedTuple):
    """Ask a venue for open orders, fills since the cursor, and balances."""

    key: int
    cursor: str


Effect = Approved | Cancel | Query | AskAccount


_ASKING: Final = frozenset({CancelAsked, QueryAsked, AccountAsked, OrderApproved})
"""Records after which something is said to a venue."""
_WATCH_NS: Final = 1_000_000_000
"""How often the quote is looked at where no stop can rest."""


class Engine:
    """A desk behind its one door.

    Args:
        desk: the state, already recovered.
        way: how it trades, unless the desk's parameters say.
        append: keeps a record and returns its sequence number.
        push: takes an effect that may happen once the record of that number is durable.
    """

    def __init__(
        self,
        desk: Desk,
        way: Way,
        append: Callable[[Record], int],
        push: Callable[[int, Effect], None],
    ) -> None:
        self.desk, self._way = desk, way
        self._append, self._push = append, push
        self._deadline: int | None = None

    @property
    def way(self) -> Way:
        """How it trades from here on."""
        return self.desk.way or self._way

    def process(self, event: Event) -> None:
        """Take an event: it is recorded and folded, and so is everything that follows from it."""
        self._append(event)
        evolve(self.desk, event)
        self.follow(event)

    def follow(self, event: Event) -> None:
        """Decide what follows from an event that is recorded and folded already."""
        self._deadline = None
        for record, approved in decide(self.desk, event, self.way):
            number = self._append(record)
            evolve(self.desk, record)
            if approved is not None:
                self._push(number, approved)
            elif type(record) in _ASKING:
                self._push(number, _effect(self.desk, record))

    def next_deadline(self) -> int:
        """When a `Tick` is wanted, ns UTC; `NEVER_DUE` for never.

        What was due by the last event has been tried by now; where it could not be done,
        a report or a row will change that, and another tick would not.
        """
        if self._deadline is None:  # it hangs on nothing but the desk
            self._deadline = self._soonest()
        return self._deadline

    def _soonest(self) -> int:
        desk, way = self.desk, self.way
        now, soonest = desk.at, NEVER_DUE
        for state in desk.orders.values():
            due = deadline(state, way.terms)
            if now < due < soonest:
                soonest = due
        for key, held in enumerate(desk.positions):
            if held and _watched(desk, key, way.rules[key]):
                soonest = min(soonest, now + _WATCH_NS)
            if held and now < desk.close_after[key]:
                soonest = min(soonest, desk.close_after[key])
        for key in desk.accounts:
            due = desk.compare_at(key, way.compare_ns, way.terms.ack_ns)
            if now < due < soonest:
                soonest = due
        for work in desk.works.values():
            if now < work.intent.until:
                due = way.style.due(desk, work)
                soonest = min(soonest, work.intent.until, due if due > now else NEVER_DUE)
        return soonest


def _watched(desk: Desk, key: int, rules: GateRules) -> bool:
    """Whether no stop can rest for a position, so that its quote is looked at instead."""
    if rules.bars:
        return False  # there a stop meets the next bar
    refused = desk.stop_refusals[key] >= REFUSALS or desk.stop_refused[key] != (0, 0)
    return refused or not rules.stops


def _effect(desk: Desk, record: Decided) -> Effect:
    """What the shell is to do once a record of `_ASKING` is durable."""
    match record:
        case CancelAsked(order=name):
            return Cancel(_key(desk, name), name)
        case QueryAsked(order=name):
            return Query(_key(desk, name), name)
        case AccountAsked(key=key, cursor=cursor):
            return AskAccount(key, cursor)
        case _:
            raise AssertionError("an approved order comes with its approval")


def _key(desk: Desk, name: str) -> int:
    state = desk.state_of(name)
    if state is None:
        raise AssertionError(f"{name} is asked for and not known")
    return state.order.key
