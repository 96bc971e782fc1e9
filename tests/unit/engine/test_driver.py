"""What a session's driver asks for in the session's own name."""

from types import SimpleNamespace

from kedge.domain.control import Asked, Mode, Verb
from kedge.engine.latch import latch_in_memory
from kedge.engine.session.driver import NO_ROOM, Driver
from kedge.engine.session.timings import Timings

SECOND = 10**9


class Turns:
    """A shell that does what it is asked and notes it."""

    def __init__(self) -> None:
        self.desk = SimpleNamespace(mode=Mode.ACTIVE)
        self.lost: list[int] = []
        self.market = SimpleNamespace(wanting=list, lose=lambda: self.lost.append(len(self.turns)))
        self.turns: list[int] = []
        self.asked: list[Asked] = []

    def next_deadline(self) -> int:
        return 2**62

    def turn(self, now: int, asked: list[Asked], events: list[object]) -> None:
        self.asked += asked
        self.turns.append(now)
        for each in asked:
            self.desk.mode = Mode.HALTED if each.verb is Verb.KILL else Mode.ACTIVE


def driver_of(shell: Turns, hear, room=lambda: True) -> Driver:
    exchange = SimpleNamespace(advance=int, market_events=list, stride_ns=SECOND // 5, broke=False)
    return Driver(
        shell, exchange, latch_in_memory(), hear, room,
        SimpleNamespace(next_change=lambda at: 2**62), lambda at: None, Timings(), 0,
    )  # fmt: skip


def driven(room: list[bool], heard: list[Asked]) -> list[tuple[Verb, str]]:
    """What was asked in three steps, the second of which hears something."""
    shell, hearing = Turns(), iter([[], heard, []])
    driver = driver_of(shell, lambda: next(hearing), lambda: room[0])
    for step in range(1, 4):
        driver.step(step * SECOND)
    return [(each.verb, each.who) for each in shell.asked]


def test_a_journal_without_room_kills_the_session_once() -> None:
    assert driven([False], []) == [(Verb.KILL, NO_ROOM)]


def test_who_resumes_it_without_having_made_room_is_overruled() -> None:
    resumed = Asked(0, Verb.RESUME, "somebody", True)
    asked = driven([False], [resumed])
    assert asked == [(Verb.KILL, NO_ROOM), (Verb.RESUME, "somebody"), (Verb.KILL, NO_ROOM)]


def test_with_room_nothing_is_asked() -> None:
    assert driven([True], []) == []


def test_a_market_that_nobody_watched_is_believed_in_nothing() -> None:
    shell = Turns()
    driver = driver_of(shell, list)
    driver.step(SECOND)
    driver.miss(100 * SECOND)
    driver.step(100 * SECOND + SECOND // 10)
    assert shell.lost == [1]  # before the next turn
    assert shell.turns == [SECOND // 5, 100 * SECOND + SECOND // 10]
