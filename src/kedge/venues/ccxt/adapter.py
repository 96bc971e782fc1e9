"""An account at a real exchange: `kedge.venues.contract.Venue` through ccxt."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import Budget
from kedge.data.streams.skew import ClockSkew
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.domain.report import VenueReport
from kedge.risk.approved import Approved
from kedge.venues.ccxt import failures, numbers
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.dialects import dialect_of
from kedge.venues.ccxt.door import Door
from kedge.venues.ccxt.fills import Fills
from kedge.venues.ccxt.listening import Listening
from kedge.venues.ccxt.orders import Orders
from kedge.venues.ccxt.own import Own, own_of
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.requests import market_of
from kedge.venues.ccxt.told import Told
from kedge.venues.ccxt.worker import Worker
from kedge.venues.contract import Able

_OPEN_S: Final = 60.0
_MEASURE_S: Final = 60.0
_PATIENCE: Final = 30_000_000_000
_BACKOFF: Final = Backoff()


def never() -> bool:
    """The latch of whoever has none."""
    return False


class CcxtVenue:
    """One account at one exchange; calls return at once, a thread of its own does the work.

    Args:
        access: to the account.
        instruments: what is traded there, by key.
        clock: ns UTC.
        budget: of the exchange's host; all who ask that host share it.
        uniform: draws from [0, 1) for the jitter between attempts to connect; None: ever the same.
        backoff: between them.
        killed: the kill latch, looked at when an order has waited for all there is to wait for.
        steady: ns that only grow; None: those of the thread that does the work.

    Attributes:
        instruments: what is traded there, by key.
        account: which one it is, once open: where, and its number.
        number: the exchange's own of it, once open; empty where it tells none.
    """

    def __init__(
        self,
        access: Access,
        instruments: Mapping[int, Instrument],
        clock: Callable[[], int],
        budget: Budget | None = None,
        uniform: Callable[[], float] | None = None,
        backoff: Backoff = _BACKOFF,
        killed: Callable[[], bool] = never,
        steady: Callable[[], int] | None = None,
    ) -> None:
        self._access, self.instruments = access, dict(instruments)
        exchange = access.exchange
        self._clock, self.account, self.number = clock, "", ""
        self._told = Told(clock)
        self._worker = Worker(f"kedge-{exchange.name}", failures.of_library)
        steady = steady or self._worker.steady
        self._way = Way(access, budget or Budget(exchange.limit), clock, asyncio.sleep, steady)
        self._dialect = dialect = dialect_of(self._way, exchange, self._told)
        self._fills = Fills(self._way, dialect, exchange, self.instruments, self._told)
        self._orders = Orders(
            self._way, dialect, exchange, self.instruments, self._told, self._fills,
            Door(self._way, exchange, killed, steady),
        )  # fmt: skip
        self._listening = Listening(
            self._way,
            dialect,
            exchange,
            self.instruments,
            self._told,
            self._fills,
            backoff,
            uniform or Random("backoff").random,
        )

    def __repr__(self) -> str:
        return f"CcxtVenue({self._access!r})"

    @property
    def able(self) -> Able:
        """What it can do; an order may wait here before the exchange's own window begins."""
        exchange = self._access.exchange
        window = exchange.able.receive_window_ns + exchange.patience_ns
        return msgspec.structs.replace(exchange.able, receive_window_ns=window)

    @property
    def skew(self) -> ClockSkew | None:
        """The exchange's clock minus ours, as last measured."""
        return self._way.skew

    def ahead(self) -> int:
        """The exchange's clock minus ours, ns; 0 before it was measured."""
        skew = self.skew
        return 0 if skew is None else skew.offset

    @property
    def banned_until(self) -> int:
        """Until when the exchange refuses every request, ns UTC; the past or 0: it does not."""
        return self._way.banned_until

    @property
    def idle(self) -> bool:
        """Whether every call was answered."""
        return self._worker.idle

    @property
    def connected(self) -> bool:
        """Whether the account's stream flows."""
        return bool(self._listening.up)

    def open(self) -> None:
        """Load the markets, see that the key may read the account, and start to listen.

        Raises:
            ConfigError: a symbol, an increment or the API key is wrong; one line says which.
        """
        self._worker.call(self._opened(), _OPEN_S)
        self._worker.keep(self._listening.listen)
        self._worker.keep(self._measured)

    def close(self) -> None:
        """End what is still at work; nothing is cancelled at the exchange."""
        with suppress(TimeoutError):
            self._worker.call(self._closed(), 10.0)
        with suppress(TimeoutError):
            self._worker.stop()

    def first_seen(self, code: str, capital: Decimal) -> Own:
        """What the account holds and has traded before a session's first start.

        Args:
            code: currency of the capital.
            capital: that the session may use.

        Raises:
            ConfigError: it holds less than the capital, or cannot be asked.
        """
        return self._worker.call(self._first_seen(code, capital), _OPEN_S)

    def take_over(self, own: Own) -> None:
        """From now on only a part of the account is told of."""
        self._orders.own = own
        self._told.begun = self._fills.began(own.cursor)

    def submit(self, approved: Approved) -> None:
        """Send an order, once."""
        given = self._clock()
        self._worker.post(lambda: self._orders.submit(approved, given))

    def cancel(self, key: int, order: str) -> None:
        """Ask for a cancel by client order id."""
        self._worker.post(lambda: self._orders.cancel(key, order))

    def query(self, key: int, order: str) -> None:
        """Ask what became of an order."""
        self._worker.post(lambda: self._orders.query(key, order))

    def open_orders(self) -> None:
        """Ask for everything that rests."""
        self._worker.post(self._orders.open_orders)

    def fills_since(self, cursor: str) -> None:
        """Ask for fills after a cursor, empty for all that the exchange remembers."""
        self._worker.post(lambda: self._orders.fills_since(cursor))

    def balances(self) -> None:
        """Ask what the account holds."""
        self._worker.post(self._orders.balances)

    def reports(self) -> list[VenueReport]:
        """Everything that came in since the last call, in order."""
        return self._told.take()

    async def _opened(self) -> None:
        name = self._access.exchange.name
        try:
            await self._way.read(self._way.measure)
            await self._way.read(self._markets)
            self._check_markets()
            await self._way.read(self._dialect.ready)
            held = await self._way.read(self._orders.held)
            self.number = _number(held)
            self.account = _named(self._access, self.number)
        except ConfigError:
            raise  # it answers, and something of ours does not fit it
        except Exception as error:
            if failures.keyless(error):
                raise ConfigError(
                    f"{name} refuses the API key or its secret ({failures.code_of(error)})",
                    "venues",
                    "use one that may trade spot from this address, with its own secret",
                ) from None
            why = f"{name} cannot be reached: {failures.said(error)}"
            raise ConfigError(why, "venues", "try again later") from None

    async def _markets(self) -> object:
        return await self._way.go("markets", _PATIENCE, self._way.client.load_markets)

    async def _first_seen(self, code: str, capital: Decimal) -> Own:
        name = self._access.exchange.name
        try:
            cursor = await self._way.read(self._fills.cursor)
            total = (await self._way.read(self._orders.held))["total"]
        except Exception as error:
            why = f"{name} does not tell of the account: {failures.said(error)}"
            raise ConfigError(why, "venues", "try again later") from None
        return own_of(total, self.instruments.values(), code, capital, cursor, self.account, name)

    def _check_markets(self) -> None:
        """Our increments have to measure everything that the exchange can fill."""
        for instrument in self.instruments.values():
            market = (self._way.client.markets or {}).get(market_of(instrument))
            where = self._access.exchange.name
            if market is None:
                raise ConfigError(f"no market {market_of(instrument)}", where, "see its symbols")
            for what, own in (("price", instrument.tick), ("amount", instrument.lot)):
                theirs = numbers.decimal(market["precision"][what], what)
                if theirs % own:
                    raise ConfigError(
                        f"{instrument.symbol}: {what} moves by {theirs.normalize():f} there "
                        f"and by {own} here",
                        where,
                        "use the exchange's increments in the store",
                    )

    async def _measured(self) -> None:
        while True:
            await asyncio.sleep(_MEASURE_S)
            try:
                await self._way.measure()
            except Exception as error:
                # The old estimate stands; the stream's own state tells of an outage.
                self._told.anew("clock", failures.said(error))

    async def _closed(self) -> None:
        self._listening.leave()
        await self._way.client.close()


def _number(held: Any) -> str:
    """The exchange's own number of an account; empty where its balances tell none."""
    told = held.get("info") if isinstance(held, dict) else None
    number = told.get("uid") if isinstance(told, dict) else None
    return "" if number is None else str(number)


def _named(access: Access, number: str) -> str:
    """Where an account is, and its number."""
    where = urlsplit(access.url).netloc if access.url else access.exchange.name
    return f"{where}/{number}" if number else where
