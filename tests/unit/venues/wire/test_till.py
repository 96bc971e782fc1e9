"""Where a served exchange takes its fees: every figure that it tells agrees with the others."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.domain.errors import ConfigError
from kedge.domain.order import Order, OrderType
from kedge.domain.report import Filled, Rejected
from kedge.interfaces.cli.main import main
from kedge.venues.simulated.requests import Submit
from kedge.venues.wire.asked import Asked
from kedge.venues.wire.order_texts import executed, held, placed, traded
from kedge.venues.wire.orders import my_trades
from kedge.venues.wire.restore import reopened
from kedge.venues.wire.state import State
from kedge.venues.wire.world import World

SECOND = 10**9
LOT, RATE = Decimal("0.00001"), Decimal("0.001")


def world(fees_in, seed=1):
    symbols = ("BTCUSDT", "BNBUSDT")
    return World(symbols=symbols, start=1_700_000_000 * SECOND, seed=seed, fees_in=fees_in)


def opened(fees_in, log=id):
    floor = world(fees_in).open(log)
    floor.run(floor.now + 30 * SECOND)
    return floor


def trade(floor, name, side, lots, limit=0):
    kind = OrderType.LIMIT if limit else OrderType.MARKET
    return floor.ask(Submit(Order(name, 0, side, lots, type=kind, limit=limit)))


def totals(floor):
    """Free and locked together, by asset."""
    return {row["asset"]: Decimal(row["free"]) + Decimal(row["locked"]) for row in held(floor)}


def trades(floor):
    return my_trades(floor, Asked.from_http("symbol=BTCUSDT&limit=1000", ""))


def expected(floor, start):
    """Balances that follow from what the trades say alone."""
    found = dict(start)
    for told in trades(floor):
        side = 1 if told["isBuyer"] else -1
        found["BTC"] += side * Decimal(told["qty"])
        found["USDT"] -= side * Decimal(told["quoteQty"])
        found[told["commissionAsset"]] -= Decimal(told["commission"])
    return found


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(["quote", "bought", "BNB"]),
    st.lists(st.tuples(st.sampled_from([1, 1, -1]), st.integers(100, 9_000)), min_size=1),
)
def test_balances_follow_from_the_trades_to_the_last_decimal(fees_in, wanted) -> None:
    floor = opened(fees_in)
    start = totals(floor)
    for n, (side, lots) in enumerate(wanted):
        trade(floor, f"a-{n}", side, lots)
        floor.run(floor.now + SECOND)
    assert totals(floor) == expected(floor, start)
    assert all(amount >= 0 for amount in totals(floor).values())


@pytest.mark.parametrize(
    ("fees_in", "coins"), [("quote", "USDT USDT"), ("bought", "BTC USDT"), ("BNB", "BNB BNB")]
)
def test_the_coin_is_the_same_wherever_a_fill_is_told(fees_in, coins) -> None:
    floor = opened(fees_in)
    reports = []
    floor.hear = lambda ticket, report: reports.append((ticket, report))
    trade(floor, "a", 1, 1_234)
    trade(floor, "b", -1, 1_000)
    spot = floor.keyed[0]
    told = [traded(fill, spot) for fill in floor.tickets.fills[0]]
    sides = {each["isBuyer"]: each["commissionAsset"] for each in told}
    assert f"{sides[True]} {sides[False]}" == coins
    answers = [
        part
        for name in "ab"
        for part in placed(floor.tickets.named(0, name), spot, "FULL")["fills"]
    ]
    streamed = [executed(t, spot, r) for t, r in reports if isinstance(r, Filled)]
    of = [(each["commission"], each["commissionAsset"]) for each in told]
    assert [(each["commission"], each["commissionAsset"]) for each in answers] == of
    assert [(each["n"], each["N"]) for each in streamed] == of


def test_a_purchase_pays_a_part_of_itself_and_a_sale_cash() -> None:
    floor = opened("bought")
    trade(floor, "a", 1, 1_234)
    (told,) = trades(floor)
    assert Decimal(told["commission"]) == 1_234 * LOT * RATE == Decimal("0.00001234")
    assert totals(floor)["BTC"] == Decimal("0.01232766")
    assert totals(floor)["USDT"] == 100_000 - Decimal(told["quoteQty"])


def test_what_a_fee_took_cannot_be_sold() -> None:
    floor = opened("bought")
    trade(floor, "a", 1, 1_234)
    for lots in (1_234, 1_233):
        (no,) = trade(floor, f"b-{lots}", -1, lots)
        assert isinstance(no, Rejected)
        assert no.code == "-2010"
        assert "insufficient balance" in no.text
    trade(floor, "c", -1, 1_232)
    assert totals(floor)["BTC"] == Decimal("0.00000766")


def test_all_of_the_cash_can_be_spent_where_the_fee_is_no_cash() -> None:
    for fees_in, refused in (("quote", True), ("bought", False)):
        floor = opened(fees_in)
        price = 5_000_000  # below the market: it rests, and locks 100,000
        (answer,) = trade(floor, "a", 1, 200_000, price)
        assert isinstance(answer, Rejected) == refused


def test_without_enough_of_its_coin_a_fee_is_taken_as_if_there_were_none() -> None:
    floor = opened("BNB")
    floor.ask(Submit(Order("bnb", 1, -1, 9_990, type=OrderType.MARKET)))
    left = totals(floor)["BNB"]
    assert 0 < left < Decimal("0.01")
    trade(floor, "a", 1, 20_000)
    trade(floor, "b", -1, 10_000)
    assert {told["commissionAsset"] for told in trades(floor)} >= {"BTC", "USDT"}
    assert 0 <= totals(floor)["BNB"] <= left


@pytest.mark.parametrize("fees_in", ["bought", "BNB"])
def test_it_survives_the_server(tmp_path, fees_in) -> None:
    state = State(tmp_path, world(fees_in))
    wall = state.world.start + 60 * SECOND
    floor, pace = reopened(state, wall, 1.0)
    for n in range(20):
        floor.run(pace.at(wall + n * SECOND))
        best = floor.venue.exchange.matchers[0].halves[1].best
        trade(floor, f"a-{n}", 1 if n % 3 else -1, 333 + n, best if n % 2 else 0)
    floor.run(pace.at(wall + 200 * SECOND))
    state.close()
    again, _ = reopened(State(tmp_path, world(fees_in)), wall + 200 * SECOND, 1.0)
    assert trades(again) == trades(floor) != []
    assert held(again) == held(floor)


def test_a_state_is_of_one_way_to_take_fees(tmp_path) -> None:
    State(tmp_path, world("bought")).close()
    with pytest.raises(ConfigError, match="other fees"):
        State(tmp_path, world("quote"))


@pytest.mark.parametrize("words", ["nothing", "bnb", ""])
def test_a_coin_that_has_no_price_here_is_refused(words, capsys) -> None:
    with pytest.raises(ConfigError, match="--fees-in"):
        world(words).open()
    assert main(["venue", "serve", "--port", "0", "--history", "0", "--fees-in", words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
