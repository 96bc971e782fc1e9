"""What a start says of what it brought back, and of what the venue answered."""

import pytest

from at_desk import PRICE, AtDesk, of_kind
from kedge.domain.control import Asked, Mode, Started, Verb
from kedge.domain.decided import QueryAsked
from kedge.domain.report import Balances, FillsThrough, OpenOrders
from kedge.engine.session.recovered import Compared, Recovered, recovered_lines

FOUND = Recovered(2_600, 787, 0.064)


def texts(at: AtDesk, shut: bool = False) -> list[str]:
    return [text for text, _ in recovered_lines(FOUND, at.desk, shut)]


def holding() -> AtDesk:
    """4,000 lots with a stop that the venue has."""
    at = AtDesk()
    at.hold(4_000, 9_500)
    stop = at.stop()
    assert stop is not None
    at.accepted(stop.order)
    return at


def restarted(at: AtDesk) -> Compared:
    compared = Compared(at.desk)
    at.take(Started(at.now + 1, "simulated", "here", 0))
    return compared


def answer(at: AtDesk, lots: int) -> None:
    """The venue tells what rests there, all fills, and what the account holds."""
    at.now += 1_000_000
    now, book = at.now, at.desk.book
    stop = at.stop()
    assert stop is not None
    name, order = stop.order.id, stop.order
    resting = ((name, name, 0, order.side, order.lots, 0),)
    at.take(OpenOrders(0, "", now, now, resting))
    at.take(FillsThrough(0, "", now, now, "1"))
    at.take(Balances(0, "", now, now, tuple(book.cash().items()), ((0, lots),)))


def test_where_it_came_from_what_it_held_and_what_was_out() -> None:
    at = holding()
    each, stop = at.desk.universe.instruments[0], at.stop()
    assert stop is not None
    source, held, orders, mode = texts(at)
    assert source == (
        "recovered 3,387 records in 0.06 s, 2,600 from a snapshot and 787 from the journal"
    )
    units, code = f"{float(each.lot * 4_000):,.10g}", each.settle
    assert held.startswith(f"it held {units} {each.symbol} and ")
    assert held.endswith(code)
    level = f"{each.tick * stop.order.trigger:,f}"
    assert orders == (
        "1 order may be out, and the venue is asked: "
        f"stop: sell {units} {each.symbol} at {level} or worse"
    )
    assert mode == "it goes on ACTIVE"


def test_of_many_orders_the_first_are_named() -> None:
    at = holding()
    stop = at.stop()
    assert stop is not None
    at.desk.orders |= {str(n): stop for n in range(5)}
    _, _, orders, _ = texts(at)
    assert orders.startswith("6 orders may be out")
    assert orders.count("stop: sell") == 4
    assert orders.endswith("; 2 more")


def test_nothing_to_recover_is_said_too() -> None:
    at = AtDesk()
    _, held, orders, _ = texts(at)
    assert held.startswith("it held no positions and ")
    assert orders == "no orders were out"
    assert Recovered(0, 1, 0.5).source == "recovered 1 record in 0.50 s, all from the journal"


def test_a_killed_session_stays_killed_and_says_why() -> None:
    at = holding()
    at.take(Asked(at.now + 1, Verb.KILL, "uid 7"))
    assert (at.desk.mode, at.desk.killed) == (Mode.HALTED, True)
    text, grave = recovered_lines(FOUND, at.desk, True)[-1]
    assert grave
    assert text.startswith("it stays killed until `kedge resume`: ")
    assert at.desk.why in text


def test_a_latch_that_was_closed_while_nothing_ran_is_said() -> None:
    text, grave = recovered_lines(FOUND, AtDesk().desk, True)[-1]
    assert (text, grave) == ("it was killed while no session ran, until `kedge resume`", True)


def test_what_the_venue_answers_is_said_once() -> None:
    at = holding()
    compared = restarted(at)
    assert compared.lines() == []
    answer(at, 4_000)
    said = (
        "compared with the venue: positions and cash are equal; of 1 order 1 at work there, 0 over"
    )
    assert compared.lines() == [(said, False)]
    answer(at, 4_000)
    assert compared.lines() == []


@pytest.mark.parametrize(("lots", "word"), [(4_100, "more"), (3_900, "less")])
def test_a_difference_is_said_before_it_is_cleared_up(lots: int, word: str) -> None:
    at = holding()
    compared = restarted(at)
    answer(at, lots)
    each = at.desk.universe.instruments[0]
    units = f"{float(each.lot * 100):,.10g} {each.symbol}"
    text, grave = compared.lines()[0]
    assert grave
    assert text == f"the venue holds {units} {word} than is recorded: its fills are asked for"
    assert compared.lines() == []
    answer(at, 4_000)
    assert compared.lines()[0][0].startswith(
        "compared with the venue: positions and cash are equal"
    )


def test_orders_that_nobody_knows_of_yet_are_counted_apart() -> None:
    at = AtDesk()
    at.hold(4_000, 9_500)  # the venue has not said that it has the stop
    compared = restarted(at)
    at.quote(PRICE, PRICE + 2, 60 * 10**9)
    assert of_kind(at.quote(PRICE, PRICE + 2, 60 * 10**9), QueryAsked)
    now, book = at.now, at.desk.book
    at.take(FillsThrough(0, "", now, now, "1"))
    at.take(Balances(0, "", now, now, tuple(book.cash().items()), ((0, 4_000),)))
    [(text, _)] = compared.lines()
    assert text.endswith("of 1 order 0 at work there, 0 over, 1 still asked for")
