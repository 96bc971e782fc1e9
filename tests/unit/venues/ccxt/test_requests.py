"""What ccxt's own client sends to each exchange for what the engine asks of the adapter."""

import pytest

from asked_stage import NAME, NOW, ORDERS, desk
from kedge.data.streams.budget import SECOND
from kedge.domain.errors import ConfigError
from kedge.domain.record import encode
from kedge.domain.redact import HIDDEN, remember
from kedge.domain.report import (
    Accepted,
    CancelRefused,
    FillsThrough,
    Found,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
)
from kedge.venues.ccxt.client import Access, client_of
from kedge.venues.ccxt.exchanges import EXCHANGES

CANARY = "CANARYKEY" * 5
PLACED = {
    "bybit": {"order/create": {"retCode": 0, "result": {"orderId": "V1", "orderLinkId": NAME}}},
    "okx": {
        "trade/order-algo": {"code": "0", "data": [{"algoId": "V1", "sCode": "0"}]},
        "trade/order": {"code": "0", "data": [{"ordId": "V1", "sCode": "0"}]},
    },
    "coinbase": {
        "brokerage/orders": {
            "success": True,
            "success_response": {"order_id": "V1", "product_id": "BTC-USDT", "side": "BUY"},
        }
    },
    "kraken": {
        "AddOrder": {
            "error": [],
            "result": {"descr": {"order": "buy 0.01 XBTUSDT @ limit 50000"}, "txid": ["V1"]},
        },
    },
}
OURS = {"bybit": ("orderLinkId", NAME), "okx": ("clOrdId", NAME.replace("-", "x")),
        "coinbase": ("client_order_id", NAME), "kraken": ("cl_ord_id", NAME)}  # fmt: skip
SENT = {
    "bybit": {
        "market": {"side": "Sell", "orderType": "Market", "qty": "0.01", "marketUnit": "baseCoin"},
        "limit": {"side": "Buy", "orderType": "Limit", "price": "50000", "timeInForce": "GTC"},
        "post-only": {"timeInForce": "PostOnly"},
        "ioc": {"timeInForce": "IOC"},
        "fok": {"timeInForce": "FOK"},
        "stop": {"orderFilter": "StopOrder", "triggerPrice": "40000", "orderType": "Market"},
        "stop-limit": {"orderFilter": "StopOrder", "triggerPrice": "40000", "price": "39000"},
    },
    "okx": {
        "market": {"side": "sell", "ordType": "market", "sz": "0.01", "tgtCcy": "base_ccy"},
        "limit": {"side": "buy", "ordType": "limit", "px": "50000", "tdMode": "cash"},
        "post-only": {"ordType": "post_only"},
        "ioc": {"ordType": "ioc"},
        "fok": {"ordType": "fok"},
        "stop": {
            "ordType": "conditional", "slTriggerPx": "40000", "slOrdPx": "-1",
            "algoClOrdId": NAME.replace("-", "x"), "tdMode": "cash", "sz": "0.01",
        },
        "stop-limit": {"ordType": "conditional", "slTriggerPx": "40000", "slOrdPx": "39000"},
    },
    "coinbase": {
        "market": {"side": "SELL", "order_configuration": {"market_market_ioc": {
            "base_size": "0.01"}}},
        "limit": {"side": "BUY", "order_configuration": {"limit_limit_gtc": {
            "base_size": "0.01", "limit_price": "50000", "post_only": False}}},
        "post-only": {"order_configuration": {"limit_limit_gtc": {
            "base_size": "0.01", "limit_price": "50000", "post_only": True}}},
        "ioc": {"order_configuration": {"sor_limit_ioc": {
            "base_size": "0.01", "limit_price": "50000"}}},
        "fok": {"order_configuration": {"limit_limit_fok": {
            "base_size": "0.01", "limit_price": "50000"}}},
        "stop": {"order_configuration": {"stop_limit_stop_limit_gtc": {
            "base_size": "0.01", "limit_price": "38000", "stop_price": "40000",
            "stop_direction": "STOP_DIRECTION_STOP_DOWN"}}},
        "stop-limit": {"order_configuration": {"stop_limit_stop_limit_gtc": {
            "base_size": "0.01", "limit_price": "39000", "stop_price": "40000",
            "stop_direction": "STOP_DIRECTION_STOP_DOWN"}}},
    },
    "kraken": {
        "market": {"type": "sell", "ordertype": "market", "volume": "0.01", "oflags": "fciq"},
        "limit": {"ordertype": "limit", "price": "50000", "timeinforce": "GTC"},
        "post-only": {"ordertype": "limit", "oflags": "fciq,post"},
        "ioc": {"ordertype": "limit", "timeinforce": "IOC"},
        "stop": {"ordertype": "stop-loss", "price": "40000", "volume": "0.01"},
        "stop-limit": {"ordertype": "stop-loss-limit", "price": "40000", "price2": "39000"},
    },
}  # fmt: skip
PATHS = {"bybit": "/v5/order/create", "okx": "/api/v5/trade/order",
         "coinbase": "/api/v3/brokerage/orders", "kraken": "/0/private/AddOrder"}  # fmt: skip
PLACINGS = [(name, kind) for name, kinds in SENT.items() for kind in kinds]


@pytest.mark.parametrize(("name", "kind"), PLACINGS)
def test_an_order_is_placed_as_what_it_is_and_under_our_own_id(name, kind):
    made, _ = desk(name, lambda d: d.submit(ORDERS[kind]), answers=PLACED[name])
    sent = next(each for each in made.asked if each.method == "POST")
    algo = name == "okx" and kind.startswith("stop")
    assert sent.path == PATHS[name] + ("-algo" if algo else "")
    known, text = OURS[name]
    assert sent.said[known] == text
    assert {key: sent.said.get(key) for key in SENT[name][kind]} == SENT[name][kind]
    (accepted,) = made.told.take()
    assert (type(accepted), accepted.order, accepted.venue_id) == (Accepted, NAME, "V1")


def test_an_order_carries_the_instant_after_which_it_is_refused():
    def sent(name, kind="limit"):
        made, _ = desk(name, lambda d: d.submit(ORDERS[kind]), answers=PLACED[name])
        return made, next(each for each in made.asked if each.method == "POST")

    _, bybit = sent("bybit")
    assert bybit.headers["X-BAPI-RECV-WINDOW"] == "5000"
    assert bybit.headers["X-BAPI-TIMESTAMP"] == str(NOW // 10**6)
    assert sent("okx")[1].headers["expTime"] == str(NOW // 10**6 + 5_000)
    assert "expTime" not in sent("okx", "stop")[1].headers
    assert sent("kraken")[1].said["deadline"] == "2025-11-21T11:00:05.000Z"


GONE = {
    "bybit": {"retCode": 170213, "retMsg": "Order does not exist.", "result": {}},
    "okx": {"code": "1", "data": [{"sCode": "51400", "sMsg": "does not exist"}], "msg": ""},
}
CANCELS = {
    "bybit": [
        ("/v5/order/cancel", {"orderLinkId": NAME, "orderFilter": "Order", "symbol": "BTCUSDT"}),
        ("/v5/order/cancel", {"orderLinkId": NAME, "orderFilter": "StopOrder"}),
    ],
    "okx": [
        ("/api/v5/trade/cancel-order", {"clOrdId": "k00c0ffeex1x0", "instId": "BTC-USDT"}),
        ("/api/v5/trade/cancel-algos", {"algoClOrdId": "k00c0ffeex1x0", "instId": "BTC-USDT"}),
    ],
}


@pytest.mark.parametrize("name", CANCELS)
def test_a_cancel_is_tried_as_an_order_and_as_a_stop(name):
    made, _ = desk(name, lambda d: d.orders.cancel(0, NAME), answers={"cancel": GONE[name]})
    sent = [each for each in made.asked if "cancel" in each.path]
    for each, (path, said) in zip(sent, CANCELS[name], strict=True):
        assert each.path == path
        assert {key: each.said[key] for key in said} == said
    (refused,) = made.told.take()
    assert isinstance(refused, CancelRefused)


@pytest.mark.parametrize("name", CANCELS)
def test_an_order_that_is_cancelled_at_once_is_not_tried_as_a_stop(name):
    made, _ = desk(name, lambda d: d.orders.cancel(0, NAME))
    assert len([each for each in made.asked if "cancel" in each.path]) == 1


def test_kraken_cancels_by_our_id():
    made, _ = desk("kraken", lambda d: d.orders.cancel(0, NAME))
    assert made.asked[0].path == "/0/private/CancelOrder"
    assert made.asked[0].said["cl_ord_id"] == NAME
    assert "txid" not in made.asked[0].said


def listed(**more):
    """An order as Coinbase lists it."""
    return {
        "order_id": "V1", "product_id": "BTC-USDT", "side": "BUY", "client_order_id": NAME,
        "order_configuration": {"limit_limit_fok": {"base_size": "0.01", "limit_price": "50000"}},
        "status": "OPEN", "created_time": "2025-11-21T10:59:00Z", "filled_size": "0", **more,
    }  # fmt: skip


def test_coinbase_cancels_by_its_own_id_which_is_looked_up_where_it_is_not_known():
    states = iter(("OPEN", "CANCELLED"))
    answers = {
        "orders/historical/batch": lambda _: {
            "orders": [listed(client_order_id="?"), listed(status=next(states))]
        },
        "batch_cancel": {"results": [{"success": True, "order_id": "V1"}]},
    }
    made, _ = desk("coinbase", lambda d: d.orders.cancel(0, NAME), answers=answers)
    cancel = next(each for each in made.asked if "batch_cancel" in each.path)
    assert cancel.said == {"order_ids": ["V1"]}
    (found,) = made.told.take()
    assert (type(found), found.open, found.venue_id) == (Found, False, "V1")


LOOKS = {
    "bybit": [("/v5/order/realtime", {"orderLinkId": NAME}),
              ("/v5/order/history", {"orderLinkId": NAME})],
    "okx": [("/api/v5/trade/order", {"clOrdId": "k00c0ffeex1x0"}),
            ("/api/v5/trade/order-algo", {"algoClOrdId": "k00c0ffeex1x0"})],
    "coinbase": [("/api/v3/brokerage/orders/historical/batch", {"product_ids": "BTC-USDT"})],
    "kraken": [("/0/private/OpenOrders", {"cl_ord_id": NAME}),
               ("/0/private/ClosedOrders", {"cl_ord_id": NAME})],
}  # fmt: skip
BROKEN = {
    "bybit": {"retCode": 10016, "retMsg": "System error", "result": {}},
    "okx": {"code": "50026", "data": [], "msg": "System error"},
    "coinbase": {"error": "internal", "error_details": "try later"},
    "kraken": {"error": ["EService:Unavailable"]},
}


@pytest.mark.parametrize("name", LOOKS)
def test_an_order_that_nothing_tells_of_is_not_there(name):
    made, _ = desk(name, lambda d: d.orders.query(0, NAME))
    for each, (path, said) in zip(made.asked, LOOKS[name], strict=True):
        assert each.path == path
        assert {key: each.said[key] for key in said} == said
    assert [type(each) for each in made.told.take()] == [NotFound]


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("place", [0, -1])
def test_an_order_is_not_called_absent_while_one_place_gives_no_answer(name, place):
    answers = {LOOKS[name][place][0].rpartition("/")[2]: BROKEN[name]}
    made, _ = desk(name, lambda d: d.orders.query(0, NAME), answers=answers)
    assert [type(each) for each in made.told.take()] == [NoAnswer]


def test_coinbase_looks_to_the_end_of_its_list():
    other = listed(client_order_id="?", product_id="ETH-USDT")
    pages = {
        None: {"orders": [other, listed(client_order_id="?")], "cursor": "next"},
        "next": {"orders": [listed(filled_size="0.004")], "cursor": ""},
    }
    answers = {"orders/historical/batch": lambda asked: pages[asked.said.get("cursor")]}

    made, _ = desk("coinbase", lambda d: d.orders.query(0, NAME), answers=answers)
    assert [each.said.get("cursor") for each in made.asked][:2] == [None, "next"]
    assert [type(each) for each in made.told.take()] == [NoAnswer]  # its fills are not told yet


def since_when(work):
    """From when Coinbase's list was asked for, in the first request and in the next."""
    pages = {None: {"orders": [listed(client_order_id="?")], "cursor": "next"}, "next": {}}
    answers = {"orders/historical/batch": lambda asked: pages[asked.said.get("cursor")]}
    made, _ = desk("coinbase", work, answers=answers)
    return {each.said.get("start_date") for each in made.asked if "batch" in each.path}


def test_coinbase_looks_no_further_back_than_an_order_was_given_out():
    async def asked(d):
        d.told.give(NAME, NOW)
        await d.orders.query(0, NAME)

    assert since_when(asked) == {"2025-11-21T10:58:00.000Z"}


def test_coinbase_looks_for_an_order_of_before_since_the_session_came_to_the_account():
    async def asked(d):
        d.told.begun = d.fills.began(f"BTC/USDT:{NOW // 10**6 - 60_000}/x,ETH/USDT:5/y")
        await d.orders.query(0, NAME)

    assert since_when(asked) == {"2025-11-21T10:57:00.000Z"}
    assert since_when(lambda d: d.orders.query(0, NAME)) == {None}


def test_when_an_order_was_given_out_is_known_of_every_one_that_was_sent():
    made, _ = desk("coinbase", lambda d: d.submit(ORDERS["limit"]), answers=PLACED["coinbase"])
    assert (made.told.given(NAME), made.told.given("k00c0ffee-2-0")) == (NOW, 0)


@pytest.mark.parametrize(
    ("status", "working", "rejected"),
    [("PENDING", True, False), ("QUEUED", True, False), ("CANCEL_QUEUED", True, False),
     ("CANCELLED", False, False), ("EXPIRED", False, False), ("FAILED", False, True)],
)  # fmt: skip
def test_every_state_of_coinbase_says_whether_an_order_works(status, working, rejected):
    answers = {"orders/historical/batch": {"orders": [listed(status=status)]}}
    made, _ = desk("coinbase", lambda d: d.orders.query(0, NAME), answers=answers)
    (found,) = made.told.take()
    assert (found.open, found.rejected) == (working, rejected)


def test_a_state_that_nobody_knows_is_no_answer():
    answers = {"orders/historical/batch": {"orders": [listed(status="DREAMING")]}}
    made, _ = desk("coinbase", lambda d: d.orders.query(0, NAME), answers=answers)
    assert [type(each) for each in made.told.take()] == [NoAnswer]


OPEN = {
    "bybit": [("/v5/order/realtime", {"category": "spot", "limit": "50"})],
    "okx": [
        ("/api/v5/trade/orders-pending", {"instId": "BTC-USDT"}),
        *[("/api/v5/trade/orders-algo-pending", {"ordType": kind})
          for kind in ("conditional", "oco", "trigger")],
    ],
    "coinbase": [("/api/v3/brokerage/orders/historical/batch", {"order_status": "OPEN"})],
    "kraken": [("/0/private/OpenOrders", {})],
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_what_rests_is_asked_for_with_its_stops(name):
    made, _ = desk(name, lambda d: d.orders.open_orders())
    for each, (path, said) in zip(made.asked, OPEN[name], strict=True):
        assert each.path == path
        assert {key: each.said[key] for key in said} == said
    assert [type(each) for each in made.told.take()] == [OpenOrders]


def test_bybit_tells_what_rests_page_by_page():
    def page(asked):
        first = not asked.said.get("cursor")
        rows = range(50) if first else range(50, 53)
        each = {"symbol": "BTCUSDT", "side": "Sell", "qty": "0.01", "orderStatus": "Untriggered"}
        found = [{**each, "orderId": f"V{i}", "orderLinkId": f"k-{i}"} for i in rows]
        return {"retCode": 0, "result": {"list": found, "nextPageCursor": "on" if first else ""}}

    made, _ = desk("bybit", lambda d: d.orders.open_orders(), answers={"realtime": page})
    (told,) = made.told.take()
    assert {row[0] for row in told.orders} == {f"k-{i}" for i in range(53)}


DAYS = 86_400_000
SINCE = NOW // 10**6 - 10 * DAYS
FILLS = {
    "bybit": [
        ("/v5/execution/list", {"startTime": str(SINCE), "endTime": str(SINCE + 7 * DAYS)}),
        ("/v5/execution/list", {"startTime": str(SINCE + 7 * DAYS)}),
    ],
    "okx": [("/api/v5/trade/fills-history", {"begin": str(SINCE), "instType": "SPOT"})],
    "coinbase": [("/api/v3/brokerage/orders/historical/fills", {"product_ids": "BTC-USDT"})],
    "kraken": [("/0/private/TradesHistory", {"start": str(SINCE // 1000 - 1), "ofs": "0"})],
}


@pytest.mark.parametrize("name", FILLS)
def test_fills_are_asked_for_from_the_last_one_on(name):
    made, _ = desk(name, lambda d: d.orders.fills_since(f"BTC/USDT:{SINCE}/x"))
    for each, (path, said) in zip(made.asked, FILLS[name], strict=True):
        assert each.path == path
        assert {key: each.said[key] for key in said} == said
    assert [type(each) for each in made.told.take()] == [FillsThrough]


def executed(count, asked):
    """Bybit's executions, a second apart and the latest first, as many as it gives at once."""
    begin, end = int(asked.said["startTime"]), int(asked.said["endTime"])
    every = [(SINCE + i * 1_000, i) for i in range(count)]
    inside = [pair for pair in reversed(every) if begin <= pair[0] <= end][:100]
    rows = [
        {"symbol": "BTCUSDT", "orderId": "V1", "orderLinkId": NAME, "side": "Buy",
         "execFee": "0.1", "feeCurrency": "USDT", "execId": f"E{i}", "execPrice": "50000",
         "execQty": "0.01", "execType": "Trade", "execTime": str(at), "isMaker": False}
        for at, i in inside
    ]  # fmt: skip
    return {"retCode": 0, "result": {"list": rows, "nextPageCursor": "", "category": "spot"}}


def test_more_fills_than_a_page_holds_are_all_told_in_order():
    answers = {"execution/list": lambda asked: executed(250, asked)}
    made, _ = desk("bybit", lambda d: d.orders.fills_since(f"BTC/USDT:{SINCE}/x"), answers=answers)
    told = made.told.take()
    assert [each.trade for each in told if hasattr(each, "trade")] == [f"E{i}" for i in range(250)]
    assert told[-1].cursor == f"BTC/USDT:{SINCE + 249_000}/E249"


def test_fills_of_one_market_are_told_though_another_fills_the_pages():
    def history(asked):
        ours = {"ordertxid": "V1", "pair": "XXBTZUSDT", "type": "buy", "price": "50000"}
        rows = {
            f"T{i}": {**ours, "time": SINCE / 1000 + i, "vol": "0.01", "fee": "0.1",
                      "pair": "XXBTZUSDT" if i > 55 else "XETHZUSDT"}
            for i in range(60)
        }  # fmt: skip
        begin = int(asked.said["ofs"])
        page = dict(list(rows.items())[begin : begin + 50])
        return {"error": [], "result": {"trades": page, "count": 60}}

    answers = {
        "TradesHistory": history,
        "QueryOrders": {
            "error": [],
            "result": {"V1": {"cl_ord_id": NAME, "status": "closed", "vol": "0.04", "descr": {}}},
        },
    }
    made, _ = desk("kraken", lambda d: d.orders.fills_since(f"BTC/USDT:{SINCE}/x"), answers=answers)
    fills = [each for each in made.told.take() if hasattr(each, "trade")]
    assert [each.trade for each in fills] == ["T56", "T57", "T58", "T59"]
    assert {each.order for each in fills} == {NAME}


def test_fills_of_one_market_of_coinbase_are_told_though_another_comes_as_well():
    def row(i):
        product = "BTC-USDT" if i == 100 else "ETH-USDT"
        return {"trade_id": f"T{i}", "order_id": "V1", "product_id": product, "side": "BUY",
                "price": "50000", "size": "0.01", "commission": "0.1",
                "trade_time": f"2025-11-20T00:{59 - i // 2:02}:{30 * (i % 2):02}Z"}  # fmt: skip

    def fills(asked):
        until = asked.said.get("end_sequence_timestamp", "9")
        rows = [each for each in map(row, range(101)) if each["trade_time"] < until]
        return {"fills": rows[:100], "cursor": ""}

    answers = {"historical/fills": fills, "historical/V1": {"order": listed()}}
    cursor = f"BTC/USDT:{SINCE}/x"
    made, _ = desk("coinbase", lambda d: d.orders.fills_since(cursor), answers=answers)
    told = [each for each in made.told.take() if hasattr(each, "trade")]
    assert [(each.trade, each.order) for each in told] == [("T100", NAME)]


@pytest.mark.parametrize("name", FILLS)
def test_a_first_start_in_an_account_without_fills_begins_now(name):
    _, cursor = desk(name, lambda d: d.fills.cursor())
    assert cursor == f"BTC/USDT:{NOW // 10**6 - 1_000}"


def test_a_stop_that_okx_refuses_within_an_answer_that_is_fine_is_refused():
    no = {"code": "0", "data": [{"algoId": "", "sCode": "51280", "sMsg": "SL trigger price"}]}
    made, _ = desk("okx", lambda d: d.submit(ORDERS["stop"]), answers={"algo": no})
    (refused,) = made.told.take()
    assert (type(refused), refused.code, refused.text) == (Rejected, "51280", "SL trigger price")


@pytest.mark.parametrize(
    ("code", "text"), [("51065", "algoClOrdId already exists."), ("59999", "Duplicated id")]
)
def test_a_stop_whose_id_okx_has_already_is_not_refused(code, text):
    used = {"code": "0", "data": [{"algoId": "", "sCode": code, "sMsg": text}]}
    made, _ = desk("okx", lambda d: d.submit(ORDERS["stop"]), answers={"algo": used})
    assert [(type(each), each.why) for each in made.told.take()] == [(NoAnswer, text)]


ECHOED = {
    "bybit": {"retCode": 10004, "retMsg": f"error sign! origin_string[16{CANARY}5000]"},
    "okx": {"code": "50113", "data": [], "msg": f"Invalid sign of {CANARY}"},
    "coinbase": {"success": False, "error_response": {"error": "X", "message": f"no {CANARY}"}},
    "kraken": {"error": [f"EGeneral:Invalid arguments:{CANARY}"]},
}


@pytest.mark.parametrize("name", ECHOED)
def test_a_secret_that_an_exchange_echoes_is_in_no_report(name):
    remember(CANARY)

    async def everything(made):
        await made.submit(ORDERS["limit"])
        await made.submit(ORDERS["stop"])
        await made.orders.cancel(0, ORDERS["limit"].id)
        await made.orders.query(0, ORDERS["limit"].id)
        await made.orders.open_orders()
        await made.orders.fills_since("")
        await made.orders.balances()

    made, _ = desk(name, everything, answers={"": ECHOED[name]})
    kept = [encode(each) for each in made.told.take()]
    assert len(kept) >= 7
    assert HIDDEN.encode() in b"".join(kept)
    assert not [each for each in kept if CANARY.encode() in each]


@pytest.mark.parametrize("where", ["sMsg", "sCode"])
def test_nor_is_one_within_an_answer_of_okx_that_is_fine(where):
    remember(CANARY)
    one = {"algoId": "", "sCode": "51280", "sMsg": "no", where: CANARY}
    answers = {"algo": {"code": "0", "data": [one]}}
    made, _ = desk("okx", lambda d: d.submit(ORDERS["stop"]), answers=answers)
    (refused,) = made.told.take()
    assert type(refused) is Rejected
    assert CANARY.encode() not in encode(refused)


def test_an_answer_that_names_no_order_is_no_answer():
    made, _ = desk("okx", lambda d: d.submit(ORDERS["limit"]))
    assert [type(each) for each in made.told.take()] == [NoAnswer]


def test_what_coinbase_refuses_is_refused_whatever_it_is_called():
    no = {"success": False, "error_response": {"error": "NEW_REASON", "message": "no"}}
    answers = {"brokerage/orders": no}
    made, _ = desk("coinbase", lambda d: d.submit(ORDERS["limit"]), answers=answers)
    assert [type(each) for each in made.told.take()] == [Rejected]


def test_coinbase_is_asked_for_no_purchase_by_its_cost():
    buy = ORDERS["market"].__class__(NAME, 0, 1, 1_000)
    made, _ = desk("coinbase", lambda d: d.submit(buy))
    (refused,) = made.told.take()
    assert (type(refused), refused.code, made.asked) == (Rejected, "LOCAL", [])


def test_an_account_of_bybit_that_is_no_unified_one_is_refused():
    old = {"retCode": 0, "result": {"unified": 0, "uta": 0}}
    with pytest.raises(ConfigError, match="no unified one"):
        desk("bybit", lambda d: d.dialect.ready(), answers={"query-api": old})
    desk("bybit", lambda d: d.dialect.ready())


def test_a_key_with_which_coinbase_cannot_be_listened_to_is_refused():
    with pytest.raises(ConfigError, match="ECDSA"):
        desk("coinbase", lambda d: d.dialect.ready())


def test_a_key_of_several_lines_may_stand_on_one():
    pem = "-----BEGIN EC PRIVATE KEY-----\\nabc\\n-----END EC PRIVATE KEY-----\\n"
    access = Access(exchange=EXCHANGES["coinbase"], key="organizations/x", secret=pem)
    assert client_of(access, lambda *_: None).secret.splitlines()[1] == "abc"
    other = Access(exchange=EXCHANGES["bybit"], key="k", secret=r"a\nb")
    assert client_of(other, lambda *_: None).secret == r"a\nb"


def test_the_window_is_the_longest_after_which_an_order_may_still_be_taken():
    windows = {name: each.able.receive_window_ns // SECOND for name, each in EXCHANGES.items()}
    assert windows == {"binance": 5, "coinbase": 120, "okx": 30, "bybit": 6, "kraken": 5}


def test_what_an_exchange_lacks_is_said():
    lacks = [name for name, each in EXCHANGES.items() if not each.able.fok]
    assert lacks == ["kraken"]
    assert all(each.able.stops and each.able.stop_limit for each in EXCHANGES.values())
