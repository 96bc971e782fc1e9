"""Why a limit bound in most cells, or never: sentences made from the run's own numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import CLOSE, FRESH, LEFT
from kedge.domain.reason import MEANING, Reason
from kedge.domain.rules import FillMode, Rules
from kedge.research.run import Run

__all__ = ["MEANING", "Facts", "above", "explain"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What explanations are made from.

    Attributes:
        run: what was counted.
        rules: the limits.
        peaks: largest use of each limit that has a measure, 1 at the limit.
    """

    run: Run
    rules: Rules
    peaks: Mapping[Reason, float]

    @property
    def names(self) -> int:
        """Number of instruments."""
        return len(self.run.panel.instruments)

    @property
    def cap(self) -> float:
        """The largest position limit."""
        return max(self.rules.position_cap)


Explanation = Callable[[Facts], str]


def explain(reason: Reason, bound: int, share: float, facts: Facts) -> str:
    """One or two sentences; empty where there is nothing to say.

    Args:
        reason: which limit.
        bound: how often it bound; 0 asks why it never did.
        share: of the cells or rows with a forecast.
        facts: of the run.
    """
    if not facts.run.active_cells:
        return "No row held a forecast that could be acted on, so no limit was reached."
    said = _said(_NEVER if bound == 0 else _OFTEN, reason, facts)
    if bound == 0:
        return " ".join(part for part in (_nearest(reason, facts), said) if part)
    return said or f"{MEANING[reason].capitalize()}: it shaped {_percent(share)} of the decisions."


def above(reason: Reason, facts: Facts) -> str:
    """Why the peak use of a limit that did bind lies above the limit."""
    return _said(_ABOVE, reason, facts) if facts.peaks.get(reason, 0.0) > 1.0 else ""


def _said(table: Mapping[Reason, Explanation], reason: Reason, facts: Facts) -> str:
    return table[reason](facts) if reason in table else ""


def _nearest(reason: Reason, facts: Facts) -> str:
    peak = facts.peaks.get(reason)
    if peak is None:
        return ""
    if peak >= 1.0:
        return f"It was reached when no order had to be stopped (peak {_percent(peak)})."
    return f"At most {_percent(peak)} of it was used."


def _percent(value: float) -> str:
    shown = 100.0 * value
    return f"{shown:.0f}%" if abs(shown - round(shown)) < 0.05 else f"{shown:.1f}%"


def _never_left(facts: Facts) -> str:
    if (facts.run.panel.flags & LEFT).any():
        return "No strategy asked for more of an instrument that had left the universe."
    return "No instrument left the universe while it could be traded."


def _input(facts: Facts) -> str:
    return (
        f"No decision was due before {facts.rules.min_sessions} sessions of returns: "
        "the strategies' own indicators warm up for longer."
    )


def _never_short(facts: Facts) -> str:
    shortable = facts.run.decision.program.params.J[:, o.J_SHORTABLE]
    if shortable.all():
        return "Every instrument may be sold short."
    return "No strategy asked for a short position."


def _often_short(_: Facts) -> str:
    return (
        "Most forecasts that were acted on are negative, and these instruments cannot be sold "
        "short, so their target is 0."
    )


def _slippage(facts: Facts) -> str:
    cost = (
        0.5 * facts.run.memory.book.F[:, o.F_COST]
        - facts.run.decision.program.params.A[:, o.A_TAKER_BPS]
    )
    return f"At the last row the expected slippage of a full position is {cost.max():.1f} bps."


def _drawdown(facts: Facts) -> str:
    rules = facts.rules
    return (
        f"Full size holds to a drawdown of {_percent(rules.drawdown_start)}; from there it falls "
        f"to zero new risk at {_percent(rules.drawdown_stop)}."
    )


def _halted(facts: Facts) -> str:
    if facts.run.halted_row >= 0:
        return "The book was halted and went flat."
    return ""


def _base_size(facts: Facts) -> str:
    rules = facts.rules
    if rules.size_risk_per_trade > rules.risk_per_trade:
        return ""
    return (
        f"Position sizes start from this limit: the base size risks "
        f"{_percent(rules.size_risk_per_trade)} at the stop, and Kelly, confidence and every "
        "later stage only reduce it."
    )


def _often_position(facts: Facts) -> str:
    near = facts.rules.size_risk_per_trade / facts.cap
    return (
        f"The base size is {_percent(facts.rules.size_risk_per_trade)} over the stop distance: a "
        f"stop nearer than {_percent(near)} of the price asks for more than {_percent(facts.cap)}."
    )


def _open_risk(facts: Facts) -> str:
    rules, names = facts.rules, facts.names
    most = names * rules.risk_per_trade
    if most <= rules.open_risk:
        return (
            f"It cannot bind: {names} instruments at {_percent(rules.risk_per_trade)} each make "
            f"{_percent(most)}."
        )
    full = rules.gross / facts.cap
    if full * rules.risk_per_trade <= rules.open_risk:
        return (
            f"It cannot bind beneath {_percent(facts.cap)} positions at {rules.gross:g}x gross: "
            f"{full:.0f} full positions at {_percent(rules.risk_per_trade)} each make "
            f"{_percent(full * rules.risk_per_trade)}."
        )
    return ""


def _gross(facts: Facts) -> str:
    most = float(np.sum(facts.rules.position_cap))
    if most > facts.rules.gross:
        return ""
    return (
        f"It cannot bind: {facts.names} instruments of at most {_percent(facts.cap)} make "
        f"{most:.2g}x."
    )


def _var(facts: Facts) -> str:
    rules = facts.rules
    daily = rules.var_z * rules.volatility_target / sqrt(rules.sessions_per_year)
    if rules.historical or daily >= rules.var:
        return ""
    return (
        f"The volatility target of {_percent(rules.volatility_target)} a year is a one-day VaR of "
        f"{_percent(daily)}, so it binds before {_percent(rules.var)} does."
    )


def _shortfall(facts: Facts) -> str:
    rules = facts.rules
    ratio = rules.es_y / rules.var_z
    if rules.historical or rules.expected_shortfall / rules.var < ratio:
        return ""
    return (
        f"Shortfall is {ratio:.2f} times VaR under the parametric estimate, so VaR of "
        f"{_percent(rules.var)} binds before a shortfall of {_percent(rules.expected_shortfall)}."
    )


def _infeasible(_: Facts) -> str:
    return "What could not be sold in a row never breached a limit by itself."


def _participation(facts: Facts) -> str:
    """Compares a full position with what a typical bar lets through."""
    panel, program = facts.run.panel, facts.run.decision.program
    fresh = (panel.flags & FRESH) > 0
    volume = facts.run.memory.book.F[:, o.F_AV]
    last = facts.run.memory.book.I[:, o.I_LAST]
    ratio = program.params.A[:, o.A_RATIO]
    usable = (volume > 0) & (last > 0) & fresh.any(axis=0) & (panel.bars[:, CLOSE] > 0).any(axis=0)
    if not usable.any():
        return ""
    value = facts.rules.participation * volume * last * ratio
    smallest = float(value[usable].min()) / float(facts.run.rows[-1, o.ROW_EQUITY] or 1)
    return (
        f"At the last row {_percent(facts.rules.participation)} of an average bar's volume is at "
        f"least {smallest:,.1f} times the account's whole equity."
        if smallest > 0
        else ""
    )


def _interval(facts: Facts) -> str:
    if facts.rules.min_rows <= 1:
        return "Rows are further apart than the interval between orders: it cannot bind."
    return ""


def _open_orders(facts: Facts) -> str:
    most = facts.rules.latency_rows + 1
    if most <= facts.rules.max_open_orders:
        return (
            f"An order lives one bar, so at most {most} can be open for one instrument: "
            "it cannot bind."
        )
    return ""


def _notional(facts: Facts) -> str:
    if not facts.run.decision.program.params.J[:, o.J_MIN_NOTIONAL].any():
        return "These instruments have no minimum notional."
    return "Every order was worth more than its venue's minimum."


def _cash(facts: Facts) -> str:
    if facts.rules.fill is FillMode.LIMIT:
        return "Every buy was covered by cash at its limit price."
    return "Every buy was covered by cash at its fill price."


def _drifted(_: Facts) -> str:
    return (
        "The peak is of what stood before the cut: positions drift between decisions, and the "
        "targets were scaled back inside the limit in the same row."
    )


def _above_volatility(_: Facts) -> str:
    return (
        "The peak is of positions that drifted or were kept by the no-trade region; new targets "
        "are scaled to the volatility target."
    )


def _above_losses(facts: Facts) -> str:
    longest = round(facts.peaks[Reason.LOSSES] * facts.rules.consecutive_losses)
    return (
        f"The longest run was {longest} losing trades: open positions still close while new risk "
        "is banned, and the count starts again after each ban."
    )


_NEVER: dict[Reason, Explanation] = {
    Reason.LEFT: _never_left,
    Reason.INPUT: _input,
    Reason.SHORT: _never_short,
    Reason.SLIPPAGE: _slippage,
    Reason.DRAWDOWN: _drawdown,
    Reason.HALTED: _halted,
    Reason.TRADE_RISK: _base_size,
    Reason.OPEN_RISK: _open_risk,
    Reason.GROSS: _gross,
    Reason.VAR: _var,
    Reason.ES: _shortfall,
    Reason.INFEASIBLE: _infeasible,
    Reason.PARTICIPATION: _participation,
    Reason.INTERVAL: _interval,
    Reason.OPEN_ORDERS: _open_orders,
    Reason.NOTIONAL: _notional,
    Reason.CASH: _cash,
}

_OFTEN: dict[Reason, Explanation] = {
    Reason.SHORT: _often_short,
    Reason.POSITION: _often_position,
    Reason.DRAWDOWN: _drawdown,
}

_ABOVE: dict[Reason, Explanation] = {
    Reason.LOSSES: _above_losses,
    Reason.OPEN_RISK: _drifted,
    Reason.GROUP: _drifted,
    Reason.GROSS: _drifted,
    Reason.VAR: _drifted,
    Reason.ES: _drifted,
    Reason.VOL_TARGET: _above_volatility,
}
