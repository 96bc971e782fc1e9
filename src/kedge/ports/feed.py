"""A feed's contract: market events of one connection, in order, for as long as it is read."""

from collections.abc import AsyncIterator
from typing import Protocol

from kedge.domain.control import Quoted
from kedge.domain.market import MarketEvent


class Feed(Protocol):
    """Market data of one venue; it reconnects, detects silence and gaps, and never reorders."""

    def events(self) -> AsyncIterator[MarketEvent]:
        """Events in order of arrival; ends when the feed is closed."""

    def quote(self, key: int, now: int) -> Quoted:
        """Best prices of a key; zeros while its book is not trusted."""

    def trusted(self, key: int) -> bool:
        """Whether the book of a key may be believed."""

    async def close(self) -> None:
        """End it."""
