"""A stop at Bybit that the price had passed when it came in."""

import asyncio

import pytest

from asked_stage import NAME, ORDERS, desk
from kedge.venues.ccxt import backward

TAKEN = {"order/create": {"retCode": 0, "result": {"orderId": "V1", "orderLinkId": NAME}}}
CANCELLED = {"retCode": 0, "result": {"orderId": "V1", "orderLinkId": NAME}}
BUSY = {"retCode": 10006, "retMsg": "Too many visits!"}
NONE = {"retCode": 0, "result": {"list": []}}
GONE = {"retCode": 170213, "retMsg": "Order does not exist."}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(backward, "_FIRST_S", 0.002)
    monkeypatch.setattr(backward, "_MOST_S", 0.004)


def row(last="39000", trigger="40000", name=NAME, side="Sell", **more):
    return {"category": "spot", "symbol": "BTCUSDT", "orderId": "V1", "orderLinkId": name,
            "side": side, "qty": "0.01", "orderStatus": "Untriggered", "triggerPrice": trigger,
            "lastPriceOnCreated": last, **more}  # fmt: skip


def told(*rows):
    return {"retCode": 0, "result": {"list": list(rows)}}


def cancels(work, **answers):
    """Which orders were cancelled once everything is quiet."""

    async def done(d):
        await work(d)
        await asyncio.sleep(0.1)

    made, _ = desk("bybit", done, answers={**TAKEN, **answers})
    return [each.said["orderLinkId"] for each in made.asked if "cancel" in each.path]


def submit(d):
    return d.submit(ORDERS["stop"])


def by_turns(*answers):
    """Each in its turn, the last for ever."""
    turns = list(answers)
    return lambda _: turns.pop(0) if len(turns) > 1 else turns[0]


@pytest.mark.parametrize(("last", "some"), [
    ("45000", False), ("39000", True), ("40000", True), ("", False), ("0", False),
])  # fmt: skip
def test_it_is_cancelled_once_it_was_taken(last, some):
    found = {"order/realtime": by_turns(told(row(last)), NONE), "order/cancel": CANCELLED}
    assert cancels(submit, **found) == [NAME] * some


@pytest.mark.parametrize("late", [NONE, BUSY])
def test_it_is_looked_for_until_it_was_found(late):
    found = by_turns(late, late, late, told(row()), NONE)
    answers = {"order/realtime": found, "order/cancel": CANCELLED}
    assert cancels(submit, **answers) == [NAME]


def test_a_stop_that_is_over_is_not_looked_for():
    async def work(d):
        d.told.name("V1", 0, NAME)
        d.told.anew(("over", 0, "V1"))
        await d.dialect.placed(ORDERS["stop"], "BTC/USDT", NAME)
        await asyncio.sleep(0.02)
        assert not d.asked

    cancels(work)


def test_a_cancel_that_fails_is_tried_again():
    answers = {"order/realtime": told(row()), "order/cancel": by_turns(BUSY, BUSY, GONE)}
    assert len(cancels(lambda d: d.orders.query(0, NAME), **answers)) >= 3


@pytest.mark.parametrize("ask", [
    lambda d: d.orders.query(0, NAME), lambda d: d.orders.open_orders(),
    lambda d: d.hear({"topic": "order", "data": [row()]}),
], ids=["query", "list", "stream"])  # fmt: skip
def test_it_is_cancelled_whoever_tells_of_it(ask):
    answers = {"order/realtime": told(row()), "order/cancel": CANCELLED}
    assert set(cancels(ask, **answers)) == {NAME}


@pytest.mark.parametrize("other", [
    row(name="by-hand"), row(name=""), row(orderStatus="Cancelled"),
    row(last="41000"), row(side="Buy", last="39000"),
])  # fmt: skip
def test_nothing_else_is_cancelled(other):
    answers = {"order/realtime": told(other), "order/cancel": CANCELLED}
    assert cancels(lambda d: d.orders.open_orders(), **answers) == []
