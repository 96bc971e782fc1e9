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
        self.market = SimpleNamespace(wanting=list)
        self.asked: list[Asked] = []

    def next_deadline(self) -> int:
        return 2**62

    def turn(self, now: int, asked: list[Asked], events: list[object]) -> None:
        self.asked += asked
        for each in asked:
            self.desk.mode = Mode.HALTED if each.verb is Verb.KILL else Mode.ACTIVE


def driven(room: list[bool], heard: list[Asked]) -> list[tuple[Verb, str]]:
    """What was asked in three steps, the second of which hears something."""
    shell, exchange = (
        Turns(),
        SimpleNamespace(advance=int, market_events=list, stride_ns=SECOND // 5, broke=False),
    )
    hearing = iter([[], heard, []])
    driver = Driver(
        shell, exchange, latch_in_memory(), lambda: next(hearing), lambda: room[0],
        SimpleNamespace(next_change=lambda at: 2**62), lambda at: None, Timings(), 0,
    )  # fmt: skip
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
