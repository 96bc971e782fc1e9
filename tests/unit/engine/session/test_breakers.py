"""A tripped breaker is said: the mode is ACTIVE, and yet nothing is bought."""

from typing import cast

import pytest

from at_desk import AtDesk
from kedge.domain import state as o
from kedge.engine.session.breakers import breaker_words
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.status import Told, Watcher
from kedge.engine.session.timings import Timings
from kedge.engine.trading.market import MarketSide


@pytest.fixture
def at() -> AtDesk:
    at = AtDesk()
    at.desk.book.state.K[o.K_ENDED] = 7
    return at


def test_nothing_is_said_while_none_is_tripped(at: AtDesk) -> None:
    assert breaker_words(at.desk) == ""


@pytest.mark.parametrize(
    ("place", "session", "says"),
    [
        (o.K_BAN_DAY, 7, "loss reached 0.05 of its opening equity: no new risk in this session"),
        (o.K_BAN_DAY, 6, ""),
        (o.K_BAN_LOSSES, 8, "5 losses in a row: no new risk in this session and the next"),
        (o.K_BAN_LOSSES, 7, "5 losses in a row: no new risk in this session"),
        (o.K_BAN_LOSSES, 6, ""),
        (o.K_HALTED, 1, "everything is closed, nothing is opened until it is resumed"),
    ],
)
def test_each_is_said_as_long_as_it_forbids(at: AtDesk, place: int, session: int, says: str):
    params = at.desk.book.decision.program.params
    params.P[o.P_DAILY_LOSS], params.Q[o.Q_LOSSES] = 0.05, 5
    at.desk.book.state.K[place] = session
    assert breaker_words(at.desk).endswith(says)
    assert bool(breaker_words(at.desk)) == bool(says)


def test_the_status_says_it_beside_the_mode(at: AtDesk) -> None:
    at.desk.book.state.K[o.K_BAN_DAY] = 7
    told = Told("session", "simulated", False, 1.0, 10**9)
    timings = Timings()
    chronicle = Chronicle(at.desk.universe.instruments, timings, lambda fill: False)
    market = cast(MarketSide, type("Quiet", (), {"feeds": lambda *_: (), "books": ()})())
    status = Watcher(told, at.desk, market, at.engine.way.rules, chronicle, timings).status(at.now)
    assert status.mode == "ACTIVE"
    assert "no new risk in this session" in status.why
