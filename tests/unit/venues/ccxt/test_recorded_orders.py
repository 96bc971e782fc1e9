"""Orders, fills and balances of the exchanges, as they once told them, read as reports.

The recorded private messages of Bybit and OKX are of contracts; here they are told of spot,
and are otherwise as they came.
"""

import json
from decimal import Decimal

import pytest

from asked_stage import NAME, NOW, ORDERS, coin, desk
from kedge.domain.report import (
    Accepted,
    Balances,
    End,
    Ended,
    Filled,
    FillsThrough,
    Found,
    NoAnswer,
    OpenOrders,
    Rejected,
    Triggered,
)
from recorded import samples

MS = 10**6
COINS = {0: coin(), 1: coin("APEX", tick="0.001", lot="0.1"), 2: coin("ETH")}


def recorded(venue, name):
    return json.loads(dict(samples(venue))[name])


def of_spot(message):
    """The same message, told of a spot market."""
    for each in message["data"]:
        if "instId" in each:
            each |= {"instType": "SPOT", "instId": each["instId"].removesuffix("-SWAP")}
        else:
            each["category"] = "spot"
    return message


def told_by(name, *messages, coins=None, answers=None, known=()):
    """Reports of what an account's stream brings."""

    async def heard(made):
        for each in known:
            made.told.name(*each)
        return await made.hear(*messages)

    return desk(name, heard, coins or COINS, answers)[1]


def triggered(key, name, ms):
    return Triggered(key, name, ms * MS, NOW)


def accepted(key, order, at, venue_id):
    return Accepted(key, order, at * MS, NOW, venue_id)


def ended(key, order, at, why, lots):
    return Ended(key, order, at * MS, NOW, why, lots)


@pytest.mark.parametrize(
    ("message", "reports"),
    [
        (
            "ws_account_order.json",
            [
                accepted(0, "client-1", 1700000005000, "abcdef123456"),
                ended(0, "client-1", 1700000005000, End.CANCELLED, 0),
            ],
        ),
        (
            "ws_account_order_filled.json",
            [
                accepted(0, "test-client-order-001", 1672364262457,
                         "5cf98598-39a7-459e-97bf-76ca765ee020"),
                triggered(0, "test-client-order-001", 1672364262457),  # it has a trigger
                ended(0, "test-client-order-001", 1672364262457, End.FILLED, 10_000),
            ],
        ),
        (
            "ws_account_order_stop_market.json",
            [accepted(0, "test-client-stop-market-001", 1672364262457, "test-stop-market-001")],
        ),
        (
            "ws_account_order_partially_filled_rejected.json",
            [
                accepted(1, "O-20251001-164609-APEX-000-49", 1672364262457,
                         "5cf98598-39a7-459e-97bf-76ca765ee021"),
                ended(1, "O-20251001-164609-APEX-000-49", 1672364262457, End.EXPIRED, 500),
            ],
        ),
    ],
)  # fmt: skip
def test_an_order_of_bybit(message, reports):
    assert told_by("bybit", of_spot(recorded("bybit", message))) == reports


@pytest.mark.parametrize("message", ["ws_account_order.json", "ws_account_execution.json"])
def test_what_happens_to_contracts_at_bybit_is_not_told_of_a_coin_of_the_same_name(message):
    assert told_by("bybit", recorded("bybit", message)) == []


def test_a_fill_of_bybit():
    """The recorded fee stands in no coin, as a fee of a sale that is taken from what it brings."""
    first, fill = told_by("bybit", of_spot(recorded("bybit", "ws_account_execution.json")))
    assert first == Accepted(
        0, "test-order-link-001", 1746270400353 * MS, NOW, "9aac161b-8ed6-450d-9cab-c5cc67c21784"
    )
    assert fill == Filled(
        key=0, order="test-order-link-001", at=1746270400353 * MS, received=NOW,
        venue_id="9aac161b-8ed6-450d-9cab-c5cc67c21784",
        trade="0ab1bdf7-4219-438b-b30a-32ec863018f7", side=-1, lots=50_000, ticks=9_590_010,
        fee=2_637_252_750, maker=False, base=9_590_010,
    )  # fmt: skip


def test_a_fee_of_bybit_is_in_the_coin_that_it_names():
    message = of_spot(recorded("bybit", "ws_account_execution.json"))
    message["data"][0] |= {"side": "Buy", "execFee": "0.0005", "feeCurrency": "BTC"}
    fill = told_by("bybit", message)[-1]
    assert (fill.paid_in, fill.paid) == ("BTC", Decimal("0.0005"))
    assert fill.fee == round(Decimal("0.0005") * Decimal("95900.1") * 10**8)


def test_answers_of_bybit_about_orders_and_fills():
    answers = {
        "order/realtime": recorded("bybit", "http_get_orders_realtime.json"),
        "execution/list": recorded("bybit", "http_get_executions.json"),
    }

    async def asked(made):
        await made.orders.open_orders()
        await made.orders.fills_since("ETH/USDT:1672282800000")
        return made.told.take()

    rest, *fills, through = desk("bybit", asked, {2: coin("ETH", lot="0.001")}, answers)[1]
    assert rest == OpenOrders(2, "", NOW, NOW, (
        ("client-open-1", "open-order-1", 2, 1, 10, 0),
        ("client-open-2", "open-order-2", 2, -1, 10, 0),
    ))  # fmt: skip
    fill = next(each for each in fills if isinstance(each, Filled))
    assert (fill.order, fill.trade) == ("test-order-002", "f1dce92e-1g29-6977-a526-dg420c6ecb4c")
    assert (fill.side, fill.lots, fill.ticks, fill.fee) == (-1, 500, 300_000, 90_000_000)
    assert not fill.maker
    assert isinstance(through, FillsThrough)


def test_an_order_of_bybit_that_is_over_is_found_in_the_history():
    answers = {"order/history": recorded("bybit", "http_get_orders_history.json")}
    made, _ = desk("bybit", lambda d: d.orders.query(0, "client-1"), COINS, answers)
    assert made.told.take() == [
        Found(0, "client-1", 1700000005000 * MS, NOW, "abcdef123456", False, 0, False)
    ]


WALLETS = {
    "bybit": ({"wallet-balance": recorded("bybit", "http_get_wallet_balance.json")},
              {0: coin()}, (("USDT", 100_050_000_000),), ()),
    "okx": ({"account/balance": recorded("okx", "http_get_account_balance.json")},
            {0: coin()}, (("USDT", 9_989_469_657),), ()),
    "coinbase": ({"accounts": recorded("coinbase", "http_accounts.json")},
                 {0: coin("BTC", "USD", lot="0.00000001")},
                 (("USD", 10_450_500_000),), ((0, 123_956_789),)),
    "kraken": (
        {"BalanceEx": {"error": [], "result": {
            "USDT": {"balance": "200000.00", "hold_trade": "450.0"},
            "XBT": {"balance": "0.5", "hold_trade": "0"}}}},
        {0: coin()}, (("USDT", 20_000_000_000_000),), ((0, 50_000),)),
}  # fmt: skip
"""Answers, instruments, and cash and positions that come of them, what is held back included."""


@pytest.mark.parametrize("name", WALLETS)
def test_what_an_account_holds(name):
    answers, coins, cash, positions = WALLETS[name]
    made, _ = desk(name, lambda d: d.orders.balances(), coins, answers)
    (told,) = made.told.take()
    assert isinstance(told, Balances)
    assert told.positions == positions
    assert told.cash == cash


OKX = {0: coin(tick="0.1", lot="0.0001")}


def test_a_fill_and_the_end_of_an_order_of_okx():
    reports = told_by("okx", of_spot(recorded("okx", "ws_orders.json")), coins=OKX)
    name, number = "001BTCUSDT20250106001", "2497956918703120384"
    assert reports == [
        accepted(0, name, 1746947317402, number),
        Filled(
            key=0, order=name, at=1746947317402 * MS, received=NOW, venue_id=number,
            trade="1518905529", side=1, lots=300, ticks=1_036_989, fee=2_177_677, maker=True,
            base=1_036_989,
        ),
        ended(0, name, 1746947317402, End.FILLED, 300),
    ]  # fmt: skip


def test_a_fee_of_okx_is_what_this_fill_cost_and_not_the_whole_order():
    message = of_spot(recorded("okx", "ws_orders.json"))
    message["data"][0] |= {"fillFee": "-0.00001", "fillFeeCcy": "BTC", "fillSz": "0.01"}
    fill = next(each for each in told_by("okx", message, coins=OKX) if isinstance(each, Filled))
    assert (fill.paid_in, fill.paid) == ("BTC", Decimal("0.00001"))
    assert fill.fee > 0


def test_a_fill_of_okx_without_its_fee_is_not_booked_as_free():
    message = of_spot(recorded("okx", "ws_orders.json"))
    message["data"][0] |= {"fillSz": "0.01"}
    reports = told_by("okx", message, coins=OKX)
    assert not [each for each in reports if isinstance(each, Filled)]
    assert "does not tell its fee" in next(e for e in reports if isinstance(e, NoAnswer)).why


def test_stops_of_okx_rest_and_end_and_the_order_that_one_places_is_that_stop():
    algos = of_spot(recorded("okx", "ws_orders_algo.json"))
    child = of_spot(recorded("okx", "ws_orders_trigger.json"))
    reports = told_by("okx", algos, child, coins=OKX)
    assert {each.order for each in reports if isinstance(each, Accepted)} == {
        f"STOP00{i}BTCUSDT20250120" for i in range(1, 6)
    }
    touched, number = "STOP003BTCUSDT20250120", "706620792746729474"
    assert [each for each in reports if isinstance(each, Ended)] == [
        ended(0, "STOP004BTCUSDT20250120", 1737400300000, End.CANCELLED, 0),
        ended(0, touched, 1737400200100, End.FILLED, 100),
    ]
    (fill,) = [each for each in reports if isinstance(each, Filled)]
    assert (fill.order, fill.venue_id, fill.trade) == (touched, number, "1518905530")
    assert (fill.side, fill.lots, fill.ticks, fill.fee) == (-1, 100, 1_019_500, 2_039_000)


def algo(**more):
    (first, *_) = of_spot(recorded("okx", "ws_orders_algo.json"))["data"]
    return {"code": "0", "data": [{**first, "algoClOrdId": "k00c0ffeex1x0", **more}], "msg": ""}


NOT_THERE = {"code": "51603", "data": [], "msg": "Order does not exist"}


def test_a_stop_of_okx_is_found_among_the_stops():
    answers = {"trade/order-algo": algo(), "trade/order": NOT_THERE}
    made, _ = desk("okx", lambda d: d.orders.query(0, NAME), OKX, answers)
    (found,) = made.told.take()
    assert found == Found(0, NAME, 1737400000000 * MS, NOW, "706620792746729472", True, 0, False)


def test_a_stop_of_okx_that_was_touched_is_what_its_order_is():
    child = of_spot(recorded("okx", "ws_orders_trigger.json"))["data"][0]
    fill = {"instId": "BTC-USDT", "tradeId": "1518905530", "ordId": child["ordId"], "side": "sell",
            "fillPx": "101950", "fillSz": "0.01", "fee": "-0.02039", "feeCcy": "USDT",
            "execType": "T", "ts": "1737400200100", "clOrdId": ""}  # fmt: skip

    def order(asked):
        mine = asked.said.get("ordId") == child["ordId"]
        return {"code": "0", "data": [child], "msg": ""} if mine else NOT_THERE

    answers = {
        "trade/order-algo": algo(algoId="706620792746729474", state="effective",
                                 ordId="", ordIdList=[child["ordId"]]),
        "trade/order": order,
        "fills-history": {"code": "0", "data": [fill], "msg": ""},
    }  # fmt: skip
    made, _ = desk("okx", lambda d: d.orders.query(0, NAME), OKX, answers)
    first, filled, found = made.told.take()
    assert (first.order, first.venue_id) == (NAME, "706620792746729474")
    assert (filled.order, filled.venue_id, filled.lots) == (NAME, "706620792746729474", 100)
    assert filled.fee == 2_039_000
    assert found == Found(0, NAME, 1737400200100 * MS, NOW, "706620792746729474", False, 100, False)
    asked = next(each for each in made.asked if "fills-history" in each.path)
    assert asked.said["ordId"] == child["ordId"]


def test_a_stop_of_okx_whose_order_is_not_told_of_yet_is_no_answer():
    answers = {"trade/order-algo": algo(state="effective"), "trade/order": NOT_THERE}
    made, _ = desk("okx", lambda d: d.orders.query(0, NAME), OKX, answers)
    assert [type(each) for each in made.told.take()] == [NoAnswer]


def test_orders_and_stops_of_okx_that_rest():
    pending = of_spot(recorded("okx", "http_get_orders_pending.json"))
    stops = of_spot(recorded("okx", "http_get_orders_algo_pending.json"))
    none = {"code": "0", "data": [], "msg": ""}
    answers = {
        "orders-pending": pending,
        "orders-algo-pending": lambda a: stops if a.said["ordType"] == "conditional" else none,
    }
    made, _ = desk("okx", lambda d: d.orders.open_orders(), OKX, answers)
    (rest,) = made.told.take()
    assert rest.orders == (
        ("client-order-1", "1234567890123456789", 0, 1, 1_000, 0),
        ("client_algo_1", "123456789", 0, 1, 10_000, 0),
    )


def test_a_refused_stop_of_okx():
    answers = {"order-algo": recorded("okx", "http_place_algo_order_rejected.json")}
    made, _ = desk("okx", lambda d: d.submit(ORDERS["stop"]), COINS, answers)
    (refused,) = made.told.take()
    assert (type(refused), refused.code) == (Rejected, "51000")
    assert refused.text == "Parameter instId error"


USD = {0: coin("BTC", "USD"), 2: coin("ETH", "USD", lot="0.0001")}


def test_an_order_of_coinbase():
    message = recorded("coinbase", "ws_user.json")
    number = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
    (first,) = told_by("coinbase", message, coins=USD)
    assert first == accepted(0, "11111-000000-000001", 1775572195123, number)


def test_the_fills_of_an_order_of_coinbase_are_asked_for_before_its_end_is_told():
    message = recorded("coinbase", "ws_user.json")
    order = message["events"][0]["orders"][0]
    order |= {"order_id": "0000-000000-000000", "status": "FILLED", "cumulative_quantity": "0.005",
              "leaves_quantity": "0"}  # fmt: skip
    answers = {"historical/fills": recorded("coinbase", "http_fills.json")}
    first, fill, end = told_by("coinbase", message, coins=USD, answers=answers)
    assert (first.order, end.order) == ("11111-000000-000001",) * 2
    assert fill == Filled(
        key=0, order="11111-000000-000001", at=1705314600000 * MS, received=NOW,
        venue_id="0000-000000-000000", trade="1111-11111-111111", side=1, lots=500,
        ticks=4_512_345, fee=1_140_000, maker=True, base=4_512_345,
    )  # fmt: skip
    assert (end.why, end.filled) == (End.FILLED, 500)


def test_a_part_of_an_order_of_coinbase_is_not_taken_for_the_whole():
    message = recorded("coinbase", "ws_user.json")
    message["events"][0]["orders"][0] |= {"status": "CANCELLED", "leaves_quantity": "0.001"}
    end = told_by("coinbase", message, coins=USD)[-1]
    assert (end.why, end.filled) == (End.CANCELLED, 0)


def test_orders_of_coinbase_that_rest():
    answers = {"historical/batch": recorded("coinbase", "http_orders_list.json")}
    made, _ = desk("coinbase", lambda d: d.orders.open_orders(), {0: USD[0]}, answers)
    (rest,) = made.told.take()
    assert rest.orders[0] == ("11111-000000-000001", "0000-000000-000001", 0, 1, 1_000, 0)


KRAKEN = {0: coin(tick="0.1", lot="0.00000001"), 2: coin("ETH", lot="0.00000001")}


def kraken_row(**more):
    """A row of Kraken's stream of executions."""
    row = {"order_id": "O26VBY-ISGAE-JP5TLU", "order_userref": 0, "cl_ord_id": NAME,
           "timestamp": "2025-10-11T15:11:47.695226Z", **more}  # fmt: skip
    return {"channel": "executions", "type": "update", "data": [row]}


PLACED = kraken_row(
    symbol="BTC/USDT", exec_type="new", order_status="new", order_qty=0.5, cum_qty=0, side="buy"
)


def test_an_order_of_kraken_is_ours_by_our_id_and_ends_though_its_market_is_not_named():
    end = kraken_row(order_status="canceled", exec_type="canceled", cum_qty=0, cum_cost=0)
    quiet = {"channel": "heartbeat"}
    reports = told_by("kraken", PLACED, end, quiet, quiet, coins=KRAKEN)
    assert reports == [
        accepted(0, NAME, 1760195507695, "O26VBY-ISGAE-JP5TLU"),
        ended(0, NAME, 1760195507695, End.CANCELLED, 0),
    ]


def test_a_fill_of_kraken_with_every_fee():
    trade = kraken_row(
        symbol="BTC/USDT", exec_type="trade", exec_id="TCCCTY", trade_id=1001, side="buy",
        last_qty="0.5", last_price="29500.5", liquidity_ind="m", order_status="partially_filled",
        fees=[{"asset": "USDT", "qty": "20"}, {"asset": "USDT", "qty": "3.6"}],
    )  # fmt: skip
    _, fill = told_by("kraken", PLACED, trade, coins=KRAKEN)
    assert (fill.order, fill.trade, fill.venue_id) == (NAME, "TCCCTY", "O26VBY-ISGAE-JP5TLU")
    assert (fill.side, fill.lots, fill.ticks, fill.maker) == (1, 50_000_000, 295_005, True)
    assert fill.fee == 2_360_000_000


@pytest.mark.parametrize("turned", [False, True])
def test_rows_of_one_message_of_kraken_are_what_each_says(turned):
    trade = kraken_row(
        symbol="BTC/USDT", exec_type="trade", exec_id="TCCCTY", side="buy", last_qty="0.5",
        last_price="29500.5", liquidity_ind="t", order_status="filled", cum_qty="0.5",
        fees=[{"asset": "USDT", "qty": "23.6"}],
    )  # fmt: skip
    end = kraken_row(exec_type="filled", order_status="filled", cum_qty="0.5")
    trade["data"] += end["data"]
    if turned:
        trade["data"].reverse()
    first, fill, over = told_by("kraken", PLACED, trade, coins=KRAKEN)
    assert (first.order, fill.order, over.order) == (NAME, NAME, NAME)
    assert (fill.lots, fill.fee, fill.maker) == (50_000_000, 2_360_000_000, False)
    assert (over.why, over.filled) == (End.FILLED, 50_000_000)


def with_our_id(answer, part):
    answer["result"][part]["O26VBY-ISGAE-JP5TLU" if part == "open" else "O5KZFT-GH3AD-LP6TLU"][
        "cl_ord_id"
    ] = NAME
    return answer


def test_an_order_of_kraken_that_rests_is_found_by_our_id_and_strangers_have_none():
    open_ = with_our_id(recorded("kraken", "http_open_orders.json"), "open")

    async def asked(made):
        await made.orders.query(0, NAME)
        await made.orders.open_orders()
        return made.told.take()

    found, rest = desk("kraken", asked, KRAKEN, {"OpenOrders": open_})[1]
    assert found == Found(0, NAME, 1688583840864 * MS, NOW, "O26VBY-ISGAE-JP5TLU", True, 0, False)
    assert rest.orders == (
        (NAME, "O26VBY-ISGAE-JP5TLU", 0, 1, 50_000_000, 0),
        ("", "OYEQF4-FDE4C-NMUYUI", 2, -1, 100_000_000, 0),
    )


def test_an_order_of_kraken_that_is_over_tells_its_fills_first():
    history = recorded("kraken", "http_trades_history.json")["result"]["trades"]
    trade = history["TCCCTY-WJ6EO-4FP4VZ"] | {"ordertxid": "O5KZFT-GH3AD-LP6TLU"}
    closed = with_our_id(recorded("kraken", "http_closed_orders.json"), "closed")
    order = closed["result"]["closed"]["O5KZFT-GH3AD-LP6TLU"] | {"trades": ["TCCCTY-WJ6EO-4FP4VZ"]}
    answers = {
        "ClosedOrders": closed,
        "QueryOrders": {"error": [], "result": {"O5KZFT-GH3AD-LP6TLU": order}},
        "QueryTrades": {"error": [], "result": {"TCCCTY-WJ6EO-4FP4VZ": trade}},
    }
    made, _ = desk("kraken", lambda d: d.orders.query(0, NAME), KRAKEN, answers)
    _, fill, found = made.told.take()
    assert (fill.order, fill.trade, fill.lots) == (NAME, "TCCCTY-WJ6EO-4FP4VZ", 50_000_000)
    assert (fill.ticks, fill.fee, fill.maker) == (295_005, 2_360_000_000, True)
    assert found == Found(
        0, NAME, 1688590000543 * MS, NOW, "O5KZFT-GH3AD-LP6TLU", False, 50_000_000, False
    )
