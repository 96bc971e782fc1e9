"""The feature path on recorded markets: delisted names, outages, splits."""

import numpy as np
import pytest

from kedge.domain.panel import Panel
from kedge.features.block import BarBlock
from kedge.features.plan import FeaturePlan
from kedge.features.sets import TA22
from markets import crypto_5m_panel, us_daily_panel


def plan_for(panel: Panel, *expressions: str) -> FeaturePlan:
    return FeaturePlan.build(expressions, len(panel.instruments), panel.interval_ns, panel.symbols)


def daily() -> Panel:
    return us_daily_panel()


def outage() -> Panel:
    """The days around the Binance outage of 2023-03-24."""
    panel = crypto_5m_panel()
    start = int(np.searchsorted(panel.ts, np.datetime64("2023-03-23", "ns").astype(np.int64)))
    return panel.window(start, start + 700)


@pytest.mark.parametrize("market", [daily, outage])
def test_row_by_row_equals_the_whole_history_bit_for_bit(market):
    panel = market()
    plan = plan_for(panel, *TA22.expressions)
    whole, state = plan.history(panel), plan.new_state()
    single = np.empty_like(whole)
    for i in range(panel.rows):
        plan.advance(state, BarBlock.from_panel(panel, i, i + 1), single[i : i + 1])
    assert whole.tobytes() == single.tobytes()
    assert np.isfinite(whole[-1]).any(axis=0).sum() >= 19


def test_a_hidden_cell_has_no_feature_that_depends_on_prices():
    panel = us_daily_panel()
    plan = plan_for(panel, "close", "rsi(14)")
    hidden = (panel.flags & 3) != 3
    assert hidden.any()
    assert np.isnan(plan.history(panel)[hidden]).all()


def test_splits_leave_no_jump_in_returns():
    panel = us_daily_panel()
    plan = FeaturePlan.build(
        ["returns(1)"], len(panel.instruments), panel.interval_ns, panel.symbols
    )
    returns = plan.history(panel)[:, :, 0]
    splits = panel.events[panel.events["kind"] == 1]
    assert len(splits)
    at = np.abs(returns[splits["row"], splits["index"]])
    assert np.nanmax(at) < 0.3
