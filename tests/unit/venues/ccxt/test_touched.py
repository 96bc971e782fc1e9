"""What of a stop's state shows that it was touched."""

import pytest

from kedge.venues.ccxt.exchanges import EXCHANGES
from kedge.venues.ccxt.reading import touched

WORKED = EXCHANGES["binance"].worked
AT = {WORKED: 1_700_000_000_000}


def stop(status, filled="0", trigger="99.5", info=AT):
    """One of ccxt's orders."""
    return {"status": status, "filled": filled, "triggerPrice": trigger, "info": info}


@pytest.mark.parametrize(
    ("order", "is_so"),
    [
        (stop("open", info={}), False),
        (stop("open"), False),
        (stop("open", "0.1"), True),
        (stop("closed", "1"), True),
        (stop("closed", "1", info={}), True),
        (stop("expired"), True),
        (stop("expired", info={}), False),
        (stop("canceled", info={}), False),
        (stop("canceled", "0.1"), True),
        (stop("closed", "1", trigger=None), False),
        (stop("expired", trigger="0.00000000"), False),
    ],
)
def test_a_stop_was_touched_where_it_filled_or_expired_at_work(order, is_so):
    assert touched(order, WORKED) is is_so


def test_what_no_exchange_names_shows_nothing():
    assert not touched(stop("expired", info={"": 1}), EXCHANGES["kraken"].worked)
