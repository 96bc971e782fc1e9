"""A recording played back through decoder and books: what was in it, symbol by symbol."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec

from kedge.data.books.keeper import Books
from kedge.data.recorder.recording import about, books_of, heard, names, play
from kedge.data.streams.connection import CONNECTED, STREAM
from kedge.data.wire.listings import Listing
from kedge.domain.market import BookDelta, Trade


class Symbol(msgspec.Struct):
    """What a recording holds of one symbol.

    Attributes:
        symbol: as the venue writes it.
        updates, trades: of the book, and how many deals.
        traded: units.
        first, last: prices of the first and the last deal; None without one.
        bid, ask: the last best prices of a book that was trusted, None without any.
    """

    symbol: str
    updates: int = 0
    trades: int = 0
    traded: Decimal = Decimal(0)
    first: Decimal | None = None
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None


class Played(msgspec.Struct):
    """What a recording holds.

    Attributes:
        venue: whose messages they are.
        segments: closed ones.
        messages: all of them.
        refused: messages that could not be read.
        connections: of the feed.
        losses: how often the books lost something while one lasted.
        begun, ended: arrival of the first and the last message, ns UTC; 0 without one.
        symbols: by the venue's names.
    """

    venue: str
    segments: int = 0
    messages: int = 0
    refused: int = 0
    connections: int = 0
    losses: int = 0
    begun: int = 0
    ended: int = 0
    symbols: tuple[Symbol, ...] = ()


def played(folder: Path, step: Callable[[int], None]) -> Played:
    """Play a recording from its begin to its end.

    Args:
        folder: of the recording.
        step: told of bytes as they are played.

    Raises:
        DataError: there is none, or a part of it is missing or damaged.
    """
    known = about(folder)
    books, found = books_of(known), Played(known.protocol, len(names(folder)))
    by_key = {each.key: (each, Symbol(each.symbol)) for each in known.listings}
    for message in play(folder):
        found.messages += 1
        found.begun, found.ended = found.begun or message.received, message.received
        if message.stream != STREAM:
            _note_quotes(books, by_key)
        found.connections += message.stream == CONNECTED
        before = books.losses
        events = heard(books, message)
        found.losses += books.losses - before if message.stream == STREAM else 0
        for event in events:
            if isinstance(event, Trade | BookDelta):
                _note(*by_key[event.key], event)
        step(len(message.message))
    _note_quotes(books, by_key)
    found.refused = books.refused
    found.symbols = tuple(symbol for _, symbol in by_key.values())
    return found


def _note_quotes(books: Books, by_key: dict[int, tuple[Listing, Symbol]]) -> None:
    for key, (listing, symbol) in by_key.items():
        if books.by_key[key].trusted:
            bid, _, ask, _ = books.by_key[key].best()
            symbol.bid = listing.tick * bid if bid else None
            symbol.ask = listing.tick * ask if ask else None


def _note(listing: Listing, symbol: Symbol, event: Trade | BookDelta) -> None:
    if isinstance(event, BookDelta):
        symbol.updates += 1
        return
    price = listing.tick * event.ticks
    symbol.trades += 1
    symbol.traded += listing.lot * event.lots
    symbol.first, symbol.last = symbol.first or price, price
