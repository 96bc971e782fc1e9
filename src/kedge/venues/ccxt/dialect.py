"""How one exchange is asked and understood through ccxt; this one suits Binance as it is.

ccxt gives every exchange the same methods and means other things by them: which parameter
carries our id, whether a stop is found among orders, whether "not there" is said or left
to be concluded. What differs is here and in the modules named after exchanges; what is the
same for all is said once, in `kedge.venues.ccxt.orders` and its neighbours.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final

from kedge.domain.errors import MessageError
from kedge.domain.order import Order, OrderType
from kedge.venues.ccxt import failures
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.requests import Placing
from kedge.venues.ccxt.told import Told

PATIENCE: Final = 30_000_000_000
PAGES: Final = 1_000

STOPS: Final = (OrderType.STOP, OrderType.STOP_LIMIT)
Structure = Mapping[str, Any]
"""An order or a trade of ccxt; its numbers are text."""
Watch = Callable[[], Awaitable[object]]


class Dialect:
    """What is asked of an exchange, and what it means by its answers.

    Args:
        way: to it.
        exchange: which.
        told: what the account told so far.

    Attributes:
        sockets: connections over which the account is listened to.
        refuses_late: an order that was taken may be refused afterwards, by the stream.
    """

    sockets: ClassVar[int] = 1
    refuses_late: ClassVar[bool] = False

    def __init__(self, way: Way, exchange: Exchange, told: Told) -> None:
        self._way, self._exchange, self._told = way, exchange, told
        self._client = way.client

    async def ready(self) -> None:
        """See that the account is of a kind in which this works.

        Raises:
            ConfigError: it is not; one line says why.
        """

    def asked(self, order: Order, args: Placing) -> Placing:
        """What is sent for an order.

        Args:
            order: ours.
            args: that suit most exchanges.

        Raises:
            MessageError: the exchange cannot be asked for it.
        """
        return args

    async def place(self, args: Placing) -> Structure:
        """Send an order, once."""
        told: Structure = await self._client.create_order(
            args.symbol, args.type, args.side, args.amount, args.price, args.params
        )
        return told

    async def placed(self, order: Order, symbol: str, wanted: str) -> None:
        """Look after an order that was taken."""

    async def cancel(self, symbol: str, wanted: str, number: str | None) -> Structure:
        """Cancel an order.

        Args:
            symbol: of its market.
            wanted: client id, as the exchange takes it.
            number: the exchange's own, where it is known.
        """
        params: dict[str, object] = {"clientOrderId": wanted}
        told: Structure = await self._go("cancel", self._cancelling(symbol, params))
        return told

    async def find(self, symbol: str, wanted: str, number: str | None) -> Structure | None:
        """An order by client id; None where the exchange says that there is none."""
        return await self._there(symbol, None, {"clientOrderId": wanted})

    async def numbered(self, symbol: str, number: str) -> Structure | None:
        """An order by the exchange's own id; None as in `find`."""
        return await self._there(symbol, number, {})

    async def resting(self, symbol: str) -> list[Structure]:
        """Every order that rests, stops among them."""
        found = await self._go("open", lambda: self._client.fetch_open_orders(symbol))
        return [self.order(each) for each in found]

    async def fills_of(self, symbol: str, number: str) -> list[Structure]:
        """Every fill of an order."""
        found = await self._go("fills", lambda: self._client.fetch_order_trades(number, symbol))
        return [self.trade(each) for each in found]

    async def fills_after(self, symbol: str, since: int | None) -> list[Structure]:
        """Every fill from an instant on, which is included; ms UTC."""
        return await self._back(symbol, since, None, {})

    async def latest(self, symbol: str) -> list[Structure]:
        """The latest fills, one page."""
        return await self._page(symbol, None, {})

    def watches(self) -> list[Watch]:
        """What wakes up when the account's stream brings something."""
        return [self._client.watch_orders, self._client.watch_my_trades]

    def heard(self) -> tuple[list[Structure], list[Structure]]:
        """Orders and trades that the stream brought lately.

        They are copies: ccxt changes an order in place, and a trade may have to wait. They
        are as ccxt has them, not read by `order` and `trade` yet.
        """
        orders = [dict(each) for each in self._client.orders or ()]
        return list(orders), [dict(each) for each in self._client.myTrades or ()]

    def named(self, trade: Structure) -> str | None:
        """Client id of the order of a trade as the exchange has it; None where it is not told."""
        return None

    def order(self, told: Structure) -> Structure:
        """An order as the exchange meant it."""
        return told

    def trade(self, told: Structure) -> Structure:
        """A trade as the exchange meant it."""
        return told

    async def _go(self, kind: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        return await self._way.go(kind, PATIENCE, ask)

    def _cancelling(
        self, symbol: str, params: dict[str, object], number: str | None = None
    ) -> Callable[[], Awaitable[Any]]:
        return lambda: self._client.cancel_order(number, symbol, params)

    async def _there(
        self, symbol: str, number: str | None, params: dict[str, object]
    ) -> Structure | None:
        found = await self._answer(symbol, number, params)
        return None if found is None else self.order(found)

    async def _answer(
        self, symbol: str, number: str | None, params: dict[str, object]
    ) -> Structure | None:
        """An order as ccxt has it; None where the exchange says that there is none."""
        try:
            found: Structure = await self._go(
                "order", lambda: self._client.fetch_order(number, symbol, params)
            )
        except Exception as error:
            if failures.not_there(error):
                return None
            raise
        return found

    async def _page(
        self, symbol: str, since: int | None, params: dict[str, object]
    ) -> list[Structure]:
        found = await self._go(
            "fills",
            lambda: self._client.fetch_my_trades(symbol, since, self._exchange.page, params),
        )
        return [self.trade(each) for each in found]

    async def _back(
        self, symbol: str, since: int | None, until: int | None, params: dict[str, object]
    ) -> list[Structure]:
        """Page by page from the latest to the oldest, as most exchanges tell fills.

        Raises:
            MessageError: a page is full of one instant: what lies before it cannot be asked.
        """
        found: dict[str, Structure] = {}
        for _ in range(PAGES):
            bound: dict[str, object] = {} if until is None else {"until": until}
            page = await self._page(symbol, since, {**params, **bound})
            new = [each for each in page if str(each["id"]) not in found]
            found |= {str(each["id"]): each for each in new}
            if len(page) < self._exchange.page:
                return list(found.values())
            if not new:
                break
            until = min(int(each["timestamp"]) for each in page) + 1
        raise MessageError(f"the fills of {symbol} cannot be told to their end")
