"""The fills of an account: told once by the stream, and again whenever they are asked for."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.domain.report import Accepted, Filled
from kedge.venues.ccxt import numbers
from kedge.venues.ccxt.dialect import Dialect
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.reading import Cost, at_of, fees_of, filled
from kedge.venues.ccxt.reading import Told as Structure
from kedge.venues.ccxt.requests import market_of, own_id
from kedge.venues.ccxt.told import Told

_PATIENCE: Final = 30_000_000_000
_PAGES: Final = 1_000
_MS: Final = 1_000_000
_JUST_MS: Final = 1_000
"""A fill of the last moment is no fill before the session: it is told of, and asked for again."""
_FRESH_NS: Final = 10_000_000_000


class Fills:
    """Fills of the instruments of one account.

    Args:
        way: to the exchange.
        dialect: that it speaks.
        exchange: which.
        instruments: by key.
        told: where reports go.
    """

    def __init__(
        self,
        way: Way,
        dialect: Dialect,
        exchange: Exchange,
        instruments: Mapping[int, Instrument],
        told: Told,
    ) -> None:
        self._way, self._dialect, self._exchange = way, dialect, exchange
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
        symbol = market_of(self._instruments[key])
        return _sorted(await self._dialect.fills_of(symbol, venue_id))

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
            if page := _sorted(await self._dialect.latest(symbol)):
                marks[symbol] = self._mark("", page)
            elif not self._exchange.trades_by_id:
                marks[symbol] = str(self._there() // _MS - _JUST_MS)
        return _joined(marks)

    def began(self, cursor: str) -> int:
        """The latest instant of a cursor, ns UTC; 0 where it tells none."""
        if self._exchange.trades_by_id:
            return 0
        instants = [int(mark.split("/")[0]) for mark in _marks(cursor).values()]
        return max(instants, default=0) * _MS

    def _there(self) -> int:
        """The exchange's clock, ns UTC."""
        skew = self._way.skew
        return self._told.now() + (skew.offset if skew else 0)

    async def _later(self, symbol: str, mark: str) -> tuple[list[Structure], str]:
        if not self._exchange.trades_by_id:
            since = int(mark.split("/")[0]) if mark else None
            told = await self._dialect.fills_after(symbol, since)
            new = [trade for trade in told if not _at(mark, trade)]
            return new, self._mark(mark, new) if new else mark
        return await self._numbered(symbol, mark)

    async def _numbered(self, symbol: str, mark: str) -> tuple[list[Structure], str]:
        """Fills from an id on, page by page."""
        found: dict[str, Structure] = {}
        for _ in range(_PAGES):
            params: dict[str, object] = {"fromId": int(mark or -1) + 1}
            page = _sorted(await self._page(symbol, params))
            new = [t for t in page if str(t["id"]) not in found and not _at(mark, t)]
            found |= {str(trade["id"]): trade for trade in new}
            if new:
                mark = self._mark(mark, new)
            if len(page) < self._exchange.page or not new:
                break
        return list(found.values()), mark

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
        client, size = self._way.client, self._exchange.page
        page: list[Structure] = await self._way.go(
            "fills", _PATIENCE, lambda: client.fetch_my_trades(symbol, None, size, params)
        )
        return page

    async def _read(self, key: int, trade: Structure) -> Filled:
        instrument, number = self._instruments[key], str(trade.get("order") or "")
        order = await self._name(key, number, trade)
        known = {**trade, "order": self._told.canonical(number)}
        return filled(key, order, known, instrument, await self._cost(instrument, trade))

    async def _name(self, key: int, venue_id: str, trade: Structure) -> str:
        """Client id of an order, asked for where it is not known; empty where there is none."""
        known = self._told.named(self._told.canonical(venue_id))
        if known is None and (named := self._dialect.named(trade)) is not None:
            known = own_id(named, self._exchange)
            self._told.name(venue_id, key, known)
        if known is None and venue_id:
            symbol = market_of(self._instruments[key])
            found = await self._dialect.numbered(symbol, venue_id)
            if found is None:
                raise MessageError(f"a fill of {symbol} is of an order that is not there")
            known = own_id(str(found.get("clientOrderId") or ""), self._exchange)
            self._told.name(self._told.canonical(venue_id), key, known)
        return known or ""

    async def _cost(self, instrument: Instrument, trade: Structure) -> Cost:
        """What a fill cost, and in which coin; of several coins only the worth is told."""
        fees = fees_of(trade)
        worth = sum([await self._fee(instrument, trade, *each) for each in fees])
        coins = [(code, cost) for code, cost in fees if code != instrument.settle]
        if len(fees) != 1 or not coins:
            return Cost(worth)
        ((code, cost),) = coins
        numbers.whole_lots(cost, instrument)  # refuses what no position could pay
        return Cost(worth, code, numbers.decimal(cost, "fee"))

    async def _fee(self, instrument: Instrument, trade: Structure, code: str, cost: str) -> int:
        """A fee in minor units of the settlement currency.

        One in the coin that was traded is worth the fill's own price; one in a third
        currency, such as an exchange's own coin, is worth that coin's last price.
        """
        settle, amount = instrument.settle, numbers.figure(cost, "fee")
        if code == settle or not amount:
            return numbers.minor(amount, settle)
        if code == instrument.base:
            return numbers.minor(amount * numbers.figure(trade["price"], "price"), settle)
        return numbers.minor(amount * await self._price(f"{code}/{settle}"), settle)

    async def _price(self, symbol: str) -> Decimal:
        """Last price of a coin that fees are taken in; many fills together ask for it once."""
        asked, price = self._prices.get(symbol, (0, Decimal(0)))
        if self._told.now() - asked > _FRESH_NS:
            ticker: Any = await self._way.go(
                "ticker", _PATIENCE, lambda: self._way.client.fetch_ticker(symbol)
            )
            price = numbers.figure(ticker["last"], "price")
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
