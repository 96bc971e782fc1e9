"""Why a limit never bound: what the run came nearest to, or why it could not bind at all."""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Final

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import LEFT
from kedge.domain.reason import Reason
from kedge.domain.rules import FillMode
from kedge.research import limit_facts as f
from kedge.research.limit_facts import Facts, percent


def _left(facts: Facts) -> str:
    if (facts.run.panel.flags & LEFT).any():
        return "No strategy asked for more of an instrument that had left the universe."
    return "No instrument left the universe while it could be traded."


def _input(facts: Facts) -> str:
    return (
        f"No decision was due before {facts.rules.min_sessions} sessions of returns: "
        "the strategies' own indicators warm up for longer."
    )


def _short(facts: Facts) -> str:
    if facts.run.decision.program.params.J[:, o.J_SHORTABLE].all():
        return "Every instrument may be sold short."
    return "No short position with enough confidence and edge was asked for."


def _spread(facts: Facts) -> str:
    spread, limit = facts.constant(o.A_SPREAD_BPS), facts.constant(o.A_SPREAD_LIMIT)
    n = int(np.argmax(spread / limit))
    return f"The widest is {facts.run.panel.symbols[n]} with {spread[n]:.3g} of {limit[n]:.3g} bps."


def _slippage(facts: Facts) -> str:
    slip, limit = f.slippage_bps(facts), facts.constant(o.A_SLIP_LIMIT)
    n = int(np.argmax(slip / limit))
    return (
        f"At the last row the expected slippage of a full position is {slip[n]:.1f} bps at most "
        f"({facts.run.panel.symbols[n]})."
    )


def _drawdown(facts: Facts) -> str:
    rules = facts.rules
    return (
        f"Full size holds to a drawdown of {percent(rules.drawdown_start)}; from there it falls "
        f"to zero new risk at {percent(rules.drawdown_stop)}."
    )


def _halted(facts: Facts) -> str:
    deepest = float(f.drawdowns(facts.run).max(initial=0.0))
    return f"The deepest drawdown was {percent(deepest)}."


def _daily_loss(facts: Facts) -> str:
    worst = float(f.worst_sessions(facts.run).max(initial=0.0))
    return f"The worst session lost {percent(worst)} of its opening equity."


def _losses(facts: Facts) -> str:
    longest = round(facts.peaks[Reason.LOSSES] * facts.rules.consecutive_losses)
    return f"The longest run was {longest} of {len(facts.run.trades):,} trades."


def _trade_risk(facts: Facts) -> str:
    rules = facts.rules
    if rules.size_risk_per_trade > rules.risk_per_trade:
        return (
            f"The base size risks up to {percent(rules.size_risk_per_trade)} at the stop, but "
            "Kelly and confidence kept every target below the limit."
        )
    return (
        f"Position sizes start from this limit: the base size risks "
        f"{percent(rules.size_risk_per_trade)} at the stop, and Kelly, confidence and every "
        "later stage only reduce it."
    )


def _position(facts: Facts) -> str:
    return (
        "Stop distance, Kelly and confidence never asked for more than "
        f"{f.between(min(facts.rules.position_cap), facts.cap)} of equity."
    )


def _largest(reason: Reason, what: str) -> Callable[[Facts], str]:
    def said(facts: Facts) -> str:
        return f"{what} was {percent(facts.peaks[reason] * _LIMIT[reason](facts))}."

    return said


def _open_risk(facts: Facts) -> str:
    rules, names = facts.rules, facts.names
    most = names * rules.risk_per_trade
    if most <= rules.open_risk:
        return (
            f"It cannot bind: {names} instruments at {percent(rules.risk_per_trade)} each make "
            f"{percent(most)}."
        )
    full = rules.gross / facts.cap
    if full * rules.risk_per_trade <= rules.open_risk:
        return (
            f"It cannot bind beneath {percent(facts.cap)} positions at {rules.gross:g}x gross: "
            f"{full:.0f} full positions at {percent(rules.risk_per_trade)} each make "
            f"{percent(full * rules.risk_per_trade)}."
        )
    return _MOST[Reason.OPEN_RISK](facts)


def _gross(facts: Facts) -> str:
    most = float(np.sum(facts.rules.position_cap))
    if most > facts.rules.gross:
        return _MOST[Reason.GROSS](facts)
    return (
        f"It cannot bind: {facts.names} instruments of at most {percent(facts.cap)} make "
        f"{most:.2g}x."
    )


def _var(facts: Facts) -> str:
    rules = facts.rules
    daily = rules.var_z * rules.volatility_target / sqrt(rules.sessions_per_year)
    if rules.historical or daily >= rules.var:
        return _MOST[Reason.VAR](facts)
    return (
        f"The volatility target of {percent(rules.volatility_target)} a year is a one-day VaR of "
        f"{percent(daily)}, so it binds before {percent(rules.var)} does."
    )


def _shortfall(facts: Facts) -> str:
    rules = facts.rules
    ratio = rules.es_y / rules.var_z
    if rules.historical or rules.expected_shortfall / rules.var < ratio:
        return _MOST[Reason.ES](facts)
    return (
        f"Shortfall is {ratio:.2f} times VaR under the parametric estimate, so VaR of "
        f"{percent(rules.var)} binds before a shortfall of {percent(rules.expected_shortfall)}."
    )


def _few(facts: Facts) -> str:
    return (
        "Every row with a book to shape had the "
        f"{facts.rules.historical_min_sessions} sessions that the historical method needs."
    )


def _infeasible(_: Facts) -> str:
    return "What could not be sold in a row never breached a limit by itself."


def _participation(facts: Facts) -> str:
    """Compares a position of the whole account with what a typical bar lets through."""
    values = facts.rules.participation * f.bar_values(facts)
    known = values > 0
    if not known.any():
        return "No order was made."
    return (
        f"At the last row {percent(facts.rules.participation)} of an average bar's volume is at "
        f"least {float(values[known].min()) / facts.equity:,.1f} times the account's whole equity."
    )


def _interval(facts: Facts) -> str:
    if facts.rules.min_rows <= 1:
        return "Rows are further apart than the interval between orders: it cannot bind."
    return f"No order that adds risk came within {facts.rules.min_rows} rows of the one before."


def _open_orders(facts: Facts) -> str:
    most = facts.rules.latency_rows + 1
    if most <= facts.rules.max_open_orders:
        return (
            f"An order lives one bar, so at most {most} can be open for one instrument: "
            "it cannot bind."
        )
    return f"No instrument had {facts.rules.max_open_orders} orders pending when one more was due."


def _notional(facts: Facts) -> str:
    if not facts.run.decision.program.params.J[:, o.J_MIN_NOTIONAL].any():
        return "These instruments have no minimum notional."
    return "Every order that did not close a position was worth its venue's minimum."


def _cash(facts: Facts) -> str:
    if facts.rules.fill is FillMode.LIMIT:
        return "Every buy was covered by cash at its limit price."
    return "Every buy was covered by cash at its fill price."


_LIMIT: Final[Mapping[Reason, Callable[[Facts], float]]] = {
    Reason.OPEN_RISK: lambda facts: facts.rules.open_risk,
    Reason.GROUP: lambda facts: facts.rules.group,
    Reason.GROSS: lambda facts: facts.rules.gross,
    Reason.VOL_TARGET: lambda facts: facts.rules.volatility_target,
    Reason.VAR: lambda facts: facts.rules.var,
    Reason.ES: lambda facts: facts.rules.expected_shortfall,
}
_MOST: Final[Mapping[Reason, Callable[[Facts], str]]] = {
    reason: _largest(reason, what)
    for reason, what in {
        Reason.OPEN_RISK: "The largest loss at all stops together",
        Reason.GROUP: "The largest net beta exposure of a group",
        Reason.GROSS: "The largest gross exposure",
        Reason.VOL_TARGET: "The highest yearly volatility of a book",
        Reason.VAR: "The largest one-day VaR",
        Reason.ES: "The largest one-day expected shortfall",
    }.items()
}

NEVER: Final[Mapping[Reason, Callable[[Facts], str]]] = {
    Reason.LEFT: _left,
    Reason.INPUT: _input,
    Reason.SHORT: _short,
    Reason.SPREAD: _spread,
    Reason.SLIPPAGE: _slippage,
    Reason.DRAWDOWN: _drawdown,
    Reason.HALTED: _halted,
    Reason.DAILY_LOSS: _daily_loss,
    Reason.LOSSES: _losses,
    Reason.TRADE_RISK: _trade_risk,
    Reason.POSITION: _position,
    Reason.OPEN_RISK: _open_risk,
    Reason.GROUP: _MOST[Reason.GROUP],
    Reason.GROSS: _gross,
    Reason.VOL_TARGET: _MOST[Reason.VOL_TARGET],
    Reason.VAR: _var,
    Reason.ES: _shortfall,
    Reason.FEW_SCENARIOS: _few,
    Reason.INFEASIBLE: _infeasible,
    Reason.PARTICIPATION: _participation,
    Reason.INTERVAL: _interval,
    Reason.OPEN_ORDERS: _open_orders,
    Reason.NOTIONAL: _notional,
    Reason.CASH: _cash,
}
"""Every limit that is counted, by its reason."""
