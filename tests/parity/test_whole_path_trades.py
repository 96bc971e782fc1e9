"""With default settings every recorded market is traded, and no strategy is silent."""

import pytest

from kedge.bootstrap import decide_on
from kedge.domain import state as o
from kedge.research.run import run
from kedge.settings import Settings
from markets import crypto_5m_panel, us_daily_panel, us_long_panel

MARKETS = {"crypto_5m": crypto_5m_panel, "us_daily": us_daily_panel, "us_long": us_long_panel}


@pytest.fixture(scope="module", params=MARKETS)
def result(request):
    panel = MARKETS[request.param]()
    return run(panel, decide_on(Settings(), panel))


def test_the_defaults_trade(result):
    assert len(result.trades) > 30
    assert result.halted_row == -1


def test_every_strategy_speaks_and_has_a_share_in_the_fills(result):
    assert all(bound.compiled for bound in result.decision.strategies)
    shares = (result.attribution[:, :, o.ATTR_QUANTITY] != 0).sum(axis=0)
    assert all(bound.driver.spoke for bound in result.decision.strategies)
    assert shares.min() > 20
