"""An account's stream that cannot be read, or breaks while nobody waits for it, is joined anew."""

import asyncio
import time
from pathlib import Path

import pytest

from contracts.test_simulated_venue import ASK, BID, LOT
from kedge.domain.order import Order, OrderType
from kedge.domain.report import Accepted, Link
from kedge.venues.ccxt.listening import Listening
from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.requests import Cross
from report_fuzz import BATCH, campaign, main
from simulated import approved
from wire_stage import KEY, served, trading, until

BALANCE = (
    '{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1,"u":1,'
    '"B":[{"a":"USDT","f":"%s","l":"0"}]}}'
)


def tell(server, text):
    """Send something to everybody who hears of the account."""
    for line in server.server.streams.lines:
        if line.account is not None:
            line.send(text.encode())


def links(venue, count, seconds=5.0):
    """The next states of the stream."""
    found = []

    def enough():
        found.extend(report.up for report in venue.reports() if isinstance(report, Link))
        return len(found) >= count

    until(enough, seconds)
    return found


@pytest.mark.parametrize("text", ['{"subscriptionId":0,"event":{"e":"exec', BALANCE % "1e308999"])
def test_a_message_that_cannot_be_read_breaks_the_stream_and_it_is_joined_anew(text):
    with served() as server, trading(server) as venue:
        server.do(tell, server, text)
        assert links(venue, 2) == [False, True]


@pytest.mark.parametrize("name", ["k1e308-1e999-0", "5e123235-943a-4d2c-b1e2-0c1d2e3f4a5b"])
def test_a_name_that_looks_like_a_number_beyond_measure_breaks_nothing(name):
    with served() as server, trading(server) as venue:
        server.do(tell, server, (BALANCE % "5").replace("USDT", name))
        time.sleep(0.2)
        assert venue.connected
        assert venue.reports() == []


def test_a_stream_that_breaks_while_its_news_are_read_is_reported_broken(monkeypatch):
    order = Order("kc0ffee00-1-0", KEY, 1, LOT, OrderType.LIMIT, limit=(BID + ASK) // 2)
    with served() as server, trading(server) as venue:
        venue.submit(approved(order))
        until(lambda: any(isinstance(report, Accepted) for report in venue.reports()))
        look = Listening._look

        async def slow(listening):
            await asyncio.sleep(0.3)
            await look(listening)

        monkeypatch.setattr(Listening, "_look", slow)
        server.do(server.floor.act, Cross(KEY, -1, order.limit, LOT))
        time.sleep(0.1)  # order and trade were told, and both are being read
        server.do(server.server.strike, Fault.LINK_DOWN, 0)
        assert links(venue, 2) == [False, True]


def test_true_orders_are_filled_between_mutated_messages():
    tally = campaign(7, 6)
    assert (tally.mutated, tally.orders) == (6 * BATCH, 6)
    assert tally.decoded >= 0.3 * tally.mutated


def test_the_campaign_goes_on_from_where_it_stopped(tmp_path: Path):
    state = tmp_path / "state.json"
    first = main(1, state, batches=1)
    again = main(first.mutated + 1, state, batches=1)
    assert again.mutated == 2 * first.mutated
