"""Clocks of a session: one that waits for the machine, one that does not."""

from kedge.engine.session.clock import SessionClock, WallClock

SECOND = 10**9


class Real:
    """A clock that shows what it is told."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at


def test_the_sessions_clock_goes_on_from_where_the_machine_came() -> None:
    real = Real(5 * SECOND)
    clock = SessionClock(100 * SECOND, 10.0, real)
    real.at += SECOND
    assert clock.now() == 110 * SECOND
    assert clock.until(120 * SECOND) == 1.0
    clock.hold(103 * SECOND)
    assert clock.now() == 103 * SECOND


def test_nothing_holds_the_time_outside() -> None:
    real = Real(5 * SECOND)
    clock = WallClock(real, Real(0))
    assert clock.now() == 5 * SECOND
    real.at += 60 * SECOND
    clock.hold(6 * SECOND)
    assert clock.now() == 65 * SECOND
    assert clock.until(66 * SECOND) == 1.0


def test_a_clock_that_was_set_back_runs_on() -> None:
    real, steady = Real(5 * SECOND), Real(77 * SECOND)
    clock = WallClock(real, steady)
    clock.now()
    real.at, steady.at = 3 * SECOND, 79 * SECOND
    assert clock.now() == 7 * SECOND
    real.at, steady.at = 4 * SECOND, 80 * SECOND
    assert clock.now() == 8 * SECOND
    real.at, steady.at = 9 * SECOND, 81 * SECOND
    assert clock.now() == 9 * SECOND


def test_a_machine_that_slept_has_missed_what_was() -> None:
    real = Real(5 * SECOND)
    clock = WallClock(real, Real(0))
    real.at += 2 * SECOND
    assert not clock.missed(5 * SECOND)
    real.at += 1
    assert clock.missed(5 * SECOND)
    assert not SessionClock(0, 1.0, real).missed(-(10**12))
