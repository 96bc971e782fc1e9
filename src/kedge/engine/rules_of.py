"""Settings and instruments to the rules of the step."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil

from kedge.domain.instrument import AssetClass, Instrument
from kedge.domain.money import currency, to_minor
from kedge.domain.panel import Panel
from kedge.domain.rules import FillMode, Rules, StrategyTerms
from kedge.engine.tail_factors import student_t_factors
from kedge.settings import Settings

_DAY_NS = 86_400_000_000_000


def horizon_sessions(horizon_ns: int) -> float:
    """The horizon in sessions; a calendar day of horizon is one session."""
    return horizon_ns / _DAY_NS


def impact_coefficient(settings: Settings, instrument: Instrument) -> float:
    """Kappa of the impact ``kappa * sigma * sqrt(share of daily volume)``.

    The square-root law takes Y; the described model the sum of
    its temporary and permanent parts times the coin's coefficient.
    """
    costs = settings.costs
    if costs.impact == "square_root":
        return float(costs.impact_y)
    described = float(costs.described_temporary + costs.described_permanent)
    if instrument.asset_class is AssetClass.EQUITY:
        return described
    coins = dict(costs.described_coins)
    return described * float(coins.get(instrument.base, costs.described_other))


def fill_mode(settings: Settings, instruments: Sequence[Instrument]) -> FillMode:
    """The configured mode, but at the close where a close is all there is.

    The stand-in for an open is the close before it: the very price that the
    decision saw, at which nobody could have traded any more.
    """
    mode = FillMode[settings.execution.fill.upper()]
    if mode is FillMode.NEXT_OPEN and any(i.close_only for i in instruments):
        return FillMode.NEXT_CLOSE
    return mode


def position_cap(settings: Settings, instrument: Instrument) -> float:
    """The position limit, never above the ceiling of the instrument's class."""
    ceiling = settings.limits.position_ceiling.of(instrument.asset_class)
    return min(float(settings.limits.position), float(ceiling))


def rules_of(
    settings: Settings, panel: Panel, strategies: Sequence[StrategyTerms], reporting: str
) -> Rules:
    """The frozen scalars of one run.

    Args:
        settings: the parsed tree.
        panel: instruments and sessions a year.
        strategies: what the blend knows of each.
        reporting: code of the reporting currency.
    """
    limits, costs, execution = settings.limits, settings.costs, settings.execution
    z, y = student_t_factors(float(limits.var_confidence), float(limits.student_t_dof))
    instruments = panel.instruments
    return Rules(
        capital=to_minor(Decimal(str(settings.capital)), currency(reporting)),
        strategies=tuple(strategies),
        horizon_ns=settings.horizon_ns,
        horizon_sessions=horizon_sessions(settings.horizon_ns),
        sessions_per_year=panel.sessions_per_year,
        confidence_gate=settings.ensemble.confidence_gate,
        shrinkage=settings.ensemble.shrinkage,
        track_record_trades=settings.ensemble.track_record_trades,
        size_risk_per_trade=settings.sizing.risk_per_trade,
        kelly_fraction=settings.sizing.kelly_fraction,
        volatility_target=settings.sizing.volatility_target,
        stop_sigmas=settings.sizing.stop_sigmas,
        risk_per_trade=limits.risk_per_trade,
        open_risk=limits.open_risk,
        gross=limits.gross,
        group=limits.group,
        group_join=limits.group_join,
        group_part=limits.group_part,
        var=limits.var,
        var_z=z,
        expected_shortfall=limits.expected_shortfall,
        es_y=y,
        tail=1.0 - limits.var_confidence,
        historical=limits.var_method == "historical",
        historical_min_sessions=settings.risk_model.historical_min_sessions,
        drawdown_start=limits.drawdown_start,
        drawdown_stop=limits.drawdown_stop,
        daily_loss=limits.daily_loss,
        consecutive_losses=limits.consecutive_losses,
        min_sessions=limits.min_sessions,
        cure_margin=limits.cure_margin,
        covariance_lambda=settings.risk_model.ewma_decay,
        slow_lambda=settings.risk_model.slow_decay,
        cost_multiplier=costs.stress,
        cash_rate=costs.cash_rate,
        fx_spread_bps=costs.fx_spread_bps,
        fill=fill_mode(settings, instruments),
        latency_rows=execution.latency_rows,
        participation=execution.participation,
        participation_hour=execution.participation_hour,
        min_rows=max(1, ceil(execution.min_interval_s * 1e9 / panel.interval_ns)),
        max_open_orders=execution.max_open_orders,
        buffer_min=execution.buffer_min,
        buffer_max=execution.buffer_max,
        delisting_sessions=settings.delisting.sessions,
        delisting_haircut=settings.delisting.haircut,
        position_cap=tuple(position_cap(settings, i) for i in instruments),
        spread_limit_bps=tuple(float(limits.spread_bps.of(i.asset_class)) for i in instruments),
        slippage_limit_bps=tuple(float(limits.slippage_bps.of(i.asset_class)) for i in instruments),
        impact=tuple(impact_coefficient(settings, i) for i in instruments),
    )
