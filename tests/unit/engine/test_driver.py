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
        universe = SimpleNamespace(keys=())
        self.desk = SimpleNamespace(
            mode=Mode.ACTIVE, killed=False, flattening=False, universe=universe
        )
        self.lost: list[int] = []
        self.market = SimpleNamespace(wanting=list, lose=lambda: self.lost.append(len(self.turns)))
        self.turns: list[int] = []
        self.asked: list[Asked] = []

    def next_deadline(self) -> int:
        return 2**62

    def start(self, started: object, now: int, changed: object) -> None:
        pass

    def turn(self, now: int, asked: list[Asked], events: list[object]) -> None:
        self.asked += asked
        self.turns.append(now)
        for each in asked:
            self.desk.mode = Mode.HALTED if each.verb is Verb.KILL else Mode.ACTIVE


def driver_of(shell: Turns, hear, room=lambda: True, latch=None) -> Driver:
    latch = latch_in_memory() if latch is None else latch
    exchange = SimpleNamespace(advance=int, market_events=list, stride_ns=SECOND // 5, broke=False)
    return Driver(
        shell, exchange, latch, hear, room,
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


KILL = Asked(5, Verb.KILL, "uid 1 pid 2")
FLATTEN = Asked(6, Verb.FLATTEN, "uid 1 pid 3")


def started(held: tuple[Asked, ...], **desk: object) -> list[Verb]:
    """What is asked at a start before which the latch was closed."""
    latch, shell = latch_in_memory(), Turns()
    latch.close(KILL)
    vars(shell.desk).update(desk)
    driver = driver_of(shell, list, latch=latch)
    driver.start(None, None, held)
    driver.step(SECOND)
    return [each.verb for each in shell.asked]


def test_a_start_takes_up_what_was_asked_for_while_no_session_ran() -> None:
    assert started((KILL, FLATTEN)) == [Verb.KILL, Verb.FLATTEN]
    assert started(()) == [Verb.KILL]


def test_a_flatten_of_a_session_that_was_killed_before_is_not_forgotten() -> None:
    assert started((KILL, FLATTEN), mode=Mode.HALTED, killed=True) == [Verb.FLATTEN]
    assert started((FLATTEN, KILL), mode=Mode.HALTED, flattening=True) == [Verb.KILL]


def test_what_the_journal_knows_is_not_asked_again() -> None:
    done = {"mode": Mode.HALTED, "killed": True, "flattening": True}
    assert started((KILL, FLATTEN), **done) == []
    assert started((), mode=Mode.HALTED, killed=True) == []


def test_a_stop_with_a_wrong_token_is_handed_on_to_be_journaled() -> None:
    shell = Turns()
    refused = Asked(0, Verb.STOP, "uid 9 pid 9", granted=False)
    driver = driver_of(shell, lambda: [refused])
    driver.step(SECOND)
    assert [(each.verb, each.granted) for each in shell.asked] == [(Verb.STOP, False)]
    assert driver.stop == ""
