"""Every default, named against the rule it comes from (not against the code)."""

import re

import pytest

from kedge.settings import Settings
from kedge.settings.reference import leaves, plain

# key, default, rule; the figures are those of the specification.
TABLE = """
data.store store STO-06
data.start null VAL-05
data.end null VAL-05
data.as_of null VAL-05
universe.symbols [] VAL-06
universe.name null VAL-06
universe.interval 1d DAT-24
universe.benchmark null VAL-10
strategies [ma_momentum, mean_reversion, breakout, technical, trend] STR-02
capital 100000 PHIL-12
currency null QUANT 1
seed 7 DESIGN 1
ensemble.horizon auto QUANT 3
ensemble.weights.technical 0.3 ENS-01
ensemble.weights.momentum 0.25 ENS-01
ensemble.weights.cross_asset 0.2 ENS-01
ensemble.weights.sentiment 0.15 ENS-01
ensemble.weights.ml 0.1 ENS-01
ensemble.confidence_gate 0.6 ENS-09
ensemble.shrinkage 100 ENS-04
ensemble.track_record_trades 100 QUANT 3
sizing.risk_per_trade 0.01 SIZ-01
sizing.kelly_fraction 0.25 SIZ-05
sizing.volatility_target 0.15 SIZ-04
sizing.stop_sigmas 3 SIZ-03
limits.risk_per_trade 0.01 SIZ-01
limits.open_risk 0.2 SIZ-02
limits.position 0.1 RSK-04
limits.position_ceiling.spot 0.2 RSK-05
limits.position_ceiling.equity 0.25 RSK-05
limits.position_ceiling.perpetual 0.2 RSK-05
limits.gross 1 RSK-10
limits.group 0.3 RSK-07
limits.group_join 0.7 QUANT 5
limits.group_part 0.6 QUANT 5
limits.var 0.05 RSK-01
limits.var_confidence 0.95 RSK-01
limits.var_method student_t QUANT 5
limits.student_t_dof 5 QUANT 5
limits.expected_shortfall 0.08 RSK-01
limits.drawdown_start 0.1 RSK-09
limits.drawdown_stop 0.2 RSK-09
limits.daily_loss 0.05 RSK-06
limits.consecutive_losses 5 RSK-08
limits.spread_bps.spot 20 RSK-14
limits.spread_bps.equity 20 RSK-14
limits.spread_bps.perpetual 20 RSK-14
limits.slippage_bps.spot 50 RSK-14
limits.slippage_bps.equity 50 RSK-14
limits.slippage_bps.perpetual 50 RSK-14
limits.min_sessions 20 QUANT 5
limits.cure_margin 0.02 QUANT 5
risk_model.ewma_decay 0.97 QUANT 5
risk_model.slow_decay 0.99 QUANT 5
risk_model.historical_min_sessions 250 QUANT 5
costs.impact square_root QUANT 8
costs.impact_y 0.5 QUANT 8
costs.described_temporary 0.1 EXE-09
costs.described_permanent 0.05 EXE-09
costs.described_coins {BTC: 0.05, ETH: 0.08, SOL: 0.15} EXE-10
costs.described_other 0.5 EXE-10
costs.cash_rate 0 QUANT 9
costs.borrow_bps 30 QUANT 1
costs.fx_spread_bps 2 QUANT 1
costs.stress 1 QUANT 10
execution.fill next_open VAL-01
execution.latency_rows 0 VAL-07
execution.participation 0.05 EXE-11
execution.participation_hour 0.1 EXE-11
execution.min_interval_s 30 EXE-11
execution.max_open_orders 10 EXE-11
execution.buffer_min 0.1 QUANT 3
execution.buffer_max 0.5 QUANT 3
delisting.sessions 5 QUANT 8
delisting.haircut 0.3 QUANT 8
research.cost_stress [1, 2, 4] QUANT 10
research.sensitivity 0.2 SIM-11
research.delays [0, 1, 2, 3, 4, 5] SIM-11
research.price_noise 0.001 SIM-11
research.resamples 1000 SIM-11
"""
RULE = re.compile(r"(\S+) (.+) ([A-Z]{3,4}-\d\d|(?:QUANT|DESIGN) \d+)")
NAMED = {m[1]: (m[2], m[3]) for line in TABLE.split("\n") if (m := RULE.fullmatch(line))}
LEAVES = {leaf.key: leaf for leaf in leaves(Settings())}


def test_every_setting_is_named_here_and_nothing_else_is() -> None:
    assert LEAVES.keys() == NAMED.keys()


@pytest.mark.parametrize("key", NAMED)
def test_default_is_the_specified_one(key: str) -> None:
    leaf = LEAVES[key]
    extra = leaf.field.json_schema_extra
    assert isinstance(extra, dict)
    assert (plain(leaf.default), extra["source"]) == NAMED[key]
    assert leaf.field.description


def test_settings_without_a_unit_are_those_that_have_none() -> None:
    without = {
        key for key, leaf in LEAVES.items() if not dict(leaf.field.json_schema_extra)["unit"]
    }
    assert without == {
        "data.store", "universe.name", "universe.symbols", "universe.benchmark", "strategies",
        "seed", "limits.var_method", "limits.student_t_dof", "costs.impact", "costs.impact_y",
        "costs.described_temporary", "costs.described_permanent", "costs.described_coins",
        "costs.described_other", "execution.fill",
    }  # fmt: skip
