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
    exec(CODE[1], names)
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


def test_every_fault_is_on_the_page():
    told = set(re.findall(r"`([a-z-]+)`", PAGE))
    assert {fault.name.lower().replace("_", "-") for fault in Fault} <= told
