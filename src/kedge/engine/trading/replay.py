"""Deriving every decision of a journal again, and comparing it with what was recorded.

The recorded events are fed, one after the other, to a fresh desk that is made of the
journal's own parameters; what follows from them must be what followed then, byte for
byte. Nothing is written: records come in as values, and what they say is only read.

A process can die between the records of one event. What it no longer wrote was never
decided: the next process folded what there was and went on. So the last decisions before
a `Started`, or at the end, may be missing, and are not taken for derived either.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from kedge.domain.control import Parameters, Started
from kedge.domain.errors import JournalError
from kedge.domain.record import Decided, Event, Opened, Record, decode, encode
from kedge.domain.row import RowDecided
from kedge.engine.trading.decide import Outcome, decide
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.differences import Difference, differences
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.setup import Adopt, MakeBook, make_book, make_desk, same_universe

Numbered = tuple[int, Record]

BROKEN: Final = (KeyError, IndexError, ValueError, TypeError, AssertionError, ArithmeticError)
"""What folding or deciding may raise on records that no engine wrote in this order."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found.

    Attributes:
        records: that were read.
        events: fed to the engine.
        decisions: compared with what was derived.
        rows: of them, decided rows with their forecasts.
        trusted: records before the first one that was asked for: folded, not derived.
        starts: processes that wrote the journal.
        changes: parameters beyond the first.
        torn: decisions that a process did not write any more before it died, at most one
            known for each death.
        recorded: platforms on which the journal was written.
        platform: on which it was replayed.
        first: the first difference, None where there is none.
        largest: of floats, on another platform than the journal's; None where there is none.
    """

    records: int
    events: int
    decisions: int
    rows: int
    trusted: int
    starts: int
    changes: int
    torn: int
    recorded: tuple[str, ...]
    platform: str
    first: Difference | None
    largest: Difference | None

    @property
    def same_platform(self) -> bool:
        """Whether floats had to be the same."""
        return all(each == self.platform for each in self.recorded)

    @property
    def equal(self) -> bool:
        """Whether every decision was derived again: each bit on the same platform.

        On another one floats may differ, and `largest` says by how much.
        """
        return self.first is None or (not self.same_platform and not self.first.exact)


def replay(
    records: Iterable[Numbered],
    adopt: Adopt,
    platform: str,
    *,
    book: MakeBook = make_book,
    start: int = 1,
    step: Callable[[int], None] | None = None,
) -> Verdict:
    """Derive a journal's decisions again.

    Args:
        records: of the journal, from its first, in order; only read.
        adopt: makes of its parameters what they stand for.
        platform: fingerprint of this machine's numbers.
        book: makes the book of the desk.
        start: the first record to derive; those before are folded as they stand.
        step: told of each record that was read.

    Raises:
        JournalError: it has no beginning or no parameters.
        InputError: its parameters cannot be used here.
    """
    head, opened, parameters = _head(iter(records))
    desk = make_desk(opened.lineage, parameters, adopt, book)
    if not same_universe(opened, desk.universe):
        raise JournalError(
            "the parameters are of other instruments than the journal", f"record {head[0][0]}"
        )
    derivation, number = _Derivation(desk, platform, start), 0
    for number, record in _chained(head, records):
        derivation.take(number, record)
        if step is not None:
            step(number)
        if derivation.over:
            break
    return derivation.verdict(number)


def _head(records: Iterator[Numbered]) -> tuple[list[Numbered], Opened, Parameters]:
    """What comes up to the first parameters: with them the desk is made."""
    head: list[Numbered] = []
    for number, record in records:
        head.append((number, record))
        if not isinstance(head[0][1], Opened):
            raise JournalError(
                f"begins with {type(record).__name__} and not with what it refers to",
                f"record {number}",
                "give the whole journal, from its first segment",
            )
        if isinstance(record, Parameters):
            return head, head[0][1], record
    raise JournalError(
        "it holds no parameters to derive decisions from",
        "journal",
        "only sessions that record their parameters can be replayed",
    )


def _chained(head: list[Numbered], rest: Iterable[Numbered]) -> Iterator[Numbered]:
    """The head again, and then what its reader has not taken yet."""
    yield from head
    last = head[-1][0]
    yield from (each for each in rest if each[0] > last)


class _Derivation:
    """How far a replay has come.

    Args:
        desk: before the first record.
        platform: ours.
        start: first record to derive.
    """

    def __init__(self, desk: Desk, platform: str, start: int) -> None:
        self._desk, self._platform, self._start = desk, platform, start
        self._coming: Iterator[Outcome] | None = None
        self._count: Counter[str] = Counter()
        self._recorded: dict[str, None] = {}
        self._first: Difference | None = None
        self._largest: Difference | None = None

    @property
    def over(self) -> bool:
        """After a difference that no platform explains, everything else only follows from it."""
        return self._first is not None and (self._first.exact or self._home)

    @property
    def _home(self) -> bool:
        return all(each == self._platform for each in self._recorded)

    def take(self, number: int, record: Record) -> None:
        """Feed an event, or compare a decision."""
        self._count["records"] += 1
        try:
            self._take(number, record)
        except BROKEN as error:
            what = f"{type(record).__name__} cannot follow: {type(error).__name__}: {error}"
            self._note(Difference(number, what, True))

    def _take(self, number: int, record: Record) -> None:
        if isinstance(record, Opened):
            self._recorded.setdefault(record.platform)
            evolve(self._desk, record)
        elif isinstance(record, Decided):
            self._decision(number, record)
        else:
            # A history that is fed before the first start goes on without saying so.
            self._end(number, isinstance(record, Started) or self._desk.restarts == 0)
            if not self.over:
                self._event(number, record)

    def _event(self, number: int, event: Event) -> None:
        if isinstance(event, Started):
            self._count["starts"] += 1
            self._recorded.setdefault(event.platform)
        self._count["parameters"] += isinstance(event, Parameters)
        evolve(self._desk, event)
        if number < self._start:
            self._count["trusted"] += 1
            return
        self._count["events"] += 1
        if self._desk.way is None:
            raise AssertionError("a desk that is made of parameters knows its way")
        self._coming = decide(self._desk, event, self._desk.way)

    def _decision(self, number: int, recorded: Decided) -> None:
        if self._coming is None:
            self._trust(number, recorded)
            return
        self._count["decisions"] += 1
        self._count["rows"] += isinstance(recorded, RowDecided)
        outcome = next(self._coming, None)
        if outcome is None:
            what = f"{type(recorded).__name__} recorded, nothing more derived"
            self._note(Difference(number, what, True))
            return
        derived, bytes_ = outcome[0], encode(recorded)
        # A whole number in a float's place is read back as a float.
        if encode(derived) != bytes_ and encode(decode(encode(derived))) != bytes_:
            self._compare(number, recorded, derived)
        evolve(self._desk, derived)

    def _trust(self, number: int, recorded: Decided) -> None:
        """A decision of an event before the first one to derive."""
        if self._start == 1:
            what = f"{type(recorded).__name__} recorded before any event"
            self._note(Difference(number, what, True))
        self._count["trusted"] += 1
        evolve(self._desk, recorded)

    def _compare(self, number: int, recorded: Decided, derived: Decided) -> None:
        found = False
        for difference in differences(number, recorded, derived, self._desk):
            found = True
            self._note(difference)
        if not found:
            what = f"{type(recorded).__name__}: other bytes for the same values"
            self._note(Difference(number, what, True))

    def _end(self, number: int, died: bool) -> None:
        """The records of an event are over: so must be what follows from it."""
        missing = None if self._coming is None else next(self._coming, None)
        self._coming = None
        if missing is None:
            return
        if died:
            self._count["torn"] += 1
            return
        what = f"{type(missing[0]).__name__} derived before it, not recorded"
        self._note(Difference(number, what, True))

    def _note(self, difference: Difference) -> None:
        """Keep the first, or on another platform the first that it does not explain."""
        home, first = self._home, self._first
        if first is None or (not home and difference.exact and not first.exact):
            self._first = difference
        if not home and not difference.exact:
            largest = self._largest
            if largest is None or difference.size > largest.size:
                self._largest = difference

    def verdict(self, last: int) -> Verdict:
        """What was found; decisions that are missing after record ``last`` were torn off."""
        try:
            if not self.over:
                self._end(last, True)
        except BROKEN as error:
            what = f"the decisions after it cannot follow: {type(error).__name__}: {error}"
            self._note(Difference(last, what, True))
        count = self._count
        return Verdict(
            records=count["records"],
            events=count["events"],
            decisions=count["decisions"],
            rows=count["rows"],
            trusted=count["trusted"],
            starts=count["starts"],
            changes=max(0, count["parameters"] - 1),
            torn=count["torn"],
            recorded=tuple(self._recorded),
            platform=self._platform,
            first=self._first,
            largest=self._largest,
        )
