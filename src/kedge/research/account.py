"""What a run's integers amount to: daily equity, cash, and the residual that is judged."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.money import currency
from kedge.domain.panel import F64, Panel
from kedge.engine.pipeline import Decision
from kedge.research.benchmarks import equal_weight, residual
from kedge.research.daily import DailyEquity, daily_equity, session_ends
from kedge.research.instrument_returns import daily_instrument_returns
from kedge.research.run import Run


def daily_of(run: Run) -> DailyEquity:
    """Equity of a run at the end of each session, in the reporting currency."""
    scale = minor_units(run.decision)
    capital = run.decision.program.capital / scale
    ends = session_ends(run.panel.session)
    equity = run.rows[ends, o.ROW_EQUITY] / scale
    return daily_equity(run.panel.ts[ends], run.panel.session[ends], equity, capital)


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
