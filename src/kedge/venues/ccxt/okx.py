"""OKX: a stop is an algo order, with an id of its own, and the order that it places has another."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ClassVar, Final

import msgspec

from kedge.domain.errors import MessageError
from kedge.domain.order import Order
from kedge.venues.ccxt import failures, numbers
from kedge.venues.ccxt.dialect import PAGES, STOPS, Dialect, Structure, Watch
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.requests import Placing
from kedge.venues.ccxt.told import Told

_PLACES: Final = "trade/order"
_EXPIRES_MS: Final = 5_000
_FULL: Final = 100
_ALGOS: Final = ("conditional", "oco", "trigger")
"""Kinds of algo orders that are looked for: stops, ours among them."""
_STATES: Final = {
    "live": "open", "pause": "open", "partially_effective": "open",
    "effective": "touched", "order_placed": "touched",
    "canceled": "canceled", "order_failed": "canceled",
}  # fmt: skip
"""Of an algo order; of one that was touched, the order that it placed tells the rest."""
_NOWHERE: Final = ("51400", "51401", "51402", "51603")


class Okx(Dialect):
    """Spot with its own cash."""

    sockets: ClassVar[int] = 2

    def __init__(self, way: Way, exchange: Exchange, told: Told) -> None:
        super().__init__(way, exchange, told)
        self._client.sign = _hurried(self._client)

    def asked(self, order: Order, args: Placing) -> Placing:
        """Ccxt would buy on margin for a stop, and names it by the id of another kind."""
        if order.type not in STOPS:
            return args
        mine = {"tdMode": "cash", "algoClOrdId": args.params["clientOrderId"]}
        return msgspec.structs.replace(args, params={**args.params, **mine})

    async def cancel(self, symbol: str, wanted: str, number: str | None) -> Structure:
        """First as an order, then as a stop."""
        told: Structure
        try:
            told = await self._go("cancel", self._cancelling(symbol, {"clientOrderId": wanted}))
        except Exception as error:
            if not failures.not_there(error):
                raise
            stop: dict[str, object] = {"clientOrderId": wanted, "trigger": True}
            told = await self._go("cancel", self._cancelling(symbol, stop))
        if told.get("status") == "rejected":
            raise _refusal(told)
        return told

    async def find(self, symbol: str, wanted: str, number: str | None) -> Structure | None:
        """Among orders, then among stops."""
        order = await self._there(symbol, None, {"clientOrderId": wanted})
        if order is not None:
            return order
        stop = await self._there(symbol, None, {"clientOrderId": wanted, "trigger": True})
        return None if stop is None else await self._placed_by(symbol, stop)

    async def resting(self, symbol: str) -> list[Structure]:
        """Orders and stops are asked for apart, each kind for itself."""
        found = await self._all(symbol, {}, "ordId")
        for kind in _ALGOS:
            found += await self._all(symbol, {"ordType": kind, "trigger": True}, "algoId")
        return found

    async def fills_of(self, symbol: str, number: str) -> list[Structure]:
        """They are of the order that a stop placed."""
        return await self._back(symbol, None, None, {"ordId": self._told.works_as(number)})

    def watches(self) -> list[Watch]:
        """Stops have a stream of their own."""
        return [*super().watches(), partial(self._client.watch_orders, params={"trigger": True})]

    def heard(self) -> tuple[list[Structure], list[Structure]]:
        """Stops first: what they place is told of after them."""
        stops = [dict(each) for each in self._client.triggerOrders or ()]
        orders, trades = super().heard()
        return [*stops, *orders], trades

    def order(self, told: Structure) -> Structure:
        """A stop and the order that it placed are one order of ours, by the stop's id."""
        info = told["info"]
        algo = info.get("algoId") or (info.get("linkedAlgoOrd") or {}).get("algoId")
        if not algo:
            return told
        name = info.get("algoClOrdId") or self._told.named(str(algo))
        if "accFillSz" in info:
            if info.get("ordId"):
                self._told.alias(str(info["ordId"]), str(algo))
            return {**told, "id": str(algo), "clientOrderId": name or told["clientOrderId"]}
        state = _STATES.get(str(info.get("state")), str(info.get("state")))
        filled = info.get("actualSz") if state in ("touched", "canceled") else None
        return {**told, "id": algo, "clientOrderId": name, "status": state, "filled": filled or "0"}

    def trade(self, told: Structure) -> Structure:
        """By the id of the order that was filled; a charge is below zero in its messages.

        Raises:
            MessageError: it does not tell what this fill cost.
        """
        info = told["info"]
        known = {**told, "order": info.get("ordId") or told["order"]}
        if "accFillSz" not in info:
            return known  # an answer to a request, whose sign ccxt has turned
        cost, coin = info.get("fillFee"), info.get("fillFeeCcy")
        if not cost and _whole(info):
            cost, coin = info.get("fee"), info.get("feeCcy")
        if not cost or not coin:
            raise MessageError("a fill that does not tell its fee")
        paid = {"cost": str(-numbers.decimal(cost, "fee")), "currency": coin}
        return {**known, "fee": paid, "fees": None}

    async def _answer(
        self, symbol: str, number: str | None, params: dict[str, object]
    ) -> Structure | None:
        """An answer that holds no order says that there is none."""
        found = await super()._answer(symbol, number, params)
        return found if found is not None and found.get("info") else None

    async def _placed_by(self, symbol: str, stop: Structure) -> Structure:
        """What a stop has become.

        Raises:
            MessageError: it was touched, and its order is not told of yet.
        """
        if stop["status"] != "touched":
            return stop
        info = stop["info"]
        number = next(iter(info.get("ordIdList") or ()), None) or info.get("ordId")
        order = await self.numbered(symbol, str(number)) if number else None
        if order is None:
            raise MessageError("the stop was touched, and its order is not told of yet")
        self._told.alias(str(number), str(stop["id"]))
        return {**order, "id": stop["id"], "clientOrderId": stop["clientOrderId"]}

    async def _all(self, symbol: str, params: dict[str, object], by: str) -> list[Structure]:
        found: list[Structure] = []
        after: dict[str, object] = {}
        for _ in range(PAGES):
            asked = {**params, **after}
            page = await self._go("open", self._resting(symbol, asked))
            found += [self.order(each) for each in page]
            if len(page) < _FULL:
                return found
            after = {"after": min((str(each["info"][by]) for each in page), key=_older)}
        raise MessageError(f"the orders of {symbol} cannot be told to their end")

    def _resting(self, symbol: str, params: dict[str, object]) -> Callable[[], Awaitable[Any]]:
        return lambda: self._client.fetch_open_orders(symbol, None, _FULL, params)


def _whole(info: Structure) -> bool:
    """Whether a fill is all that its order has filled."""
    fill, all_ = info.get("fillSz"), info.get("accFillSz")
    return numbers.decimal(fill, "quantity") == numbers.decimal(all_, "quantity")


def _older(number: str) -> tuple[int, str]:
    return len(number), number


def _refusal(told: Structure) -> Exception:
    from ccxt.base.errors import InvalidOrder, OrderNotFound

    info = told["info"]
    kind = OrderNotFound if str(info.get("sCode")) in _NOWHERE else InvalidOrder
    refusal: Exception = kind(msgspec.json.encode(info).decode())
    return refusal


def _hurried(client: Any) -> Callable[..., dict[str, Any]]:
    """Signs as ccxt does, and lets an order that arrives late be refused."""
    kept = client.sign

    def sign(path: str, *rest: Any, **named: Any) -> dict[str, Any]:
        signed: dict[str, Any] = kept(path, *rest, **named)
        if path == _PLACES and signed["method"] == "POST":
            until = int(client.nonce()) + _EXPIRES_MS
            signed["headers"] = {**signed["headers"], "expTime": str(until)}
        return signed

    return sign
