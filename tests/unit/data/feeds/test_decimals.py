"""Numbers of messages become ticks and lots exactly, or are refused in one line."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.data.wire.binance import Binance
from kedge.data.wire.build import book_levels
from kedge.data.wire.listings import Listing, Listings, Steps
from kedge.domain.errors import DataError, MessageError
from kedge.domain.market import Trade

STEPS = [Decimal(x) for x in ("0.01", "0.5", "1", "25", "0.00000001", "0.0001", "10")]


def steps(tick: Decimal, lot: Decimal = Decimal("0.001")) -> Steps:
    return Steps(Listing(0, "X", tick, lot))


@settings(deadline=None)  # the first call compiles
@given(st.sampled_from(STEPS), st.integers(1, 10**9), st.integers(0, 4))
def test_price_is_exact(tick: Decimal, ticks: int, zeros: int) -> None:
    text = f"{tick * ticks:f}"
    text += "0" * zeros if "." in text else ""
    assert steps(tick).price(text.encode()) == ticks
    assert steps(tick).price(f'"{text}"'.encode()) == ticks


@settings(deadline=None)  # the first call compiles
@given(st.decimals(min_value=0, max_value=10**6, places=9), st.sampled_from(STEPS))
def test_quantity_is_rounded_down_to_whole_lots(size: Decimal, lot: Decimal) -> None:
    assert steps(Decimal(1), lot).lots(f"{size:f}".encode()) == int(size / lot)


@settings(deadline=None)  # the first call compiles
@given(st.decimals(min_value=Decimal("1e-9"), max_value=10**6, places=9), st.sampled_from(STEPS))
def test_price_between_two_ticks_is_refused(price: Decimal, tick: Decimal) -> None:
    if price % tick == 0:
        assert steps(tick).price(f"{price:f}".encode()) == int(price / tick)
        return
    with pytest.raises(MessageError, match="no multiple of the tick"):
        steps(tick).price(f"{price:f}".encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"NaN", "not a number"), (b'"NaN"', "not a number"), (b"", "not a number"),
        (b'""', "not a number"), (b"1.", "not a number"), (b".5", "not a number"),
        (b'"1', "not a number"), (b"1x", "not a number"), (b"1 2", "not a number"),
        (b"-1", "negative"), (b"1e308", "exponent"), (b"1E5", "exponent"),
        (b"9" * 40, "too large"), (b"0." + b"1" * 40, "too large"), (b"0", "zero"),
        (b"0.00", "zero"), (b"null", "not a number"), (b"Infinity", "not a number"),
    ],
)  # fmt: skip
def test_what_is_no_price_is_refused_in_one_line(text: bytes, words: str) -> None:
    with pytest.raises(MessageError, match=words) as caught:
        steps(Decimal("0.01")).price(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [b"[", b"[[", b'[["1"]]', b'[["1","2"', b'[["1","2"],]', b'[["1" "2"]]', b'[["1","2"]',
     b'{"1":2}', b'[["1","2",["3"]]]', b'[["1","2"3]]', b'[["0","1"]]', b"x"],
)  # fmt: skip
def test_what_is_no_level_is_refused(text: bytes) -> None:
    with pytest.raises(MessageError):
        book_levels(steps(Decimal(1)), text, b"")


def test_levels_with_blanks_and_further_entries_are_read() -> None:
    bids = b' [ [ "2.0" , "0.5" , "0", "1" ] , [1,2,1618678134.2] ] '
    found = book_levels(steps(Decimal(1)), bids, b"[]")
    assert np.array_equal(found, [[0, 2, 500], [0, 1, 2000]])


@pytest.mark.parametrize("tick", ["0", "-1", "NaN", "1e-30", "1e30"])
def test_step_that_is_none_is_refused(tick: str) -> None:
    with pytest.raises(DataError):
        steps(Decimal(tick))


def test_unknown_symbol_is_one_line() -> None:
    decoder = Binance(Listings([Listing(0, "BTCUSDT", Decimal("0.01"), Decimal(1))]))
    body = b'{"e":"trade","E":1,"s":"XYZ","t":1,"p":"1","q":"1","T":1,"m":true}'
    with pytest.raises(MessageError, match="unknown symbol 'XYZ'"):
        decoder.decode(body, 1)
    (trade,) = decoder.decode(body.replace(b"XYZ", b"BTCUSDT"), 1)
    assert trade == Trade(0, 10**6, 1, 1, 100, 1, -1)
