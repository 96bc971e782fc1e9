"""The page on venues is true: its code runs, and it names what there is."""

import re
import time
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from contracts.test_simulated_venue import COIN
from kedge.domain.errors import ConfigError
from kedge.domain.order import Order
from kedge.domain.report import Accepted, Balances, NoAnswer, Rejected
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.wire.world import World
from support import ROOT
from wire_stage import KEY, NAME, RIGHTS, served, until

PAGE = (ROOT / "docs" / "how-to" / "venue.md").read_text(encoding="utf-8")
CODE = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


class Broker:
    """Takes one order, refuses small ones, and is silent about a third kind."""

    def place(self, order):
        if order.lots < 2:
            raise ValueError("too small")
        if order.lots > 9:
            raise TimeoutError("nothing came back")
        return "B-1"


@pytest.mark.parametrize(("lots", "kind"), [(1, Rejected), (5, Accepted), (10, NoAnswer)])
def test_the_template_answers_a_submit(lots, kind):
    names = {}
    exec(CODE[-1], names)
    venue = names["BrokerVenue"](Broker(), lambda: 7)
    venue.submit(Approved(Order("k00000001-1-0", 0, 1, lots), Token()))
    venue._thread.shutdown()
    (report,) = venue.reports()
    assert (type(report), report.order) == (kind, "k00000001-1-0")


@contextmanager
def opening():
    """What the page opens a venue with, and a server; every venue made is closed in the end."""
    names, made = {}, []
    exec(CODE[0], names)
    adapter = names["CcxtVenue"]

    def noted(*given):
        made.append(adapter(*given))
        return made[-1]

    names["CcxtVenue"] = noted
    try:
        with served() as server:
            yield lambda secret, coin: names["opened"](
                {KEY: coin}, lambda: server.floor.now, NAME, secret, server.url
            )
    finally:
        for venue in made:
            venue.close()


def test_the_adapter_opens_as_told():
    with opening() as opened:
        venue = opened(RIGHTS.secret, COIN)
        until(lambda: venue.connected)
        assert venue.skew is not None  # the exchange's clock was measured
        venue.balances()
        until(lambda: venue.idle)
        (told,) = [each for each in venue.reports() if isinstance(each, Balances)]
        assert (dict(told.cash), dict(told.positions)) == ({"USDT": 100_000 * 10**8}, {})


@pytest.mark.parametrize(
    ("secret", "coin", "line"),
    [
        ("another", COIN, "venues: binance refuses the API key"),
        (RIGHTS.secret, replace(COIN, tick=2 * COIN.tick),
         "binance: COINUSDT: price moves by 0.05 there and by 0.02 here"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_key_or_an_increment_is_said_in_one_line(secret, coin, line):
    with opening() as opened:
        with pytest.raises(ConfigError) as caught:
            opened(secret, coin)
        assert str(caught.value).startswith(line)
        assert "\n" not in str(caught.value)


def test_the_catalogue_answers_as_told():
    names = {}
    exec(CODE[1], names)
    floor = World(symbols=("BTCUSDT",), start=time.time_ns()).open()
    with served(floor) as server:
        access = Access(exchange=exchange_of("binance"), key="", secret="", url=server.url)
        closes = names["daily_closes"](access, time.time_ns, "BTCUSDT", 30)
        bars = server.do(server.floor.prints[0].bars, "1d", server.floor.now)
    assert closes.tolist() == [bar.close for bar in bars[-31:-1]]


def test_every_fault_is_on_the_page():
    told = set(re.findall(r"`([a-z-]+)`", PAGE))
    assert {fault.name.lower().replace("_", "-") for fault in Fault} <= told
