"""Bybit: stops are apart from orders, and an order is taken before it is looked at."""

from functools import partial
from typing import ClassVar, Final

from kedge.domain.errors import ConfigError, MessageError
from kedge.domain.order import Order
from kedge.venues.ccxt import failures
from kedge.venues.ccxt.backward import Backward, backward
from kedge.venues.ccxt.dialect import PAGES, STOPS, Dialect, Structure
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.packing import ours
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.told import Told

_WEEK_MS: Final = 7 * 86_400_000
_MS: Final = 1_000_000
_AHEAD_MS: Final = 60_000
_REST: Final = 50


class Bybit(Dialect):
    """Spot in a unified account."""

    refuses_late: ClassVar[bool] = True

    def __init__(self, way: Way, exchange: Exchange, told: Told) -> None:
        super().__init__(way, exchange, told)
        self._backward = Backward(lambda symbol, wanted: self.cancel(symbol, wanted, None))

    async def ready(self) -> None:
        """Older kinds of account are asked elsewhere and answer otherwise."""
        unified = (await self._client.is_unified_enabled())[1]
        if not unified:
            raise ConfigError(
                "the account at bybit is no unified one", "venues", "upgrade it there (UTA)"
            )

    async def placed(self, order: Order, symbol: str, wanted: str) -> None:
        """A stop that the price had passed already would wait for the way back.

        The exchange concludes the direction of a stop from the price at which it came in. One
        that was just taken may not be found yet, so it is looked for until it is, or is over.
        """
        if order.type in STOPS:
            self._backward.seek(partial(self._seen, order, symbol, wanted))

    async def cancel(self, symbol: str, wanted: str, number: str | None) -> Structure:
        """Orders and stops are cancelled apart, and a stop becomes an order when it is touched."""
        told: Structure
        try:
            params: dict[str, object] = {"orderLinkId": wanted}
            told = await self._go("cancel", self._cancelling(symbol, params))
        except Exception as error:
            if not failures.not_there(error):
                raise
            stop: dict[str, object] = {"orderLinkId": wanted, "trigger": True}
            told = await self._go("cancel", self._cancelling(symbol, stop))
        return told

    async def find(self, symbol: str, wanted: str, number: str | None) -> Structure | None:
        """Among what is open or lately over, then in the history."""
        return await self._looked_up(symbol, {"orderLinkId": wanted})

    async def numbered(self, symbol: str, number: str) -> Structure | None:
        """As `find`."""
        return await self._looked_up(symbol, {"orderId": number})

    async def resting(self, symbol: str) -> list[Structure]:
        """Orders and stops together, page by page."""
        found: list[Structure] = []
        params: dict[str, object] = {}
        for _ in range(PAGES):
            fetch = partial(self._client.fetch_open_orders, symbol, None, _REST, params)
            page = await self._go("open", fetch)
            found += [self.order(each) for each in page]
            cursor = next((c for each in page if (c := each["info"].get("nextPageCursor"))), "")
            if len(page) < _REST or not cursor:
                break
            params = {"cursor": cursor}
        return found

    async def fills_of(self, symbol: str, number: str) -> list[Structure]:
        """Since the order was made: a request without a beginning is of one week only."""
        order = await self.numbered(symbol, number)
        since = None if order is None else order.get("timestamp")
        return await self._weekly(symbol, since, {"orderId": number})

    async def fills_after(self, symbol: str, since: int | None) -> list[Structure]:
        """A week at a time: longer ones are refused."""
        return await self._weekly(symbol, since, {})

    def heard(self) -> tuple[list[Structure], list[Structure]]:
        """Of spot: the stream tells of the whole account, and of equal names."""
        orders, trades = super().heard()
        return [o for o in orders if _of_spot(o)], [t for t in trades if _of_spot(t)]

    def named(self, trade: Structure) -> str | None:
        """A fill carries our id."""
        found = trade["info"].get("orderLinkId")
        return None if found is None else str(found)

    def order(self, told: Structure) -> Structure:
        """As it is; a stop of ours that waits for the way back is cancelled, whoever tells of it.

        The stream does, and so do queries and lists: also after a crash, or a lost answer.
        """
        wanted = str(told.get("clientOrderId") or "")
        if ours(wanted) and backward(told):
            self._backward.take_away(str(told["symbol"]), wanted)
        return told

    def trade(self, told: Structure) -> Structure:
        """The fee is in the coin that the exchange names, not in the one that is usual."""
        coin, fee = told["info"].get("feeCurrency"), told.get("fee")
        if not fee:
            raise MessageError("a fill that does not tell its fee")
        if not coin:
            return told
        return {**told, "fee": {**fee, "currency": coin}, "fees": None}

    async def _seen(self, order: Order, symbol: str, wanted: str) -> bool:
        """Whether a stop was found, or is known to be over."""
        number = self._told.called(order.key, order.id)
        if self._told.knows(("over", order.key, number)):
            return True
        return await self.find(symbol, wanted, None) is not None

    async def _looked_up(self, symbol: str, params: dict[str, object]) -> Structure | None:
        """Open first: what is over in between is found in the history then."""
        client = self._client
        fetches = (client.fetch_open_orders, client.fetch_canceled_and_closed_orders)
        for fetch in fetches:
            found = await self._go("order", partial(fetch, symbol, None, None, params))
            for each in found:
                if all(each["info"].get(name) == value for name, value in params.items()):
                    return self.order(each)
        return None

    async def _weekly(
        self, symbol: str, since: int | None, params: dict[str, object]
    ) -> list[Structure]:
        if since is None:
            return await self._back(symbol, None, None, params)
        found: dict[str, Structure] = {}
        now = self._told.now() // _MS + _AHEAD_MS
        for begin in range(since, max(now, since + 1), _WEEK_MS):
            week = await self._back(symbol, begin, begin + _WEEK_MS, params)
            found |= {str(each["id"]): each for each in week}
        return list(found.values())


def _of_spot(told: Structure) -> bool:
    return bool(told["info"].get("category", "spot") == "spot")
