"""The adapter of an exchange over ccxt's own client, of which only the transport is replaced."""

import asyncio
import json
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import Budget
from kedge.domain.instrument import Instrument
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.dialects import dialect_of
from kedge.venues.ccxt.door import Door
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.ccxt.fills import Fills
from kedge.venues.ccxt.listening import Listening
from kedge.venues.ccxt.orders import Orders
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.requests import market_of
from kedge.venues.ccxt.told import Told

NOW = 1_763_722_800 * 10**9
IDS = {
    "bybit": "{}{}",
    "okx": "{}-{}",
    "coinbase": "{}-{}",
    "kraken": "X{}Z{}",
}
ALTNAMES = {"BTC": "XBT"}
QUIET = {
    "bybit": {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"list": [], "unified": 0, "uta": 1},
        "time": 1,
    },
    "okx": {"code": "0", "msg": "", "data": []},
    "coinbase": {"success": True, "orders": [], "fills": [], "accounts": [], "cursor": ""},
    "kraken": {"error": [], "result": {"open": {}, "closed": {}, "trades": {}, "count": 0}},
}
"""An answer that tells of nothing."""


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    said: dict
    headers: dict


def coin(base="BTC", quote="USDT", tick="0.01", lot="0.00001"):
    return Instrument(
        id=f"{base}{quote}", symbol=f"{base}{quote}", base=base, quote=quote, settle=quote,
        tick=Decimal(tick), lot=Decimal(lot),
    )  # fmt: skip


class Desk:
    """One account; everything runs in the loop of whoever asks.

    Attributes:
        asked: every request, in order.
        answers: by a part of the path, an answer or what makes one of the request.
    """

    def __init__(self, name, coins=None, answers=None, url=""):
        self.name, self.coins = name, coins or {0: coin()}
        self.answers, self.asked = dict(answers or {}), []
        exchange = exchange_of(name)
        access = Access(
            exchange=exchange, key="key", secret="c2VjcmV0c2VjcmV0", passphrase="p", url=url
        )
        self.told = Told(lambda: NOW)
        self.steady = 0
        self.way = Way(access, Budget(exchange.limit), lambda: NOW, asyncio.sleep, self._steady)
        self.client = self.way.client
        self.client.milliseconds = lambda: NOW // 10**6
        self.client.fetch = self._fetch
        markets = [self._market(each) for each in self.coins.values()]
        self.client.set_markets(markets)
        self.client.options["marketsByAltname"] = {each["altname"]: each for each in markets}
        self.dialect = dialect_of(self.way, exchange, self.told)
        parts = (self.way, self.dialect, exchange, self.coins, self.told)
        self.fills = Fills(*parts)
        door = Door(self.way, exchange, lambda: False, self._steady)
        self.orders = Orders(*parts, self.fills, door)
        self.steady = 10**12  # what was out before cannot arrive any more
        self.listening = Listening(*parts, self.fills, Backoff(), lambda: 0.0)

    def _steady(self):
        return self.steady

    async def submit(self, order):
        """Send an order that the gate has let through."""
        await self.orders.submit(Approved(order, Token()), NOW)

    async def hear(self, *messages):
        """Let the account's stream bring messages; the reports that come of them."""
        socket = self.client.client("ws://127.0.0.1/v5/private")
        for message in messages:
            self.client.handle_message(socket, message)
            await self.listening._look()
        return self.told.take()

    def _market(self, each):
        base = ALTNAMES.get(each.base, each.base) if self.name == "kraken" else each.base
        number = IDS[self.name].format(base, each.quote)
        return self.client.safe_market_structure({
            "id": number, "altname": f"{base}{each.quote}", "symbol": market_of(each),
            "base": each.base, "quote": each.quote, "baseId": base, "quoteId": each.quote,
            "spot": True, "type": "spot", "swap": False, "future": False, "option": False,
            "margin": False, "contract": False, "active": True,
            "precision": {"amount": str(each.lot), "price": str(each.tick)},
        })  # fmt: skip

    async def _fetch(self, url, method="GET", headers=None, body=None):
        parts = urlsplit(url)
        asked = Asked(method, parts.path, _said(parts.query, body), dict(headers or {}))
        self.asked.append(asked)
        answer = next((a for part, a in self.answers.items() if part in asked.path), None)
        if answer is None:
            answer = QUIET[self.name]
        if callable(answer):
            answer = answer(asked)
        text = json.dumps(answer)
        read = self.client.parse_json(text)
        self.client.handle_errors(200, "OK", url, method, {}, text, read, headers, body)
        return read


def _said(query, body):
    """What a request says, wherever it says it; its first part where it is a list."""
    if not body:
        return dict(parse_qsl(query))
    if body[0] in "[{":
        said = json.loads(body)
        return said[0] if isinstance(said, list) else said
    return dict(parse_qsl(body))


def desk(name, work, coins=None, answers=None):
    """Let something be done at a desk, and give it back with what came of it."""

    async def done():
        made = Desk(name, coins, answers)
        try:
            return made, await work(made)
        finally:
            await made.client.close()

    return asyncio.run(done())


NAME = "k00c0ffee-1-0"
ORDERS = {
    "market": Order(NAME, 0, -1, 1_000, OrderType.MARKET, reduce_only=True),
    "limit": Order(NAME, 0, 1, 1_000, OrderType.LIMIT, limit=5_000_000),
    "post-only": Order(NAME, 0, 1, 1_000, OrderType.LIMIT, limit=5_000_000, post_only=True),
    "ioc": Order(NAME, 0, -1, 1_000, OrderType.LIMIT, TimeInForce.IOC, limit=5_000_000),
    "fok": Order(NAME, 0, -1, 1_000, OrderType.LIMIT, TimeInForce.FOK, limit=5_000_000),
    "stop": Order(NAME, 0, -1, 1_000, OrderType.STOP, trigger=4_000_000, reduce_only=True),
    "stop-limit": Order(
        NAME, 0, -1, 1_000, OrderType.STOP_LIMIT, limit=3_900_000, trigger=4_000_000
    ),
}  # fmt: skip
"""What is placed: a hundredth of a bitcoin at 50,000 or 39,000, touched at 40,000."""
