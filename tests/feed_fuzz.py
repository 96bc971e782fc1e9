"""Recorded messages, mutated: no crash, no hang, and no trust where a plain book disagrees.

``python -m feed_fuzz 1000000 STATE`` mutates a million (with ``tests`` on the path); it notes in
the folder STATE how far it came and goes on from there.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import NamedTuple

from kedge.data.books.keeper import Books
from kedge.domain.errors import MessageError
from kedge.domain.market import ASK, BID, BookDelta
from recorded import (
    BINANCE_SYMBOL,
    FINE_TICK,
    STREAMS,
    Recorded,
    kraken_digits,
    lines,
    listings,
    stream,
    symbols,
    text,
)  # fmt: skip
from resumed import resumed
from slow_book import Change, SlowBook, changes_of, pairs

PROTOCOL = {**STREAMS, "bybit_ws_25": "bybit_v2", "bybit_ws_26": "bybit_v2"}
WORDS = [
    b"NaN",
    b"-1",
    b"0",
    b"1e308",
    b"1e-9",
    b"null",
    b"true",
    b'"',
    b"{}",
    b"[]",
    b"99999999999999",
    b'"-0.1"',
    b"\xff\xfe",
    b"\\u0000",
    b"Infinity",
    b"0.000000000000000000001",
    b",",
    b"]",
    b" ",
]
Mutation = Callable[[bytes, random.Random, list[Recorded]], bytes]


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


MUTATIONS: list[Mutation] = [digit, digit, digit, flipped, flipped, planted, cut, other, noise]


DECODED = 0.3
"""Share of the mutated messages that has to decode: what is refused at once tests little."""


class Tally(NamedTuple):
    """What a campaign saw: ``decoded`` counts mutated messages only."""

    messages: int = 0
    mutated: int = 0
    decoded: int = 0
    compared: int = 0
    slowest_ms: float = 0.0

    def plus(self, other_: "Tally") -> "Tally":
        """Both together."""
        sums = [a + b for a, b in zip(self[:4], other_[:4], strict=True)]
        return Tally(*sums, max(self.slowest_ms, other_.slowest_ms))


class Mirror:
    """A plain book of every symbol, kept from the raw messages that the fast one took."""

    def __init__(self, books: Books, name: str) -> None:
        self._books, self._inclusive = books, name == "binance_futures_ws_1"
        self._depth = 1000 if name.startswith("kraken") else 0
        self._keys = {x.symbol: x.key for x in books.listings.all}
        self.slow = {s: SlowBook(depth=self._depth) for s in self._keys}
        self._pending: dict[str, list[tuple[int, list[Change]]]] = {s: [] for s in self._keys}

    def feed(self, body: bytes, received: int) -> tuple[bool, list[int]]:
        """Whether a message decoded, and keys of the books that it changed."""
        try:
            found = self._books.decoder.decode(body, received)
        except MessageError as error:
            one_line(error)
            self._books.feed(body, received)  # what a refusal does to the books
            return False, []
        updates = [e for e in found if type(e) is BookDelta]
        if len(updates) != len(found):
            self._books.take(tuple(e for e in found if type(e) is not BookDelta))
        read = list(changes_of(body)) if updates else []
        changed = []
        for update, (symbol, snapshot, changes) in zip(updates, read, strict=True):
            book = self._books.by_key[update.key]
            waits = book.wants_snapshot
            if book.apply(update):
                self.slow[symbol].take(snapshot, changes)
                changed.append(update.key)
            elif waits or book.wants_snapshot:
                self._pending[symbol].append((update.last, changes))
        return True, changed

    def reply(self, symbol: str, body: bytes, received: int) -> None:
        """A snapshot of the REST host, and what was kept for it."""
        self._books.reply("depth", symbol, body, received)
        snapshot = json.loads(body)
        last = snapshot["lastUpdateId"] - self._inclusive
        changes = pairs("bid", snapshot["bids"]) + pairs("ask", snapshot["asks"])
        self.slow[symbol].take(True, changes)
        for number, kept in self._pending[symbol]:
            if number > last:
                self.slow[symbol].take(False, kept)
        self._pending[symbol] = []

    def agree(self, key: int) -> bool:
        """Whether the fast book is trusted; then both hold the same levels."""
        book, symbol = self._books.by_key[key], self._books.listings.all[key].symbol
        if not book.trusted:
            return False
        for side, word in ((BID, "bid"), (ASK, "ask")):
            fast = [tuple(x) for x in book.top(side, 100_000).tolist()]
            assert fast == self.slow[symbol].levels(word, FINE_TICK), (symbol, word)
        bid, _, ask, _ = book.best()
        assert not (bid and ask and bid >= ask)
        return True


def one_line(error: MessageError) -> None:
    """A refusal is one line, and a short one."""
    assert "\n" not in str(error)
    assert len(str(error)) < 500


def snapshots(name: str) -> list[tuple[str, bytes]]:
    """REST snapshots that were recorded beside a connection: symbol and body."""
    if not name.startswith("binance"):
        return []
    http = [
        x for x in lines(f"cryptofeed_{name.replace('ws_1', 'http_0')}") if x["dir"] == "http_in"
    ]
    return [(BINANCE_SYMBOL.search(x["url"])[1], text(x["body"])) for x in http]  # type: ignore[index]


def campaign(seed: int, count: int, name: str) -> Tally:
    """``count`` messages of one recorded connection in passes from its start, mutated or not."""
    rng, pool, rest = random.Random(f"{seed}/{name}"), stream(name), snapshots(name)
    digits = kraken_digits() if name.startswith("kraken") else None
    names, tally = symbols(name), Tally()
    while tally.messages < count:
        depth = 1000 if name.startswith("kraken") else 0
        mirror = Mirror(Books(PROTOCOL[name], listings(names, digits), depth, 4096), name)
        rate, late = rng.choice((0.02, 0.2, 0.9)), rng.randrange(12)
        for i, message in enumerate(pool[: min(rng.randrange(40, 400), count - tally.messages)]):
            if i == late:
                for symbol, body in rest:
                    mirror.reply(symbol, body, message.received)
            tally = tally.plus(_one(mirror, message, rng if rng.random() < rate else None, pool))
    return tally


def _one(
    mirror: Mirror, message: Recorded, rng: random.Random | None, pool: list[Recorded]
) -> Tally:
    body = rng.choice(MUTATIONS)(message.body, rng, pool) if rng else message.body
    start = time.process_time()
    decoded, changed = mirror.feed(body, message.received)
    spent = (time.process_time() - start) * 1000
    if rng is None:
        assert decoded, "an untouched message between mutated ones is always read"
    compared = sum(mirror.agree(key) for key in changed)
    return Tally(1, rng is not None, decoded and rng is not None, compared, spent)


def main(total: int, state: Path, batch: int = 2_000) -> Tally:
    """The whole campaign, from where ``state`` says it stopped."""

    def more(seed: int) -> Tally:
        return reduce(Tally.plus, (campaign(seed, batch, name) for name in STREAMS))

    return resumed(total, state, Tally, more)


def said(tally: Tally) -> str:
    """A tally in one line."""
    return (
        f"{tally.messages:,} messages, {tally.mutated:,} of them mutated, "
        f"{tally.decoded / tally.mutated:.1%} of those still decoded, "
        f"{tally.compared:,} books compared, slowest {tally.slowest_ms:.1f} ms"
    )


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    whole = main(int(sys.argv[1]), folder / "feed_fuzz.json")
    sys.stdout.write(f"{said(whole)}\n")
    sys.exit(0 if whole.decoded >= DECODED * whole.mutated else 1)
