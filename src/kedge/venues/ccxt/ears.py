"""A live feed that a thread of its own listens to, until the session takes its turn."""

import asyncio
from collections import deque
from contextlib import suppress
from threading import Lock
from typing import Final

from kedge.data.streams.live import LiveFeed
from kedge.domain.market import BookDelta, MarketEvent
from kedge.venues.ccxt.worker import Worker

_BEAT_S: Final = 0.02
_AGAIN_S: Final = 1.0
MOST: Final = 50_000
"""Events that wait for a session; one that listens at all never lets so many come together."""


class Ears:
    """Gathers what a feed brings.

    Where the feed lost something, so has everybody who follows it: what was heard of books
    before that is of no use any more, and is dropped. The same happens where more waits than
    there is room for; of all other events the latest stay then.

    Args:
        feed: not yet listened to.
        name: of the thread.
        most: events that may wait.
    """

    def __init__(self, feed: LiveFeed, name: str, most: int = MOST) -> None:
        self._feed, self._worker, self._most = feed, Worker(f"{name}-feed"), most
        self._heard: deque[MarketEvent | None] = deque()
        self._turn = Lock()
        self._losses = 0
        self._worker.keep(self._listen)
        self._worker.keep(self._watch)

    def take(self) -> tuple[bool, list[MarketEvent]]:
        """Whether books lost something, and everything that came since the last call, in order."""
        with self._turn:
            found, self._heard = self._heard, deque()
        if None not in found:
            return False, [each for each in found if each is not None]
        lost = max(place for place, each in enumerate(found) if each is None)
        return True, [
            each
            for place, each in enumerate(found)
            if each is not None and (place > lost or not isinstance(each, BookDelta))
        ]

    def ask(self, symbol: str) -> None:
        """Let a whole book come once more."""
        self._worker.post(lambda: self._feed.ask(symbol))

    def close(self) -> None:
        """Stop listening."""
        with suppress(TimeoutError):
            self._worker.call(self._feed.close(), 5.0)
        with suppress(TimeoutError):
            self._worker.stop()

    async def _listen(self) -> None:
        """For ever: a feed that failed is listened to again, and its books are lost meanwhile."""
        while True:
            try:
                async for event in self._feed.events():
                    self._mark()
                    self._note(event)
                return
            except Exception as error:
                self._feed.broke(f"failed: {type(error).__name__}")
            await asyncio.sleep(_AGAIN_S)

    async def _watch(self) -> None:
        """A feed that is down or silent brings nothing, and that has to be known."""
        while True:
            self._mark()
            for event in self._feed.answers():
                self._note(event)
            await asyncio.sleep(_BEAT_S)

    def _mark(self) -> None:
        """Note a loss in its place."""
        if self._feed.books.losses != self._losses:
            self._losses = self._feed.books.losses
            self._note(None)

    def _note(self, event: MarketEvent | None) -> None:
        """Let an event wait, or with None a loss."""
        with self._turn:
            self._heard.append(event)
            if len(self._heard) > self._most:
                self._heard = self._forgotten()

    def _forgotten(self) -> deque[MarketEvent | None]:
        """What is kept of too much: no book, and room for as much again."""
        kept = [e for e in self._heard if e is not None and not isinstance(e, BookDelta)]
        return deque((*kept[-(self._most // 2) :], None))
