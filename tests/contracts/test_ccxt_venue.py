"""The adapter of ccxt passes the numbered cases against the wire of a simulated venue."""

import pytest

from contracts.venue_conformance import CASES, Desk
from wire_stage import WireStage, served, trading


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_ccxt_adapter_passes(case):
    with served() as server, trading(server) as venue:
        case(Desk(WireStage(server, venue)))
