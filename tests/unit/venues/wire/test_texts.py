"""Decimal texts of the wire, exactly, there and back; signatures as the exchange checks them."""

import hashlib
import hmac
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.test_simulated_venue import COIN, LOT, TICK
from kedge.venues.ccxt import numbers
from kedge.venues.simulated.listing import listed
from kedge.venues.wire.asked import Asked, Rights
from kedge.venues.wire.refusals import RequestError
from kedge.venues.wire.spot import Spot

SPOT = Spot(COIN, listed(3, COIN, tick_step=TICK, lot_step=LOT))
NOW = 1_700_000_000_000_000_000


@given(st.integers(0, 2**50))
def test_prices_and_quantities_come_back_as_they_went(n):
    assert SPOT.ticks(SPOT.price(n), "price") == n
    assert SPOT.lots(SPOT.size(n), "quantity") == n
    assert numbers.steps(numbers.text(n, COIN.tick), COIN.tick, "price") == n
    assert numbers.decimal(SPOT.worth(n), "x") == n * COIN.tick * COIN.lot


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.001", -1013), ("1e400", -1013), ("NaN", -1100), ("-1", -1100), ("", -1100),
        ("1,5", -1100), ("Infinity", -1100), ("9" * 41, -1100), ("1e30", -1013),
    ],
)  # fmt: skip
def test_a_price_that_is_none_is_refused(text, code):
    with pytest.raises(RequestError) as caught:
        SPOT.ticks(text, "price")
    assert caught.value.code == code


def signed(secret="s3cret", **params):
    text = urlencode(params)
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return text, made


@pytest.mark.parametrize("where", ["query", "body", "both"])
def test_a_signature_is_of_the_text_as_it_was_sent(where):
    head, tail = "symbol=COINUSDT&side=BUY", f"timestamp={NOW // 10**6}"
    joined = {"query": f"{head}&{tail}", "body": f"{head}&{tail}", "both": head + tail}[where]
    made = hmac.new(b"s3cret", joined.encode(), hashlib.sha256).hexdigest()
    sent = {
        "query": (f"{head}&{tail}&signature={made}", ""),
        "body": ("", f"{head}&{tail}&signature={made}"),
        "both": (head, f"{tail}&signature={made}"),
    }[where]
    asked = Asked.from_http(*sent)
    asked.check(Rights("s3cret"), NOW)
    with pytest.raises(RequestError, match="-1022"):
        asked.check(Rights("other"), NOW)


@pytest.mark.parametrize(
    ("off_ms", "window", "code"),
    [(0, 5000, 0), (-4999, 5000, 0), (-5001, 5000, -1021), (999, 5000, 0), (1000, 5000, -1021),
     (-50_000, 60_000, 0), (0, 60_001, -1131), (0, 0, -1131)],
)  # fmt: skip
def test_the_receive_window(off_ms, window, code):
    params = {"timestamp": NOW // 10**6 + off_ms, "recvWindow": window}
    text, made = signed(**params)
    asked = Asked.from_http(f"{text}&signature={made}", "")
    if code:
        with pytest.raises(RequestError) as caught:
            asked.check(Rights("s3cret"), NOW)
        assert caught.value.code == code
    else:
        asked.check(Rights("s3cret"), NOW)


def test_messages_are_signed_in_the_order_of_their_names():
    params = {"timestamp": NOW // 10**6, "apiKey": "k", "flag": True}
    text = f"apiKey=k&flag=true&timestamp={NOW // 10**6}"
    params["signature"] = hmac.new(b"s", text.encode(), hashlib.sha256).hexdigest()
    Asked.from_socket(params).check(Rights("s"), NOW)


def test_decimals_are_plain():
    assert SPOT.price(1) == "0.01000000"
    assert numbers.text(10**12, Decimal("1E-8")) == "10000.00000000"
    assert numbers.text(3, Decimal("1E+2")) == "300"
