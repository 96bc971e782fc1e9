"""Waiting, clocks and budgets: the rules of a connection without a connection."""

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import SECOND, Budget, Limit
from kedge.data.streams.budget_file import BudgetFile
from kedge.data.streams.connection import Close, Connection, Open, Phase, Send
from kedge.data.streams.lines import LINES
from kedge.data.streams.skew import SkewMeter


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_wait_lies_below_a_ceiling_that_doubles_to_a_most(failures: int, uniform: float) -> None:
    backoff = Backoff(SECOND, 60 * SECOND)
    ceiling = min(60 * SECOND, SECOND * 2 ** (failures - 1))
    assert backoff.wait(failures, uniform) == int(uniform * ceiling) < ceiling


def live(protocol: str = "okx", **more: dict[str, int]) -> Connection:
    connection = Connection(LINES[protocol], ["A", "B"], 0, **more)  # type: ignore[arg-type]
    assert connection.tick(0, 0.5) == (Open(LINES[protocol].url),)
    assert any(isinstance(a, Send) for a in connection.opened(1))
    return connection


def test_silent_connection_is_closed_and_opened_again() -> None:
    connection = live("binance")
    silence = LINES["binance"].silence_ns
    assert connection.next_deadline() == 1 + silence
    assert connection.tick(silence, 0.5) == ()
    assert connection.tick(1 + silence, 0.5) == (Close("silent"),)
    assert connection.phase == Phase.WAITING
    assert connection.tick(connection.next_deadline(), 0.5) == (Open(LINES["binance"].url),)


def test_ping_is_sent_when_nothing_is_heard() -> None:
    connection, line = live("okx"), LINES["okx"]
    connection.heard(5)
    assert connection.next_deadline() == 5 + line.ping_ns
    assert connection.tick(5 + line.ping_ns, 0.5) == (Send(b"ping"),)
    assert connection.tick(6 + line.ping_ns, 0.5) == ()


def test_one_silent_symbol_among_talking_ones_is_noticed() -> None:
    connection = live("okx", watch_ns={"A": 10 * SECOND})
    for at in range(1, 11):
        connection.heard(at * SECOND, "B")
    assert connection.tick(11 * SECOND, 0.5) == (Close("A silent"),)


def test_long_connection_resets_the_count_of_failures() -> None:
    connection = live()
    connection.closed("gone", 2, 0.5)
    assert connection.failures == 1
    connection.tick(connection.next_deadline(), 0.5)
    connection.closed("refused", SECOND, 0.5)
    assert connection.failures == 2
    connection.tick(connection.next_deadline(), 0.5)
    connection.opened(2 * SECOND)
    connection.closed("gone", 200 * SECOND, 0.5)
    assert connection.failures == 1


def test_socket_that_never_opens_is_given_up() -> None:
    connection = Connection(LINES["okx"], ["A"], 0)
    connection.tick(0, 0.5)
    assert connection.tick(connection.next_deadline(), 0.5) == (Close("not opened in time"),)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=16))
def test_clock_skew_is_known_to_half_the_shortest_round_trip(ways: list[tuple[int, int]]) -> None:
    meter, true = SkewMeter(), 1_260_000_000
    for i, (there, back) in enumerate(ways):
        sent = i * 10**10
        meter.answered(sent, sent + there + true, sent + there + back)
        meter.seen(sent + true, sent + back)
    found, floor = meter.estimate(), meter.floor
    assert found is not None
    assert floor is not None
    assert abs(found.offset - true) <= found.error + 1
    assert floor <= true


def test_clock_that_was_never_asked_about_is_unknown() -> None:
    meter = SkewMeter()
    meter.answered(10, 5, 9)
    assert meter.estimate() is None


@given(st.lists(st.tuples(st.integers(0, SECOND), st.integers(1, 40)), max_size=60))
def test_no_window_holds_more_than_twice_the_limit_and_the_rate_holds_over_time(
    asks: list[tuple[int, int]],
) -> None:
    budget, now, spent = Budget(Limit(100, 10 * SECOND)), 0, 0
    for passed, weight in asks:
        now += passed
        if budget.take(weight, now) == 0:
            spent += weight
    assert spent <= 100 + 100 * now / (10 * SECOND)


def test_budget_says_how_long_to_wait() -> None:
    budget = Budget(Limit(10, 10 * SECOND))
    assert budget.take(10, 0) == 0
    wait = budget.take(3, 0)
    assert wait == 3 * SECOND
    assert budget.take(3, wait - 1) > 0
    assert budget.take(3, wait) == 0


def test_host_that_says_more_is_used_is_believed() -> None:
    budget = Budget(Limit(6000, 60 * SECOND))
    budget.answered(200, {"x-mbx-used-weight-1m": "5990"}, 0)
    assert budget.take(20, 0) > 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7), ({}, 60), ({"retry-after": "soon"}, 60),
     ({"Retry-After": "Thu, 01 Jan 1970 00:00:30 GMT"}, 30)],
)  # fmt: skip
@pytest.mark.parametrize("status", [418, 429])
def test_ban_lasts_as_long_as_the_host_says(
    status: int, headers: dict[str, str], seconds: int
) -> None:
    budget = Budget(Limit(100, SECOND))
    assert budget.answered(status, headers, 0) == seconds * SECOND
    budget.answered(429, {"Retry-After": "1"}, 1)  # a shorter ban lifts none
    assert budget.take(1, seconds * SECOND - 1) > 0
    assert budget.take(1, seconds * SECOND) == 0


def _spend(folder: Path, granted: "multiprocessing.Queue[int]") -> None:
    budget = Budget(Limit(50, 10**6 * SECOND), BudgetFile(folder))
    granted.put(sum(budget.take(1, 1) == 0 for _ in range(40)))


def test_processes_share_the_budget_of_a_host(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    granted = context.Queue()
    workers = [context.Process(target=_spend, args=(tmp_path, granted)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert granted.get() + granted.get() == 50


def test_damaged_budget_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "budget.json").write_bytes(b"\xff")
    assert Budget(Limit(1, SECOND), BudgetFile(tmp_path)).take(1, 0) == 0


def test_a_clock_that_was_set_leaves_its_old_bounds_behind() -> None:
    meter = SkewMeter()
    meter.answered(0, 8_000_000_001, 2)  # eight seconds ahead, by the quickest answer of all
    assert meter.estimate().offset == 8_000_000_000
    meter.answered(1_000_000_000, 1_050_000_000, 1_100_000_000)
    assert meter.estimate().offset == 0
    meter.answered(2_000_000_000, 2_010_000_000, 2_030_000_000)  # still the same clock
    assert meter.estimate().offset == -5_000_000
