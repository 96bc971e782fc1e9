"""What a venue may say and cannot mean: kept, said aloud, not believed; new risk stops."""

import pytest

from at_desk import PRICE, AtDesk, of_kind
from kedge.domain.control import Mode
from kedge.domain.decided import Adjusted, Intent, Odd, OrderApproved, QueryAsked
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import Accepted, Balances, Filled, OpenOrders

STOP = 9_500
LOTS = 4_000
ITS_ID = "811"
"""What the venue calls the stop."""
NEVER_SENT = Order("k00000003-63-0", 0, 1, LOTS, OrderType.LIMIT, TimeInForce.GTC, limit=PRICE)


def holding() -> tuple[AtDesk, Order]:
    """A position, and its stop, which rests."""
    at = AtDesk()
    at.hold(LOTS, STOP)
    stop = at.stop()
    assert stop is not None
    at.told(Accepted, stop.order, venue_id=ITS_ID)
    return at, stop.order


def fill(at: AtDesk, order: Order, **fields: object) -> list[object]:
    """A fill of everything, but for what is said otherwise."""
    plain = {"venue_id": ITS_ID, "trade": "99", "side": order.side, "lots": order.lots,
             "ticks": PRICE, "fee": 0, "maker": False, "base": PRICE}  # fmt: skip
    return list(at.told(Filled, order, **(plain | fields)))


def assert_not_believed(at: AtDesk, found: list[object]) -> None:
    assert of_kind(found, Odd)
    assert at.desk.positions == [LOTS]
    assert at.desk.mode is Mode.REDUCING
    assert not [r for r in of_kind(found, OrderApproved) if not r.order.protective]
    assert not of_kind(found, Intent)


def test_a_fill_of_an_order_that_was_never_sent():
    at, _ = holding()
    assert_not_believed(at, fill(at, NEVER_SENT))


@pytest.mark.parametrize("more", [1, LOTS, 2**62])
def test_a_fill_larger_than_its_order(more: int):
    at, stop = holding()
    found = fill(at, stop, lots=stop.lots + more)
    assert_not_believed(at, found)
    assert of_kind(found, QueryAsked), "the venue is asked what is so"


@pytest.mark.parametrize("field", ["lots", "ticks"])
@pytest.mark.parametrize("value", [0, -1, -(2**62)])
def test_a_fill_of_nothing_or_at_no_price(field: str, value: int):
    at, stop = holding()
    assert_not_believed(at, fill(at, stop, **{field: value}))


@pytest.mark.parametrize("fields", [{"side": 1}, {"venue_id": "another"}])
def test_a_fill_of_the_other_side_or_of_another_order_of_the_venue(fields: dict[str, object]):
    at, stop = holding()
    assert_not_believed(at, fill(at, stop, **fields))


@pytest.mark.parametrize("back", [1, 10**9, 10**18])
def test_reports_of_an_earlier_time_do_not_turn_the_clock_back(back: int):
    at, stop = holding()
    now = at.desk.at
    at.take(Accepted(0, stop.id, now - back, now - back, ITS_ID))
    assert at.desk.at == now
    assert at.desk.positions == [LOTS]


@pytest.mark.parametrize("lots", [0, LOTS + 1, -LOTS, 2**62])
@pytest.mark.parametrize("cash", [0, -1, 2**62])
def test_balances_that_are_lies_move_nothing(lots: int, cash: int):
    at, _ = holding()
    money = at.desk.book.cash()
    for _ in range(3):
        at.now += 70 * 10**9
        positions = ((0, lots),) if lots else ()
        found = at.take(Balances(0, "", at.now, at.now, (("USDT", cash),), positions))
        assert not of_kind(found, Adjusted)
        assert not [r for r in of_kind(found, OrderApproved) if not r.order.protective]
    assert at.desk.positions == [LOTS]
    assert at.desk.book.cash() == money


def test_balances_of_instruments_and_currencies_that_nobody_here_trades_are_nobodys_business():
    at, _ = holding()
    other = (("XYZ", 10**30), *at.desk.book.cash().items())
    found = at.take(Balances(0, "", at.now, at.now, other, ((0, LOTS),)))
    assert found == []


def test_an_order_at_the_venue_that_nobody_here_sent_stops_new_risk():
    at, stop = holding()
    rows = tuple((o.id, ITS_ID, 0, o.side, o.lots, 0) for o in (NEVER_SENT, stop))
    found = at.take(OpenOrders(0, "", at.now, at.now, rows))
    assert of_kind(found, Odd)
    assert at.desk.mode is Mode.REDUCING
    assert at.desk.positions == [LOTS]


@pytest.mark.parametrize(
    "lie", [{"ticks": 2**53}, {"ticks": 2**62}, {"fee": 2**56}, {"fee": -(2**62)}]
)
def test_a_fill_that_moves_more_than_an_account_can_count(lie: dict[str, int]) -> None:
    at, stop = holding()
    cash = at.desk.book.cash()
    assert_not_believed(at, fill(at, stop, **lie))
    assert at.desk.book.cash() == cash


def test_a_large_fill_is_believed_as_long_as_it_can_be_counted() -> None:
    at, stop = holding()
    assert not of_kind(fill(at, stop, ticks=2**30), Odd)
    assert at.desk.positions == [0]


def test_a_fill_that_nobody_can_tell_from_a_forgotten_one_is_said_aloud() -> None:
    at, stop = holding()
    at.desk.seen.keep = 1
    at.filled(stop, 1, venue_id=ITS_ID)
    at.filled(stop, 1, venue_id=ITS_ID)
    held = at.desk.positions[0]
    old = {"venue_id": ITS_ID, "trade": "0", "side": stop.side, "lots": 1, "ticks": PRICE,
           "fee": 0, "maker": False, "base": PRICE}  # fmt: skip
    found = at.take(Filled(stop.key, stop.id, 0, at.now, **old))
    assert "too old" in of_kind(found, Odd)[0].what
    assert at.desk.positions == [held]
