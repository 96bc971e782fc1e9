"""Coinbase: orders are known by its own ids; ours is found by looking through its list."""

from functools import partial
from typing import Any, Final

import msgspec

from kedge.domain.errors import ConfigError, MessageError
from kedge.domain.order import Order
from kedge.venues.ccxt.dialect import PAGES, Dialect, Structure, Watch
from kedge.venues.ccxt.requests import Placing, own_id

_LIST: Final = 250
_PAGES: Final = 40
_MS: Final = 1_000_000
_PEM: Final = "-----BEGIN"
_STATES: Final = {
    "PENDING": "open", "QUEUED": "open", "OPEN": "open", "CANCEL_QUEUED": "open",
    "EDIT_QUEUED": "open", "FILLED": "closed", "CANCELLED": "canceled", "EXPIRED": "expired",
    "FAILED": "rejected",
}  # fmt: skip


class Coinbase(Dialect):
    """Advanced trading of spot."""

    refuses_late = True

    async def ready(self) -> None:
        """With keys of other kinds ccxt can ask, and cannot listen."""
        if not str(self._client.secret).startswith(_PEM):
            raise ConfigError(
                "coinbase is listened to with a key of the kind ECDSA only",
                "venues",
                "make one there, and give its whole PEM as the secret",
            )

    def asked(self, order: Order, args: Placing) -> Placing:
        """Ccxt sends an id of its own unless ours goes by the exchange's name of it."""
        if args.type == "market" and args.side == "buy":
            raise MessageError("coinbase takes purchases at the market by their cost only")
        mine = {"client_order_id": args.params["clientOrderId"]}
        return msgspec.structs.replace(args, params={**args.params, **mine})

    async def cancel(self, symbol: str, wanted: str, number: str | None) -> Structure:
        """By the exchange's own id, looked up where it is not known."""
        if number is None:
            found = await self.find(symbol, wanted, None)
            if found is None:
                raise _nowhere()
            number = str(found["id"])
        told: Structure = await self._go("cancel", self._cancelling(symbol, {}, number))
        return told

    async def find(self, symbol: str, wanted: str, number: str | None) -> Structure | None:
        """By the exchange's own id, or among all that it lists since the order was given out."""
        if number is not None:
            return await self.numbered(symbol, number)
        since = self._since(wanted)
        params = since
        for _ in range(PAGES):
            page = await self._listed(self._client.fetch_orders, symbol, params)
            for each in page:
                if each["info"].get("client_order_id") == wanted:
                    return self.order(each)
            cursor = _cursor(page)
            if not cursor:
                return None
            params = {**since, "cursor": cursor}
        raise MessageError(f"the orders of {symbol} cannot be told to their end")

    async def resting(self, symbol: str) -> list[Structure]:
        """Orders and stops together, page by page."""
        found: list[Structure] = []
        params: dict[str, object] = {}
        for _ in range(_PAGES):
            page = await self._listed(self._client.fetch_open_orders, symbol, params)
            found += [self.order(each) for each in page if each.get("symbol") == symbol]
            cursor = _cursor(page)
            if not cursor:
                return found
            params = {"cursor": cursor}
        raise MessageError(f"the orders of {symbol} cannot be told to their end")

    async def fills_of(self, symbol: str, number: str) -> list[Structure]:
        """Asked for by order, and read by order whatever comes."""
        found = await self._back(symbol, None, None, {"order_ids": [number]})
        return [each for each in found if str(each.get("order")) == number]

    async def fills_after(self, symbol: str, since: int | None) -> list[Structure]:
        """Of its market, whatever comes."""
        found = await super().fills_after(symbol, since)
        return [each for each in found if each.get("symbol") == symbol]

    async def latest(self, symbol: str) -> list[Structure]:
        """As `fills_after`."""
        return [each for each in await super().latest(symbol) if each.get("symbol") == symbol]

    def watches(self) -> list[Watch]:
        """Fills have no stream; where nothing happens, heartbeats keep the socket open."""
        beats = partial(self._client.subscribe, "heartbeats", False)
        return [self._client.watch_orders, beats]

    def heard(self) -> tuple[list[Structure], list[Structure]]:
        """As `watches`."""
        return super().heard()[0], []

    def order(self, told: Structure) -> Structure:
        """Sizes of every kind of order, and states that ccxt has no word for."""
        info = told["info"]
        if "status" not in info:
            return told
        state = _STATES.get(str(info["status"]), str(info["status"]))
        amount = _size(info) or told.get("amount")
        return {**told, "status": state, "amount": amount}

    def _since(self, wanted: str) -> dict[str, object]:
        """From when the list is looked through: before an order was given out it was not there.

        As much earlier as clocks may differ, and the exchange's window; ccxt is not told of it,
        since it would drop orders whose instant it cannot read.
        """
        given = self._told.given(own_id(wanted, self._exchange))
        if not given:
            return {}
        skew = self._way.skew
        off = abs(skew.offset) if skew else 0
        begin = given - off - self._exchange.able.receive_window_ns
        return {"start_date": self._client.iso8601(begin // _MS)}

    async def _listed(self, fetch: Any, symbol: str, params: dict[str, object]) -> list[Structure]:
        """A page; ccxt would drop other markets' orders, and with them where the list goes on."""
        mine = {**self._of(symbol), **params}
        page: list[Structure] = await self._go("open", partial(fetch, None, None, _LIST, mine))
        return page

    async def _page(
        self, symbol: str, since: int | None, params: dict[str, object]
    ) -> list[Structure]:
        """A whole one, so that it is seen whether more may follow."""
        mine, size = {**self._of(symbol), **params}, self._exchange.page
        fetch = partial(self._client.fetch_my_trades, None, since, size, mine)
        return [self.trade(each) for each in await self._go("fills", fetch)]

    def _of(self, symbol: str) -> dict[str, object]:
        return {"product_ids": [self._client.market(symbol)["id"]]}


def _cursor(page: list[Structure]) -> str:
    """Where the list goes on; ccxt leaves it with one of the orders."""
    return str(next((c for each in page if (c := each["info"].get("cursor"))), ""))


def _size(info: dict[str, Any]) -> str | None:
    """Of the base; None for an order by its cost."""
    for terms in (info.get("order_configuration") or {}).values():
        if isinstance(terms, dict) and terms.get("base_size"):
            return str(terms["base_size"])
    if "leaves_quantity" not in info:
        return None
    from ccxt.base.precise import Precise

    whole = Precise.string_add(info["leaves_quantity"], info["cumulative_quantity"])
    return str(whole)


def _nowhere() -> Exception:
    from ccxt.base.errors import OrderNotFound

    missing: Exception = OrderNotFound("coinbase lists no such order")
    return missing
