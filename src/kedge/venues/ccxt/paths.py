"""The way to an exchange: one budget, its clock, and every request through here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Any, Final, TypeVar

from kedge.data.streams.budget import Budget
from kedge.data.streams.skew import ClockSkew, SkewMeter
from kedge.domain.errors import KedgeError
from kedge.venues.ccxt import failures
from kedge.venues.ccxt.client import Access, client_of

_T = TypeVar("_T")
_MS: Final = 1_000_000
_PROBES: Final = 3
_LATE: Final = ("-1021", "10002", "50102")
"""Codes of Binance, Bybit and OKX for a request whose time is not the exchange's."""
_AGAIN_S: Final = (0.25, 0.5, 1.0, 2.0)
"""Between attempts to read."""


class TooBusyError(Exception):
    """The budget is spent for longer than the request may wait: nothing was sent."""


class Way:
    """Requests to one exchange.

    Args:
        access: to the account.
        budget: of its host.
        clock: ns UTC.
        sleep: waits so many seconds.
        steady: ns that only grow.

    Attributes:
        client: ccxt's.
    """

    def __init__(
        self,
        access: Access,
        budget: Budget,
        clock: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
        steady: Callable[[], int],
    ) -> None:
        self._exchange, self._budget = access.exchange, budget
        self._clock, self._sleep, self._steady = clock, sleep, steady
        self._meter, self._steadily = SkewMeter(), SkewMeter()
        self._turn: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if self._exchange.in_turn else nullcontext()
        )
        self.client: Any = client_of(access, self._answered)

    @property
    def skew(self) -> ClockSkew | None:
        """The exchange's clock minus ours; None before it was measured."""
        return self._meter.estimate()

    @property
    def banned_until(self) -> int:
        """Until when its host refuses every request, ns UTC; the past or 0 where it does not."""
        return self._budget.banned_until

    async def go(self, kind: str, patience_ns: int, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask for something, once.

        Args:
            kind: names its weight.
            patience_ns: it may wait for the budget.
            ask: does it.

        Raises:
            TooBusyError: it would have to wait longer.
        """
        weight = self._exchange.weights.get(kind, 1)
        waited = 0
        while wait := self._wait(weight):
            waited += wait
            if waited > patience_ns:
                raise TooBusyError(f"the rate budget is spent for {wait / 1e9:.1f} s")
            await self._sleep(wait * 1e-9)
        try:
            async with self._turn:
                return await ask()
        except Exception as error:
            if failures.code_of(error) in _LATE and kind != "time":
                await self._measure_again()
            raise

    def _wait(self, weight: int) -> int:
        """Ns to wait for a weight; zero once it is spent."""
        try:
            return self._budget.take(weight, self._clock())
        except KedgeError as error:
            raise TooBusyError(f"the rate budget cannot be read: {error}") from error

    async def _measure_again(self) -> None:
        """A clock was set: what failed has failed, what comes next is signed by the new time."""
        with suppress(Exception):
            await self.measure()

    async def read(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask for what only tells, a few times where no definite answer comes.

        Args:
            ask: does it, `go` within; nothing that changes anything there.
        """
        for wait in _AGAIN_S:
            try:
                return await ask()
            except Exception as error:
                if failures.definite(error) or not failures.of_library(error):
                    raise
            await self._sleep(wait)
        return await ask()

    async def measure(self) -> None:
        """See how far the exchange's clock is from ours, and sign by the exchange's."""
        if not self.client.has.get("fetchTime"):
            return
        for _ in range(_PROBES):
            sent, begun = self._clock(), self._steady()
            told = int(await self.go("time", 2_000_000_000, self.client.fetch_time)) * _MS
            self._meter.answered(sent, told, self._clock())
            self._steadily.answered(begun, told, self._steady())
        skew = self._meter.estimate()
        if skew is not None:  # a millisecond of rounding is no skew
            off = round(skew.offset / _MS)
            self.client.options["timeDifference"] = -off if abs(off) > 1 else 0

    def off(self) -> int:
        """The most that a stamp of now may differ from the exchange's clock; 0 where unmeasured.

        The exchange's time goes on by the steady clock, so that ours, if it was set since it
        was measured, is found to be off by as much.
        """
        known = self._steadily.estimate()
        if known is None:
            return 0
        stamp = int(self.client.nonce()) * _MS
        return abs(stamp - self._steady() - known.offset) + known.error

    def _answered(self, status: int, headers: Mapping[str, str]) -> None:
        self._budget.answered(status, headers, self._clock())
