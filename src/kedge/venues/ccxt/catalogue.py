"""What an exchange lists and what it traded before, asked before an account is opened."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import msgspec

from kedge.data.intervals import DAY
from kedge.data.streams.budget import SECOND, Budget
from kedge.domain.errors import ConfigError, KedgeError, MessageError
from kedge.domain.instrument import Instrument
from kedge.venues.ccxt import failures
from kedge.venues.ccxt.candles import MS, Bar, Candles, bars_of, candles_of
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.markets import Market, instruments_of
from kedge.venues.ccxt.paths import TooBusyError, Way
from kedge.venues.ccxt.requests import market_of
from kedge.venues.ccxt.worker import Worker

_T = TypeVar("_T")
_PATIENCE: Final = 30 * SECOND
_CALL_S: Final = 120.0
_ASKS: Final = 200
_SETTLED: Final = SECOND
"""After its end, a candle is told as it stays."""
_AHEAD: Final = 10 * SECOND


class Catalogue:
    """Public knowledge of one exchange; calls wait for their answers. No API key is used.

    Args:
        access: to the exchange; its secrets are left out.
        clock: ns UTC.
        budget: of the exchange's host; all who ask that host share it.
    """

    def __init__(
        self, access: Access, clock: Callable[[], int], budget: Budget | None = None
    ) -> None:
        public = msgspec.structs.replace(access, key="", secret="", passphrase="")
        self._exchange, self._clock = access.exchange, clock
        budget = budget or Budget(self._exchange.limit)
        self._worker = Worker(f"kedge-{self._exchange.name}-public", failures.of_library)
        self._way = Way(public, budget, clock, asyncio.sleep, self._worker.steady)
        self._names = _widths(self._way.client)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    @property
    def name(self) -> str:
        """Of the exchange."""
        return self._exchange.name

    @property
    def widths(self) -> tuple[int, ...]:
        """Lengths of the candles that it offers, a day at most; ns, ascending."""
        return tuple(sorted(self._names))

    def instruments(self, symbols: Sequence[str]) -> tuple[Instrument, ...]:
        """What the exchange says of spot markets, in the order of their symbols.

        Args:
            symbols: by the exchange's ids, as BTC/USDT, or as BTCUSDT.

        Raises:
            ConfigError: a symbol is not listed or does not trade now, or the exchange cannot be
                reached, refuses, or tells what cannot be read; one line.
        """
        return self._wait(self._instruments(symbols))

    def candles(self, instrument: Instrument, timeframe_ns: int, end: int, count: int) -> Candles:
        """The finished candles among the last ``count`` before an instant.

        Args:
            instrument: as `instruments` gave it.
            timeframe_ns: one of `widths`.
            end: ns UTC; no candle ends after it. It may lie seconds ahead: it is waited for.
            count: stretches to look back on; those without a candle are left out.

        Raises:
            ConfigError: there are no such candles, or as `instruments`.
        """
        if timeframe_ns not in self._names:
            offered = ", ".join(self._names[width] for width in self.widths)
            raise ConfigError(
                f"{self.name} has no candles of {timeframe_ns / SECOND:g} s",
                "",
                f"it has {offered}",
            )
        end -= end % timeframe_ns
        bars = self._wait(self._bars(instrument, timeframe_ns, end, end - count * timeframe_ns))
        return candles_of(bars, timeframe_ns)

    def close(self) -> None:
        """Give back what it holds."""
        self._worker.call(self._way.client.close(), 10.0)
        self._worker.stop()

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Whatever goes wrong is one line."""
        name = self.name
        try:
            return self._worker.call(work, _CALL_S)
        except MessageError as error:
            what, remedy = f"{name} tells what cannot be: {error.what}", "try again later"
        except KedgeError:
            raise
        except Exception as error:
            what, remedy = _failed(name, error), "try again later"
        raise ConfigError(what, "venues", remedy) from None

    async def _instruments(self, symbols: Sequence[str]) -> tuple[Instrument, ...]:
        return instruments_of(await self._markets(), symbols, self.name)

    async def _markets(self) -> Collection[Market]:
        client = self._way.client
        if not client.markets:
            await self._way.read(self._way.measure)
            await self._way.read(lambda: self._way.go("markets", _PATIENCE, client.load_markets))
        if not client.markets:
            raise MessageError("no market at all")
        found: Collection[Market] = client.markets.values()
        return found

    async def _bars(
        self, instrument: Instrument, width: int, end: int, since: int
    ) -> dict[int, Bar]:
        """Page by page; an answer may hold less than was asked for, and stretches may be empty."""
        await self._markets()
        await self._over(end)
        found: dict[int, Bar] = {}
        for _ in range(_ASKS):
            if since >= end:
                return found
            most = min(self._exchange.candles, (end - since) // width)
            told = await self._page(instrument, width, since, most)
            later = {opened: bar for opened, bar in told.items() if opened >= since}
            found |= {opened: bar for opened, bar in later.items() if opened + width <= end}
            since = max(later) + width if later else since + most * width
        raise MessageError(f"{_ASKS} answers do not hold the candles of {instrument.symbol}")

    async def _page(
        self, instrument: Instrument, width: int, since: int, most: int
    ) -> dict[int, Bar]:
        client, name = self._way.client, self._names[width]

        def ask() -> Awaitable[Any]:
            return client.fetch_ohlcv(market_of(instrument), name, since // MS, most)  # type: ignore[no-any-return]

        told = await self._way.read(lambda: self._way.go("candles", _PATIENCE, ask))
        bars = bars_of(told, instrument)
        if any(opened % width for opened in bars):
            raise MessageError(
                f"a candle of {instrument.symbol} that opens at no multiple of {name}"
            )
        return bars

    async def _over(self, end: int) -> None:
        """Wait until the exchange's own clock is past an instant, if that is near."""
        skew = self._way.skew
        there = self._clock() + (skew.offset if skew else 0)
        left = end + _SETTLED - there
        if left > _AHEAD:
            raise ConfigError(
                f"{self.name} is {(end - there) / SECOND:.0f} s behind what it is asked for",
                "venues",
                "set this machine's clock",
            )
        await asyncio.sleep(max(0, left) / SECOND)


def _failed(name: str, error: Exception) -> str:
    if failures.of_library(error) or isinstance(error, TooBusyError | TimeoutError):
        return f"{name} cannot be reached: {failures.said(error)}"
    return f"{name} tells what cannot be read ({type(error).__name__})"


def _widths(client: Any) -> dict[int, str]:
    """Ccxt's names of candles by their length, a day at most."""
    lengths = {name: client.parse_timeframe(name) * SECOND for name in client.timeframes or {}}
    return {length: name for name, length in lengths.items() if length <= DAY}
