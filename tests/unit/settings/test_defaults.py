"""Every default, named a second time: none changes by accident."""

import re

import pytest

from kedge.settings import Settings
from kedge.settings.reference import leaves, plain

# key, default
TABLE = """
data.store store
data.start null
data.end null
data.as_of null
universe.symbols []
universe.name null
universe.interval 1d
universe.benchmark null
strategies [ma_momentum, mean_reversion, breakout, technical, trend]
capital 100000
currency null
seed 7
ensemble.horizon auto
ensemble.weights.technical 0.3
ensemble.weights.momentum 0.25
ensemble.weights.cross_asset 0.2
ensemble.weights.sentiment 0.15
ensemble.weights.ml 0.1
ensemble.confidence_gate 0.6
ensemble.shrinkage 100
ensemble.track_record_trades 100
sizing.risk_per_trade 0.01
sizing.kelly_fraction 0.25
sizing.volatility_target 0.15
sizing.stop_sigmas 3
limits.risk_per_trade 0.01
limits.open_risk 0.2
limits.position 0.1
limits.position_ceiling.spot 0.2
limits.position_ceiling.equity 0.25
limits.position_ceiling.perpetual 0.2
limits.gross 1
limits.group 0.3
limits.group_join 0.7
limits.group_part 0.6
limits.var 0.05
limits.var_confidence 0.95
limits.var_method student_t
limits.student_t_dof 5
limits.expected_shortfall 0.08
limits.drawdown_start 0.1
limits.drawdown_stop 0.2
limits.daily_loss 0.05
limits.consecutive_losses 5
limits.spread_bps.spot 20
limits.spread_bps.equity 20
limits.spread_bps.perpetual 20
limits.slippage_bps.spot 50
limits.slippage_bps.equity 50
limits.slippage_bps.perpetual 50
limits.min_sessions 20
limits.cure_margin 0.02
risk_model.ewma_decay 0.97
risk_model.slow_decay 0.99
risk_model.historical_min_sessions 250
costs.impact square_root
costs.impact_y 0.5
costs.described_temporary 0.1
costs.described_permanent 0.05
costs.described_coins {BTC: 0.05, ETH: 0.08, SOL: 0.15}
costs.described_other 0.5
costs.cash_rate 0
costs.borrow_bps 30
costs.fx_spread_bps 2
costs.stress 1
execution.fill next_open
execution.latency_rows 0
execution.participation 0.05
execution.participation_hour 0.1
execution.min_interval_s 30
execution.max_open_orders 10
execution.buffer_min 0.1
execution.buffer_max 0.5
delisting.sessions 5
delisting.haircut 0.3
research.cost_stress [1, 2, 4]
research.sensitivity 0.2
research.delays [0, 1, 2, 3, 4, 5]
research.price_noise 0.001
research.resamples 1000
evidence.weak_deflated 0.95
evidence.strong_deflated 0.99
evidence.pbo 0.2
evidence.years 2
evidence.trades 100
quality.stale_daily 5
quality.stale_intraday 36
quality.outlier_score 15
quality.outlier_floor_daily 0.15
quality.outlier_floor_intraday 0.05
quality.zero_volume 0.01
quality.split_move 0.28
quality.split_tolerance 0.03
quality.split_day_tolerance 0.15
quality.split_volume 1.3
limits.gate_margin 0.05
limits.order 0.25
limits.price_band_bps 200
limits.quote_age_s 5
execution.style twap
execution.span 30m
execution.gap 1m
execution.volume_share 0.05
execution.shown 0.2
execution.give_up_s 2
session.folder out/session
session.start null
session.warm_up 300
session.grace_s 0.2
session.silence_s 20
session.print_share 0.05
session.pre_open_s 900
session.compare_s 60
session.send_s 1
session.ack_s 5
session.cancel_s 5
session.cancel_tries 3
session.query_s 1
session.query_max_s 60
session.fills_s 1
session.strangers halt
session.differences halt
session.at_end cancel
session.end_s 15
session.record false
session.backup_every_s 3600
session.backup_folder null
session.backups_kept 7
session.database null
session.database_password null
venues []
"""
LINE = re.compile(r"(\S+) (.+)")
NAMED = {m[1]: m[2] for line in TABLE.split("\n") if (m := LINE.fullmatch(line))}
LEAVES = {leaf.key: leaf for leaf in leaves(Settings())}


def test_every_setting_is_named_here_and_nothing_else_is() -> None:
    assert LEAVES.keys() == NAMED.keys()


@pytest.mark.parametrize("key", NAMED)
def test_default_is_the_specified_one(key: str) -> None:
    leaf = LEAVES[key]
    assert plain(leaf.default) == NAMED[key]
    assert leaf.field.description


def test_settings_without_a_unit_are_those_that_have_none() -> None:
    without = {
        key for key, leaf in LEAVES.items() if not dict(leaf.field.json_schema_extra)["unit"]
    }
    assert without == {
        "data.store", "universe.name", "universe.symbols", "universe.benchmark", "strategies",
        "seed", "limits.var_method", "limits.student_t_dof", "costs.impact", "costs.impact_y",
        "costs.described_temporary", "costs.described_permanent", "costs.described_coins",
        "costs.described_other", "execution.fill", "execution.style", "session.folder",
        "session.at_end", "session.strangers", "session.differences", "session.backup_folder",
            "session.database", "session.database_password", "session.record", "venues",
    }  # fmt: skip
