"""What makes the books of a whole connection doubtful."""

from decimal import Decimal

import pytest

from kedge.data.books.keeper import Books, new_book
from kedge.data.wire.listings import Listing, Listings
from kedge.data.wire.messages import Gap
from kedge.domain.errors import ConfigError
from recorded import samples, text

LISTINGS = Listings(
    [
        Listing(0, "BTC-USD", Decimal("0.01"), Decimal("1e-8")),
        Listing(1, "X", Decimal(1), Decimal(1)),
    ]
)


def advanced(number: int, kind: str = "update") -> bytes:
    change = {"side": "bid", "price_level": "5.00", "new_quantity": str(number)}
    events = [{"type": kind, "product_id": "BTC-USD", "updates": [change]}]
    return text(
        {"channel": "l2_data", "timestamp": "2026-04-07T14:30:00Z", "sequence_num": number,
         "events": events}
    )  # fmt: skip


def test_missing_number_of_a_connection_makes_its_books_doubtful() -> None:
    books = Books("coinbase", LISTINGS)
    books.feed(advanced(0, "snapshot"), 1)
    books.feed(advanced(1), 1)
    assert books.by_key[0].trusted
    found = books.feed(advanced(3), 1)
    assert found[0] == Gap(2, 3)
    assert books.wanting() == ("BTC-USD", "X")


def test_repeated_number_of_a_connection_is_not_applied_again() -> None:
    books = Books("coinbase", LISTINGS)
    for number, kind in ((0, "snapshot"), (1, "update"), (2, "update"), (1, "update")):
        books.feed(advanced(number, kind), 1)
    assert books.by_key[0].best() == (500, 2 * 10**8, 0, 0)
    assert books.by_key[0].trusted


def test_unreadable_message_counts_as_a_missing_number() -> None:
    books = Books("coinbase", LISTINGS)
    books.feed(advanced(0, "snapshot"), 1)
    books.feed(advanced(1).replace(b"5.00", b"NaN!"), 1)
    assert books.refused == 1
    books.feed(advanced(2), 1)
    assert not books.by_key[0].trusted


def test_unreadable_message_is_a_loss_where_nothing_else_would_show_it() -> None:
    books = Books("coinbase_exchange", LISTINGS)
    body = {"type": "snapshot", "product_id": "BTC-USD", "bids": [["1.00", "1"]], "asks": []}
    books.feed(text(body), 1)
    assert books.by_key[0].trusted
    books.feed(b'{"type":"l2update","product_id":"BTC-USD"}', 2)
    assert not books.by_key[0].trusted


def test_new_connection_starts_with_nothing_trusted() -> None:
    books = Books("coinbase", LISTINGS)
    books.feed(advanced(7, "snapshot"), 1)
    books.restarted()
    assert not books.by_key[0].trusted
    books.feed(advanced(0, "snapshot"), 2)
    assert books.by_key[0].trusted


def test_silent_books_are_named() -> None:
    books = Books("coinbase", LISTINGS)
    books.feed(advanced(0, "snapshot"), 100)
    assert books.expire(150, 60) == ("X",)
    assert books.expire(161, 60) == ("BTC-USD", "X")


def test_sample_books_of_every_venue_are_trusted_once_loaded() -> None:
    for venue, symbol, name in (
        ("okx", "BTC-USDT", "ws_books_snapshot"),
        ("kraken", "BTC/USD", "ws_book_snapshot"),
    ):
        listings = Listings([Listing(0, symbol, Decimal("0.01"), Decimal("1e-8"), 1, 8)])
        body = next(b for n, b in samples(venue) if n.startswith(name))
        books = Books(venue, listings)
        books.feed(body.replace(b'"checksum"', b'"unsummed"'), 1)
        assert books.by_key[0].trusted


def test_rules_of_an_unknown_protocol_are_refused_in_one_line() -> None:
    with pytest.raises(ConfigError, match="no book rules for 'bitmex'"):
        new_book("bitmex", LISTINGS.of("X"))
