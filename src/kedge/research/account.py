"""What a run's integers amount to: daily equity, cash, and the residual that is judged."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.money import currency
from kedge.domain.panel import F64, Panel
from kedge.engine.pipeline import Decision
from kedge.research.assess import Case, assess
from kedge.research.benchmarks import equal_weight, residual
from kedge.research.daily import DailyEquity, daily_equity
from kedge.research.instrument_returns import daily_instrument_returns
from kedge.research.run import Run
from kedge.research.verdict import Evidence


def daily_of(run: Run) -> DailyEquity:
    """Equity of a run at the end of each session, in the reporting currency."""
    scale = minor_units(run.decision)
    capital = run.decision.program.capital / scale
    return daily_equity(run.panel.ts, run.panel.session, run.equity / scale, capital)


def minor_units(decision: Decision) -> float:
    """Minor units in one unit of the reporting currency."""
    return float(10 ** currency(decision.program.currencies[0]).digits)


def cash_of(decision: Decision, days: int) -> F64:
    """(D,) daily return on cash, which is what the step credits."""
    return np.full(days, float(decision.program.params.P[o.P_CASH_RATE]))


def market_of(panel: Panel, cash: F64) -> F64:
    """(D,) daily returns of the universe at equal weights: what the residual is against.

    Equal weights, because an instrument's beta against them does not depend on
    which names happened to win.
    """
    return equal_weight(daily_instrument_returns(panel), cash)


def residual_of(daily: DailyEquity, panel: Panel, decision: Decision) -> F64:
    """(D,) daily residual return of an account against its universe and cash."""
    cash = cash_of(decision, daily.days)
    return residual(daily.returns, market_of(panel, cash), cash).returns


def judge_alone(run: Run, doubled: DailyEquity, seed: int) -> Evidence:
    """The verdict on a run that no other trial is related to.

    Args:
        run: at its stated costs.
        doubled: daily equity of the same at doubled costs.
        seed: of the resampling behind the lower bound.
    """
    daily = daily_of(run)
    own = residual_of(daily, run.panel, run.decision)
    case = Case(
        residual=own,
        residual_doubled=residual_of(doubled, run.panel, run.decision),
        trials=own[:, None],
        search=None,
        per_year=daily.per_year,
        trades=len(run.trades),
        point_in_time=run.panel.point_in_time,
    )
    return assess(case, seed)
