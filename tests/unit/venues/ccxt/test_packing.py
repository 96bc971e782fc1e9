"""Ids of our orders where an exchange takes few characters."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asked_stage import ORDERS, desk
from kedge.domain.errors import MessageError
from kedge.domain.order import order_id
from kedge.domain.report import Accepted
from kedge.venues.ccxt.exchanges import EXCHANGES
from kedge.venues.ccxt.packing import packed, unpacked
from kedge.venues.ccxt.requests import client_id, own_id

KRAKEN = EXCHANGES["kraken"]
IDS = st.builds(
    order_id,
    st.integers(0, 2**32 - 1).map("{:08x}".format),
    st.integers(0, 2**36 - 1),
    st.integers(0, 2**19 - 1),
)
LONG = order_id("00c0ffee", 17_000_123, 16)
ANSWERED = {
    "AddOrder": {
        "error": [],
        "result": {"descr": {"order": "buy 0.01 XBTUSDT @ limit 50000"}, "txid": ["V1"]},
    }
}


@given(IDS, st.sampled_from(sorted(EXCHANGES)))
def test_what_is_sent_fits_and_is_known_again(order, name):
    exchange = EXCHANGES[name]
    sent = client_id(order, exchange)
    assert len(sent) <= exchange.longest_id
    assert sent.isalnum() or exchange.dash == "-"
    assert own_id(sent, exchange) == order


@given(IDS, IDS)
def test_two_orders_have_two_ids(one, other):
    assert (client_id(one, KRAKEN) == client_id(other, KRAKEN)) == (one == other)


@given(st.text("0123456789abcdefghijklmnopqrstuvwxyz-_+ P", min_size=18, max_size=18))
def test_an_id_that_somebody_else_gave_is_never_half_read(client):
    order = unpacked(client)
    assert order is None or packed(order) == client


def test_an_id_that_fits_stays_as_it_is():
    assert client_id("k00c0ffee-fffff-ff", KRAKEN) == "k00c0ffee-fffff-ff"
    assert own_id("k00c0ffee-fffff-ff", KRAKEN) == "k00c0ffee-fffff-ff"
    assert (len(LONG), len(client_id(LONG, KRAKEN))) == (20, 18)


@pytest.mark.parametrize("order", [
    "a-name-of-somebody-else", order_id("00c0ffee", 2**36, 0), order_id("00c0ffee", 1, 2**19),
])  # fmt: skip
def test_numbers_that_cannot_be_packed_are_not_cut(order):
    assert packed(order) is None


def test_an_id_that_cannot_be_packed_is_refused():
    with pytest.raises(MessageError, match="18 at most"):
        client_id("a-name-of-somebody-else", KRAKEN)


def test_an_order_with_a_long_id_is_placed_under_the_short_one():
    order = msgspec.structs.replace(ORDERS["limit"], id=LONG)
    made, _ = desk("kraken", lambda d: d.submit(order), answers=ANSWERED)
    sent = next(each for each in made.asked if "AddOrder" in each.path)
    assert sent.said["cl_ord_id"] == packed(LONG)
    (accepted,) = made.told.take()
    assert (type(accepted), accepted.order) == (Accepted, LONG)
