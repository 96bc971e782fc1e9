"""The page on venues is true: its code runs, and it names what there is."""

import re

import pytest

from kedge.domain.order import Order
from kedge.domain.report import Accepted, NoAnswer, Rejected
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.simulated.fault_plan import Fault
from support import ROOT

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


def test_the_adapter_opens_as_told():
    from contracts.test_simulated_venue import COIN
    from wire_stage import KEY, NAME, RIGHTS, served

    names = {}
    exec(CODE[0], names)
    with served() as server:
        venue = names["opened"](
            {KEY: COIN}, lambda: server.floor.now, NAME, RIGHTS.secret, server.url
        )
        venue.close()


def test_the_catalogue_answers_as_told():
    import time

    from kedge.venues.ccxt.client import Access
    from kedge.venues.ccxt.exchanges import exchange_of
    from kedge.venues.wire.world import World
    from wire_stage import served

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
