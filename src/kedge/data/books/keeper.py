"""All books of one connection, and what makes them doubtful beside their own numbers."""

from collections.abc import Callable
from typing import Final

from kedge.data.books import checksums
from kedge.data.books.book import CAPACITY, Book
from kedge.data.books.rules import (
    Ascending,
    BinanceFutures,
    BinanceSpot,
    Consecutive,
    Linked,
    Rule,
    Unnumbered,
)  # fmt: skip
from kedge.data.wire.decoders import decoder
from kedge.data.wire.listings import Listings, Steps
from kedge.data.wire.messages import Gap, Message
from kedge.domain.errors import ConfigError, MessageError
from kedge.domain.market import BookDelta

RULES: Final[dict[str, Callable[[], Rule]]] = {
    "binance": BinanceSpot, "binance_futures": BinanceFutures, "okx": Linked,
    "bybit": Consecutive, "bybit_v2": Ascending, "kraken": Unnumbered,
    "kraken_futures": Consecutive, "coinbase": Unnumbered, "coinbase_exchange": Unnumbered,
}  # fmt: skip
"""How each protocol numbers the updates of a book."""
UNSEEN_LOSS: Final = frozenset(("bybit_v2", "coinbase_exchange"))
"""Protocols where no number and no checksum would show that an update was lost."""


def new_book(protocol: str, steps: Steps, depth: int = 0, capacity: int = CAPACITY) -> Book:
    """An empty book by the rules of a protocol.

    Args:
        protocol: a name of `RULES`.
        steps: of its symbol.
        depth: levels a side that were subscribed; zero where the venue tells of all.
        capacity: room on each side.

    Raises:
        ConfigError: no such protocol.
    """
    make = RULES.get(protocol)
    if make is None:
        raise ConfigError(f"no book rules for {protocol[:40]!r}", "", f"one of: {', '.join(RULES)}")
    checksum = None
    if protocol == "okx":
        checksum = checksums.okx(steps.scale)
    if protocol == "kraken":
        checksum = checksums.kraken(steps.scale, steps.digits)
    return Book(steps.key, make(), checksum, depth, capacity)


class Books:
    """Decodes a connection's messages and keeps its books.

    Args:
        protocol: a name of `RULES`.
        listings: its symbols.
        depth, capacity: of every book, see `new_book`.

    Attributes:
        by_key: books by key.
        refused: messages that could not be read.
        last_refusal: the last of them, in one line.
        losses: how often all books lost something.
    """

    def __init__(
        self, protocol: str, listings: Listings, depth: int = 0, capacity: int = CAPACITY
    ) -> None:
        name = {"bybit_v2": "bybit", "kraken_futures": "kraken"}.get(protocol, protocol)
        self.decoder = decoder(name, listings)
        self.listings = listings
        self.by_key = {
            x.key: new_book(protocol, listings.of(x.symbol), depth, capacity) for x in listings.all
        }
        self._loses = protocol in UNSEEN_LOSS
        self.refused = 0
        self.last_refusal = ""
        self.losses = 0

    def feed(self, message: bytes, received: int) -> tuple[Message, ...]:
        """Decode a message of the stream and apply it; nothing where it cannot be read."""
        try:
            found = self.decoder.decode(message, received)
        except MessageError as error:
            self._refuse(error)
            return ()
        self.take(found)
        return found

    def reply(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        """Decode the answer to a request and apply it; nothing where it cannot be read."""
        try:
            found = self.decoder.reply(asked, symbol, body, received)
        except MessageError as error:
            self.refused, self.last_refusal = self.refused + 1, str(error)
            return ()
        self.take(found)
        return found

    def take(self, found: tuple[Message, ...]) -> None:
        """Apply what was decoded."""
        for event in found:
            if type(event) is BookDelta:
                self.by_key[event.key].apply(event)
            elif type(event) is Gap:
                self.lose()

    def lose(self) -> None:
        """The connection broke or a number of it is missing: every book lost something."""
        self.losses += 1
        for book in self.by_key.values():
            book.lose()

    def restarted(self) -> None:
        """A new connection."""
        self.decoder.restarted()
        self.lose()

    def wanting(self) -> tuple[str, ...]:
        """Symbols whose book only a new snapshot can mend."""
        return tuple(x.symbol for x in self.listings.all if self.by_key[x.key].wants_snapshot)

    def expire(self, now: int, limit_ns: int) -> tuple[str, ...]:
        """Symbols whose book has been silent for longer than ``limit_ns``; none is trusted."""
        keys = [key for key, book in self.by_key.items() if book.expire(now, limit_ns)]
        return tuple(x.symbol for x in self.listings.all if x.key in keys)

    def _refuse(self, error: MessageError) -> None:
        self.refused, self.last_refusal = self.refused + 1, str(error)
        if self._loses:
            self.lose()
