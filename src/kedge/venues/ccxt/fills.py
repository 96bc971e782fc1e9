"""The fills of an account: told once by the stream, and again whenever they are asked for."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.domain.report import Accepted, Filled
from kedge.venues.ccxt import numbers
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.reading import Cost, at_of, fees_of, filled
from kedge.venues.ccxt.reading import Told as Structure
from kedge.venues.ccxt.requests import market_of, own_id
from kedge.venues.ccxt.told import Told

_PATIENCE: Final = 30_000_000_000
_PAGES: Final = 1_000
_FRESH_NS: Final = 10_000_000_000


class Fills:
    """Fills of the instruments of one account.

    Args:
        way: to the exchange.
        exchange: which.
        instruments: by key.
        told: where reports go.
    """

    def __init__(
        self, way: Way, exchange: Exchange, instruments: Mapping[int, Instrument], told: Told
    ) -> None:
        self._way, self._exchange = way, exchange
        self._instruments, self._told = instruments, told
        self._prices: dict[str, tuple[int, Decimal]] = {}
        self.keys = {market_of(each): key for key, each in instruments.items()}

    async def say(self, trade: Structure, *, again: bool) -> None:
        """Report one of ccxt's trades.

        Args:
            trade: ccxt's.
            again: whether one that was reported before is reported once more.
        """
        key = self.keys.get(str(trade.get("symbol")))
        if key is None or (not again and self._told.knows(("fill", key, str(trade.get("id"))))):
            return
        fill = await self._read(key, trade)
        new = self._told.anew(("fill", key, fill.trade))
        if not (new or again):
            return
        if self._told.anew(("accepted", key, fill.venue_id)):
            at = fill.at
            self._told.say(Accepted(key, fill.order, at, at, fill.venue_id))
        self._told.say(fill)

    async def of_order(self, key: int, venue_id: str) -> list[Structure]:
        """Every fill of one order, oldest first."""
        client, symbol = self._way.client, market_of(self._instruments[key])
        if self._exchange.order_trades:
            trades = await self._way.go(
                "fills", _PATIENCE, lambda: client.fetch_order_trades(venue_id, symbol)
            )
            return _sorted(trades)
        recent = await self._page(symbol, {})
        return _sorted(trade for trade in recent if str(trade.get("order")) == venue_id)

    async def since(self, cursor: str) -> str:
        """Report every fill after a cursor; the next cursor.

        Raises:
            MessageError: the cursor is none of ours.
        """
        marks = _marks(cursor)
        found: list[Structure] = []
        for symbol in self.keys:
            trades, marks[symbol] = await self._later(symbol, marks.get(symbol, ""))
            found += trades
        for trade in _sorted(found):
            await self.say(trade, again=True)
        return _joined(marks)

    async def cursor(self) -> str:
        """The cursor of everything so far, none of which is reported."""
        marks = {}
        for symbol in self.keys:
            if page := _sorted(await self._page(symbol, {})):
                marks[symbol] = self._mark("", page)
        return _joined(marks)

    async def _later(self, symbol: str, mark: str) -> tuple[list[Structure], str]:
        found: dict[str, Structure] = {}
        for _ in range(_PAGES):
            params = self._after(mark)
            page = _sorted(await self._page(symbol, params))
            new = [t for t in page if str(t["id"]) not in found and not _at(mark, t)]
            found |= {str(trade["id"]): trade for trade in new}
            if new:
                mark = self._mark(mark, new)
            if len(page) < self._exchange.page or not new:
                break
        return list(found.values()), mark

    def _after(self, mark: str) -> dict[str, object]:
        if self._exchange.trades_by_id:
            return {"fromId": int(mark or -1) + 1}
        return {"since": int(mark.split("/")[0])} if mark else {}

    def _mark(self, mark: str, new: list[Structure]) -> str:
        """The last id; or the last instant, and which of its fills are known."""
        if self._exchange.trades_by_id:
            return str(max(int(trade["id"]) for trade in new))
        last = max(int(trade["timestamp"]) for trade in new)
        then, *known = mark.split("/")
        kept = known if then == str(last) else []
        same = [str(trade["id"]) for trade in new if int(trade["timestamp"]) == last]
        return "/".join((str(last), *kept, *same))

    async def _page(self, symbol: str, params: dict[str, object]) -> list[Structure]:
        client, exchange = self._way.client, self._exchange
        given = {name: value for name, value in params.items() if name != "since"}
        since = params.get("since")
        page: list[Structure] = await self._way.go(
            "fills",
            _PATIENCE,
            lambda: client.fetch_my_trades(symbol, since, exchange.page, given),
        )
        return page

    async def _read(self, key: int, trade: Structure) -> Filled:
        instrument, venue_id = self._instruments[key], str(trade.get("order") or "")
        order = await self._name(key, venue_id)
        return filled(key, order, trade, instrument, await self._cost(instrument, trade))

    async def _name(self, key: int, venue_id: str) -> str:
        """Client id of an order, asked for where it is not known; empty where there is none."""
        known = self._told.named(venue_id)
        if known is None and venue_id:
            client, symbol = self._way.client, market_of(self._instruments[key])
            found = await self._way.go(
                "order", _PATIENCE, lambda: client.fetch_order(venue_id, symbol)
            )
            known = own_id(str(found.get("clientOrderId") or ""), self._exchange)
            self._told.name(venue_id, key, known)
        return known or ""

    async def _cost(self, instrument: Instrument, trade: Structure) -> Cost:
        """What a fill cost, and in which coin; of several coins only the worth is told."""
        fees = fees_of(trade)
        worth = sum([await self._fee(instrument, trade, *each) for each in fees])
        coins = [(code, cost) for code, cost in fees if code != instrument.settle]
        if len(fees) != 1 or not coins:
            return Cost(worth)
        ((code, cost),) = coins
        return Cost(worth, code, numbers.decimal(cost, "fee"))

    async def _fee(self, instrument: Instrument, trade: Structure, code: str, cost: str) -> int:
        """A fee in minor units of the settlement currency.

        One in the coin that was traded is worth the fill's own price; one in a third
        currency, such as an exchange's own coin, is worth that coin's last price.
        """
        settle, amount = instrument.settle, numbers.decimal(cost, "fee")
        if code == settle or not amount:
            return numbers.minor(amount, settle)
        if code == instrument.base:
            return numbers.minor(amount * numbers.decimal(trade["price"], "price"), settle)
        return numbers.minor(amount * await self._price(f"{code}/{settle}"), settle)

    async def _price(self, symbol: str) -> Decimal:
        """Last price of a coin that fees are taken in; many fills together ask for it once."""
        asked, price = self._prices.get(symbol, (0, Decimal(0)))
        if self._told.now() - asked > _FRESH_NS:
            ticker: Any = await self._way.go(
                "ticker", _PATIENCE, lambda: self._way.client.fetch_ticker(symbol)
            )
            price = numbers.decimal(ticker["last"], "price")
            self._prices[symbol] = self._told.now(), price
        return price


def _sorted(trades: Iterable[Structure]) -> list[Structure]:
    return sorted(trades, key=lambda t: (at_of(t), len(str(t["id"])), str(t["id"])))


def _at(mark: str, trade: Structure) -> bool:
    """Whether the mark names this fill itself."""
    return str(trade["id"]) in mark.split("/")[1:]


def _joined(marks: Mapping[str, str]) -> str:
    return ",".join(f"{symbol}:{mark}" for symbol, mark in sorted(marks.items()) if mark)


def _marks(cursor: str) -> dict[str, str]:
    pairs = [pair.rpartition(":") for pair in cursor.split(",") if pair]
    for symbol, _, mark in pairs:
        if not symbol or not mark.split("/")[0].isdigit():
            raise MessageError(f"no cursor of fills: {cursor[:40]!r}")
    return {symbol: mark for symbol, _, mark in pairs}
