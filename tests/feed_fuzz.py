"""Recorded messages, mutated: no crash, no hang, and no trust where a plain book disagrees.

``python -m feed_fuzz 1000000 STATE`` (with ``tests`` on the path) runs the whole campaign; it
notes in STATE how far it came and goes on from there.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kedge.data.books.keeper import Books
from kedge.domain.market import ASK, BID, BookDelta
from recorded import FINE_TICK, STREAMS, Recorded, listings, stream, symbols, text
from slow_book import SlowBook, changes_of

PROTOCOL = {**STREAMS, "bybit_ws_25": "bybit_v2", "bybit_ws_26": "bybit_v2"}
WORDS = [
    b"NaN", b"-1", b"0", b"1e308", b"1e-9", b"null", b"true", b'"', b"{}", b"[]", b"99999999999999",
    b'"-0.1"', b"\xff\xfe", b"\\u0000", b"Infinity", b"0.000000000000000000001", b",", b"]", b" ",
]
Mutation = Callable[[bytes, random.Random, list[Recorded]], bytes]


def same(message: bytes, _: random.Random, __: list[Recorded]) -> bytes:
    return message


def flipped(message: bytes, rng: random.Random, _: list[Recorded]) -> bytes:
    at = rng.randrange(len(message))
    return message[:at] + bytes([rng.randrange(256)]) + message[at + 1 :]


def digit(message: bytes, rng: random.Random, _: list[Recorded]) -> bytes:
    """One digit changed: what stays well-formed and lies."""
    places = [i for i, c in enumerate(message) if 48 <= c <= 57]
    if not places:
        return message
    at = rng.choice(places)
    return message[:at] + str(rng.randrange(10)).encode() + message[at + 1 :]


def cut(message: bytes, rng: random.Random, _: list[Recorded]) -> bytes:
    return message[: rng.randrange(len(message))]


def planted(message: bytes, rng: random.Random, _: list[Recorded]) -> bytes:
    at = rng.randrange(len(message))
    return message[:at] + rng.choice(WORDS) + message[at + rng.randrange(6) :]


def other(message: bytes, rng: random.Random, pool: list[Recorded]) -> bytes:
    return rng.choice(pool).body


def noise(message: bytes, rng: random.Random, _: list[Recorded]) -> bytes:
    return rng.randbytes(rng.randrange(200))


MUTATIONS: list[Mutation] = [same, same, digit, digit, flipped, planted, cut, other, noise]


class Tally(NamedTuple):
    """What a campaign saw."""

    messages: int = 0
    decoded: int = 0
    trusted: int = 0
    compared: int = 0
    slowest_ms: float = 0.0

    def plus(self, other_: "Tally") -> "Tally":
        """Both together."""
        sums = [a + b for a, b in zip(self[:4], other_[:4], strict=True)]
        return Tally(*sums, max(self.slowest_ms, other_.slowest_ms))


def campaign(seed: int, count: int, name: str) -> Tally:
    """``count`` messages of one recorded connection, each mutated or not.

    The plain book takes exactly what the decoder accepted; where the fast book says that it is
    trusted, both must hold the same levels.
    """
    rng, pool = random.Random(f"{seed}/{name}"), stream(name)
    books = Books(PROTOCOL[name], listings(symbols(name)), capacity=4096)
    keys = {x.symbol: x.key for x in books.listings.all}
    slow = {s: SlowBook() for s in keys}
    tally = Tally()
    for i in range(count):
        message = pool[i % len(pool)]
        if i % len(pool) == 0:
            books.restarted()
        body = rng.choice(MUTATIONS)(message.body, rng, pool)
        before = {s: (books.by_key[k].last, books.by_key[k].state) for s, k in keys.items()}
        start = time.perf_counter()
        found = books.feed(body, message.received)
        spent = (time.perf_counter() - start) * 1000
        updates = [e for e in found if type(e) is BookDelta]
        for update in updates:
            _mirror(update, books, slow, before)
        trusted = sum(_agree(books, slow, u.key) for u in updates)
        tally = tally.plus(Tally(1, bool(found), trusted > 0, trusted, spent))
    return tally


def _mirror(update: BookDelta, books: Books, slow: dict[str, SlowBook], before: dict) -> None:  # type: ignore[type-arg]
    """Give the plain book what the fast one took: it is asked only while the other is trusted."""
    symbol = books.listings.all[update.key].symbol
    last, state = before[symbol]
    book = books.by_key[update.key]
    taken = update.snapshot or (state == 0 and book.seen >= 0 and _applied(update, book, last))
    if not taken:
        return
    from decimal import Decimal

    changes = [
        ("ask" if side else "bid", ticks * FINE_TICK, Decimal(lots) * Decimal("1e-8"))
        for side, ticks, lots in update.levels.tolist()
    ]
    slow[symbol].take(update.snapshot, changes)


def _applied(update: BookDelta, book: object, last: int) -> bool:
    return update.last == 0 or getattr(book, "last") != last or update.previous == last  # noqa: B009


def _agree(books: Books, slow: dict[str, SlowBook], key: int) -> bool:
    book = books.by_key[key]
    if not book.trusted:
        return False
    plain = slow[books.listings.all[key].symbol]
    for side, word in ((BID, "bid"), (ASK, "ask")):
        fast = [tuple(x) for x in book.top(side, 10_000).tolist()]
        assert fast == plain.levels(word, FINE_TICK), (books.listings.all[key].symbol, word)
    bid, _, ask, _ = book.best()
    assert not (bid and ask and bid >= ask)
    return True


def main(total: int, state: Path, batch: int = 2_000) -> Tally:
    """The whole campaign, from where ``state`` says it stopped."""
    seed, tally = 0, Tally()
    if state.exists():
        kept = json.loads(state.read_text())
        seed, tally = kept["seed"], Tally(*kept["tally"])
    while tally.messages < total:
        for name in STREAMS:
            tally = tally.plus(campaign(seed, batch, name))
        seed += 1
        state.write_bytes(text({"seed": seed, "tally": list(tally)}))
    return tally


if __name__ == "__main__":
    print(main(int(sys.argv[1]), Path(sys.argv[2])))
