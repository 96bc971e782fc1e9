"""What a session that flattens at its end leaves for its next start."""

from types import SimpleNamespace

from at_desk import AtDesk
from kedge.domain import state as o
from kedge.domain.control import Asked, Mode, Verb
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.engine.session.ending import ending


class Ends:
    """A driver that puts what the end asks for before a desk, and something else before it."""

    def __init__(self, at: AtDesk) -> None:
        self._at = at
        self.shell = SimpleNamespace(desk=at.desk)
        self.now, self.flat, self.idle = 0, True, True
        self.before_stop = lambda: None

    def ask(self, verb: Verb, who: str) -> None:
        if verb is Verb.STOP:
            self.before_stop()
        self._at.take(Asked(self._at.now, verb, who))
        self.now += 1


def ended(driver: Ends) -> None:
    for over in ending(driver, "flatten", 1):
        driver.now += 1
        assert over()


def test_a_session_that_was_active_trades_at_its_next_start() -> None:
    at = AtDesk()
    ended(Ends(at))
    assert (at.desk.mode, at.desk.flattening) == (Mode.ACTIVE, False)


def test_the_drawdown_stop_waits_for_somebody_to_resume() -> None:
    at = AtDesk()
    at.desk.book.state.K[o.K_HALTED] = 1
    ended(Ends(at))
    assert at.desk.book.halted
    assert at.desk.mode is Mode.HALTED


def test_a_kill_that_comes_meanwhile_stays() -> None:
    at = AtDesk()
    driver = Ends(at)
    driver.before_stop = lambda: at.take(Asked(at.now, Verb.KILL, "uid 1 pid 2"))
    ended(driver)
    assert (at.desk.mode, at.desk.killed) == (Mode.HALTED, True)


def test_a_contradiction_that_comes_meanwhile_stays() -> None:
    at = AtDesk()
    driver = Ends(at)
    foreign = Order("kother-9-0", 0, 1, 5, OrderType.MARKET, TimeInForce.IOC)
    driver.before_stop = lambda: at.filled(foreign, 5)
    ended(driver)
    assert at.desk.mode is Mode.HALTED
    assert "contradicts" in at.desk.why
