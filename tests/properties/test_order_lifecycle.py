"""Whatever a faulty venue says of an order, in the end we know what it knows."""

import heapq
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.domain.decided import CancelAsked, QueryAsked
from kedge.domain.report import End, Ended, Filled, Found, NotFound, Rejected, Unsent
from kedge.execution.deadlines import NEVER_DUE, Terms, absence, deadline, due_action
from kedge.execution.lifecycle import (
    Cancelling,
    Contradiction,
    Done,
    Ending,
    Placed,
    State,
    Unknown,
    Why,
    advance,
    existed,
)
from kedge.execution.seen import Seen, Sight
from orders import (
    ID,
    S,
    accepted,
    cancel_refused,
    ended,
    filled,
    found,
    no_answer,
    order,
    placed,
    rejected,
    triggered,
    unsent,
)

LOTS = 10
TERMS = Terms()
WINDOW = 5 * S
WAIT = absence(TERMS, WINDOW, 0)
CALM = 120 * S
"""Faults stop here."""


class FaultyVenue:
    """One order at a venue that loses, repeats and delays messages up to `CALM`."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = Random(seed)
        self.mail: list[tuple[int, int, Any]] = []
        self.sent = 0
        self.faults = rng.random() * 0.8
        self.arrives = int(rng.random() ** 3 * WINDOW) if rng.random() < 0.85 else None
        self.refused = rng.random() < 0.1
        self.open = False
        self.seen = False
        self.filled: list[Filled] = []
        self.ends = self.rng.randrange(30 * S) if rng.random() < 0.3 else None
        self.next_fill = rng.randrange(60 * S)

    @property
    def total(self) -> int:
        return sum(fill.lots for fill in self.filled)

    def post(self, report: Any, now: int, *, may_vanish: bool = True) -> None:
        """Deliver a report later, perhaps never, perhaps twice."""
        faulty = now < CALM and self.rng.random() < self.faults
        copies = self.rng.choice((0, 1, 2, 1)) if faulty else 1
        for _ in range(copies if may_vanish else max(1, copies)):
            delay = self.rng.randrange(8 * S) if faulty else self.rng.randrange(1, S // 10)
            self.sent += 1
            heapq.heappush(self.mail, (now + delay, self.sent, report))

    def work(self, now: int) -> None:
        """Whatever happens at the venue by ``now``."""
        if not self.seen and self.arrives is not None and now >= self.arrives:
            self.seen = True
            self.open = not self.refused
            self.post(rejected(now) if self.refused else accepted(at=now), now)
        while self.open and now >= self.next_fill and now < CALM:
            lots = min(self.rng.randint(1, 4), LOTS - self.total)
            self.filled.append(filled(lots, str(len(self.filled)), at=now))
            self.post(self.filled[-1], now)
            self.next_fill = now + self.rng.randrange(1, 40 * S)
            self.open = self.total < LOTS
        if self.open and self.ends is not None and now >= self.ends:
            self.end(now)

    def end(self, now: int) -> None:
        self.open = False
        told = self.total if self.rng.random() < 0.7 else -1
        self.post(ended(told, at=now), now)

    def cancel(self, now: int) -> None:
        if now < CALM and self.rng.random() < self.faults:
            self.post(no_answer(now), now)
        elif self.open:
            self.end(now)
        else:
            self.post(cancel_refused(now), now)

    def query(self, now: int) -> None:
        if now < CALM and self.rng.random() < self.faults:
            return self.post(no_answer(now), now)
        if not self.seen:
            return self.post(NotFound(0, ID, now, now, now), now)
        for fill in self.filled:
            heapq.heappush(self.mail, (now, self.sent, fill))
            self.sent += 1
        answer = found(self.total, is_open=self.open, refused=self.refused, at=now)
        self.sent += 1
        heapq.heappush(self.mail, (now + 1, self.sent, answer))
        return None


def watched(state: State, thing: Any) -> tuple[State, bool]:
    """One transition, checked: what holds for every order whatever comes."""
    result = advance(state, thing, WAIT)
    believed = not isinstance(result, Contradiction)
    then = result.then if isinstance(result, Contradiction) else result
    before = 0 if isinstance(state, Placed) else state.filled
    after = 0 if isinstance(then, Placed) else then.filled
    taken = thing.lots if isinstance(thing, Filled) and believed else 0
    assert after == before + taken <= LOTS
    assert not existed(state) or existed(then)
    if isinstance(then, Done) and not isinstance(state, Done):
        assert isinstance(thing, Filled | Ended | Found | NotFound | Rejected | Unsent)
        assert then.why is not Why.ABSENT or (isinstance(thing, NotFound) and not existed(state))
    return then, believed


def played(seed: int, cancel_at: int | None) -> tuple[FaultyVenue, State]:
    """An order's whole life: the engine acts on deadlines, on reports and at two instants."""
    venue, state, seen, now = FaultyVenue(seed), placed(lots=LOTS), Seen(), 0
    asks: dict[int, Any] = {200 * S: QueryAsked, 400 * S: QueryAsked}
    if cancel_at is not None:
        asks[cancel_at] = CancelAsked
    current: State = state
    while now < 900 * S:
        mail = venue.mail[0][0] if venue.mail else NEVER_DUE
        now = max(now, min([*asks, deadline(current, TERMS), mail, now + 5 * S]))
        venue.work(now)
        thing: Any = due_action(current, now, TERMS)
        if thing is None and asks and min(asks) <= now:
            thing = asks.pop(min(asks))(now, ID)
        if thing is None and venue.mail and venue.mail[0][0] <= now:
            thing = heapq.heappop(venue.mail)[2]
            if isinstance(thing, Filled) and seen.look(thing) is not Sight.NEW:
                continue
        if thing is None:
            continue
        current, believed = watched(current, thing)
        if isinstance(thing, Filled) and believed:
            seen.note(thing)
        if isinstance(thing, CancelAsked):
            venue.cancel(now)
        elif isinstance(thing, QueryAsked):
            venue.query(now)
    return venue, current


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.none() | st.integers(0, 100 * S))
def test_once_faults_stop_we_know_what_the_venue_knows(seed: int, cancel_at: int | None) -> None:
    venue, state = played(seed, cancel_at)
    assert not isinstance(state, Placed | Unknown | Ending)
    assert state.filled == venue.total
    assert isinstance(state, Done) != venue.open
    if cancel_at is not None:
        assert not venue.open


THINGS = st.one_of(
    st.builds(accepted, st.sampled_from(["v1", "v2", ""])),
    st.just(rejected()), st.just(triggered()), st.just(cancel_refused()), st.just(no_answer()),
    st.just(unsent()),
    st.builds(filled, st.integers(-1, 12), st.just("t"), side=st.sampled_from([1, -1]),
              venue_id=st.sampled_from(["v1", "v2", ""]), ticks=st.integers(-1, 3)),
    st.builds(ended, st.integers(-3, 12), st.sampled_from(list(End))),
    st.builds(found, st.integers(-2, 12), is_open=st.booleans(), refused=st.booleans(),
              v=st.sampled_from(["v1", "v2", ""])),
    st.builds(lambda at: NotFound(0, ID, at, at, at), st.integers(0, 20 * S)),
    st.builds(lambda at: CancelAsked(at, ID), st.integers(0, 20 * S)),
    st.builds(lambda at: QueryAsked(at, ID), st.integers(0, 20 * S)),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(THINGS, max_size=25), st.booleans())
def test_no_sequence_of_lies_breaks_an_order(things: list[Any], stop: bool) -> None:
    start = order(lots=LOTS, trigger=90, reduce_only=True) if stop else order(lots=LOTS)
    state: State = Placed(start, 0)
    for thing in things:
        state, _ = watched(state, thing)
        waits = deadline(state, TERMS) < NEVER_DUE
        assert waits == isinstance(state, Placed | Cancelling | Unknown | Ending)
