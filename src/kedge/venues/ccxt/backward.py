"""Stops that wait for the price to come back through them, and how they are taken away."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Final

from kedge.venues.ccxt import failures, numbers
from kedge.venues.ccxt.reading import Told as Structure

_FIRST_S: Final = 0.25
_MOST_S: Final = 8.0
_TRIES: Final = 100


class Backward:
    """Cancels such stops wherever they are told of, again and again until they are gone.

    Args:
        cancel: a stop, by its market and client id.
    """

    def __init__(self, cancel: Callable[[str, str], Awaitable[object]]) -> None:
        self._cancel = cancel
        self._going: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def seek(self, look: Callable[[], Awaitable[bool]]) -> None:
        """Look for a stop until it was found; for some minutes, with growing pauses.

        Args:
            look: whether it is done with. What is found has to be shown to `take_away`.
        """
        self._keep(self._until(look))

    def take_away(self, symbol: str, wanted: str) -> None:
        """Cancel a stop, unless that is under way."""
        if wanted not in self._going:
            self._going.add(wanted)
            self._keep(self._taken_away(symbol, wanted))

    async def _taken_away(self, symbol: str, wanted: str) -> None:
        async def gone() -> bool:
            try:
                await self._cancel(symbol, wanted)
            except Exception as error:
                return failures.not_there(error)
            return True

        try:
            await self._until(gone)
            # Told of once more after that, it did not go.
            await asyncio.sleep(_FIRST_S)
        finally:
            self._going.discard(wanted)

    async def _until(self, done: Callable[[], Awaitable[bool]]) -> None:
        for pause in _pauses():
            if await _safely(done):
                return
            await asyncio.sleep(pause)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def backward(told: Structure) -> bool:
    """Whether a stop at Bybit waits for the way back; not where its messages leave that open."""
    info = told["info"]
    if info.get("orderStatus") != "Untriggered":
        return False
    trigger, last = (
        numbers.decimal(info.get(name) or 0, name)
        for name in ("triggerPrice", "lastPriceOnCreated")
    )
    if not trigger or not last:
        return False
    return trigger >= last if told.get("side") == "sell" else trigger <= last


def _pauses() -> Iterator[float]:
    for number in range(_TRIES):
        yield min(_MOST_S, _FIRST_S * 2.0 ** min(number, 10))


async def _safely(done: Callable[[], Awaitable[bool]]) -> bool:
    """What breaks is not done."""
    try:
        return await done()
    except Exception:
        return False
