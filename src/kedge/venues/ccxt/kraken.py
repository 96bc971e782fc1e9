"""Kraken: our id is ``cl_ord_id``; the stream tells of an order only what has changed."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec

from kedge.domain.errors import MessageError
from kedge.domain.order import Order
from kedge.venues.ccxt.dialect import PAGES, Dialect, Structure
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.requests import Placing
from kedge.venues.ccxt.told import Told

_DEADLINE_MS: Final = 5_000
_STREAM: Final = "executions"
_KEEP: Final = 50_000


class Kraken(Dialect):
    """Spot."""

    def __init__(self, way: Way, exchange: Exchange, told: Told) -> None:
        super().__init__(way, exchange, told)
        self._symbols: OrderedDict[str, str] = OrderedDict()
        self._client.handle_message = self._row_by_row(self._client.handle_message)

    def asked(self, order: Order, args: Placing) -> Placing:
        """Refused after a deadline; the fee of a sale too is taken out of the quote currency."""
        client = self._client
        until = client.iso8601(int(client.nonce()) + _DEADLINE_MS)
        mine = {"deadline": until, "oflags": "fciq"}
        return msgspec.structs.replace(args, params={**args.params, **mine})

    async def find(self, symbol: str, wanted: str, number: str | None) -> Structure | None:
        """Open first: what is over in between is found among the closed then."""
        client = self._client
        params: dict[str, object] = {"clientOrderId": wanted}
        for fetch in (client.fetch_open_orders, client.fetch_closed_orders):
            page = await self._go("order", partial(fetch, symbol, None, None, params))
            for each in page:
                if each["info"].get("cl_ord_id") == wanted:
                    return self.order(each)
        return None

    async def numbered(self, symbol: str, number: str) -> Structure | None:
        """By the exchange's own id."""
        return await self._there(symbol, number, {"trades": "true"})

    async def fills_of(self, symbol: str, number: str) -> list[Structure]:
        """By the ids that the order has of them."""
        params = {"trades": "true"}  # as a word of JSON: ccxt would send Python's
        order = await self._go("order", lambda: self._client.fetch_order(number, symbol, params))
        ids = [str(each) for each in order["info"].get("trades") or ()]
        if not ids:
            return []
        found = await self._go(
            "fills",
            lambda: self._client.fetch_order_trades(number, symbol, None, None, {"trades": ids}),
        )
        return [self.trade(each) for each in found]

    async def fills_after(self, symbol: str, since: int | None) -> list[Structure]:
        """The account's, of all markets, fifty at a time; of one market they cannot be asked."""
        begin: dict[str, object] = {} if since is None else {"start": since // 1000 - 1}
        found: dict[str, Any] = {}
        for _ in range(PAGES):
            params = {**begin, "ofs": len(found)}
            told = (await self._history(params))["result"]
            found |= {name: {**each, "id": name} for name, each in told["trades"].items()}
            if not told["trades"] or len(found) >= int(told["count"]):
                break
        else:
            raise MessageError("the fills cannot be told to their end")
        market = self._client.market(symbol)
        mine = [each for each in found.values() if self._of(each, market)]
        return [self.trade(each) for each in self._client.parse_trades(mine, market, since)]

    def order(self, told: Structure) -> Structure:
        """Our id, and how much is filled; what a message leaves out is told by another."""
        info = told["info"]
        own: dict[str, object] = {"clientOrderId": info.get("cl_ord_id")}
        if "exec_type" in info:
            own |= {"filled": info.get("cum_qty"), "amount": info.get("order_qty")}
        return {**told, **own}

    def trade(self, told: Structure) -> Structure:
        """Every fee of a message, where there are several."""
        fees = told["info"].get("fees")
        if fees is None and "exec_id" in told["info"]:
            raise MessageError("a fill that does not tell its fee")
        if fees is None:
            return told
        return {
            **told,
            "fee": None,
            "fees": [{"currency": each["asset"], "cost": each["qty"]} for each in fees],
        }

    def _row_by_row(self, take: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        """Rows of the stream apart, with their market.

        ccxt takes a whole message for what its first row is, and fails on a fill whose
        neighbour does not name its market.
        """

        def taken(socket: Any, message: Any) -> None:
            if not isinstance(message, dict) or message.get("channel") != _STREAM:
                take(socket, message)
                return
            for row in message.get("data") or ():
                take(socket, {**message, "data": [self._placed_in_market(row)]})

        return taken

    def _placed_in_market(self, row: dict[str, Any]) -> dict[str, Any]:
        number = str(row.get("order_id"))
        if row.get("symbol"):
            self._symbols[number] = str(row["symbol"])
            if len(self._symbols) > _KEEP:
                self._symbols.popitem(last=False)
        known = self._symbols.get(number)
        return row if known is None else {**row, "symbol": known}

    async def _history(self, params: dict[str, object]) -> Any:
        return await self._go("fills", lambda: self._client.privatePostTradesHistory(params))

    def _of(self, trade: dict[str, Any], market: Any) -> bool:
        found = self._client.resolve_market_by_altname_or_id(trade.get("pair"))
        return bool(found) and found["symbol"] == market["symbol"]
