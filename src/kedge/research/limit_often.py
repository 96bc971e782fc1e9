"""Why a limit bound in more than half of the decisions, and what to change if that is unwanted.

Causes are computed from the run. A remedy names the settings to change; none of
them is advice to take more risk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import FRESH, LEFT, TRADABLE
from kedge.domain.reason import Reason
from kedge.research import limit_facts as f
from kedge.research.limit_facts import Facts, between, listed, percent


@dataclass(frozen=True, slots=True)
class Often:
    """A cause made from the run, and what to change where it is not wanted."""

    cause: Callable[[Facts], str]
    remedy: str


def _left(facts: Facts) -> str:
    gone = np.asarray((facts.run.panel.flags & LEFT).any(axis=0))
    return (
        "Most decisions were about instruments that had left the universe "
        f"({facts.symbols(gone)}): "
        "what is held of them is only reduced."
    )


def _input(facts: Facts) -> str:
    needed, seen = facts.rules.min_sessions, facts.run.memory.book.I[:, o.I_OBS]
    short = seen < needed
    said = f"New risk waits for {needed} sessions of returns, a volume and an exchange rate; "
    if short.any():
        fewest = int(seen[short].min())
        return f"{said}at the last row {facts.symbols(short)} had as few as {fewest} returns."
    sessions = len(np.unique(facts.run.panel.session))
    return f"{said}most decisions of the run's {sessions:,} sessions came before that."


def _short(facts: Facts) -> str:
    held = facts.run.decision.program.params.J[:, o.J_SHORTABLE] == 0
    return (
        "Most forecasts that were acted on are negative, and these instruments cannot be sold "
        f"short ({facts.symbols(held)}), so their target is 0."
    )


def _spread(facts: Facts) -> str:
    spread, limit = facts.constant(o.A_SPREAD_BPS), facts.constant(o.A_SPREAD_LIMIT)
    wide, n = int((spread > limit).sum()), int(np.argmax(spread / limit))
    return (
        f"{wide} of {facts.names} spreads are wider than their limit: the one of "
        f"{facts.run.panel.symbols[n]} is {spread[n]:.3g} bps against {limit[n]:.3g}."
    )


def _slippage(facts: Facts) -> str:
    slip, limit = f.slippage_bps(facts), facts.constant(o.A_SLIP_LIMIT)
    n = int(np.argmax(slip / limit))
    return (
        f"At the last row a full position of {facts.run.panel.symbols[n]} was expected to slip "
        f"{slip[n]:.3g} bps against a limit of {limit[n]:.3g}."
    )


def _drawdown(facts: Facts) -> str:
    rules, falls = facts.rules, f.drawdowns(facts.run)
    return (
        f"Equity was more than {percent(rules.drawdown_start)} below its peak in "
        f"{percent(float((falls > rules.drawdown_start).mean()))} of the rows, at most "
        f"{percent(float(falls.max(initial=0.0)))}. Full size holds to "
        f"{percent(rules.drawdown_start)} and falls from there to zero new risk at "
        f"{percent(rules.drawdown_stop)}."
    )


def _halted(facts: Facts) -> str:
    row = facts.run.halted_row
    if row < 0:
        return "The book was halted."
    day = str(np.datetime64(int(facts.run.panel.ts[row]), "ns").astype("datetime64[D]"))
    return (
        f"The book was halted on {day}, {percent(f.drawdowns(facts.run)[row])} below its peak, and "
        "stayed flat."
    )


def _daily_loss(facts: Facts) -> str:
    worst, limit = f.worst_sessions(facts.run), facts.rules.daily_loss
    return (
        f"{int((worst >= limit).sum()):,} of {len(worst):,} sessions lost {percent(limit)} or more "
        f"from their opening equity, the worst {percent(float(worst.max(initial=0.0)))}; each bans "
        "new risk until the next."
    )


def _losses(facts: Facts) -> str:
    profits = facts.run.trades[:, o.TRADE_PROFIT]
    lost = float((profits < 0).mean()) if len(profits) else 0.0
    return (
        f"{percent(lost)} of {len(profits):,} trades lost, and every "
        f"{facts.rules.consecutive_losses} losing trades in a row ban new risk for the rest of the "
        "session and the next one."
    )


def _trade_risk(facts: Facts) -> str:
    rules = facts.rules
    if rules.size_risk_per_trade > rules.risk_per_trade:
        return (
            f"The base size risks {percent(rules.size_risk_per_trade)} at the stop, more than the "
            f"{percent(rules.risk_per_trade)} of this limit."
        )
    return (
        f"The base size risks {percent(rules.size_risk_per_trade)} at the stop; beyond it are "
        "positions that were kept while they grew."
    )


def _position(facts: Facts) -> str:
    rules, sigma = facts.rules, facts.feature(o.F_SIGMA)
    near = rules.size_risk_per_trade / facts.cap
    said = (
        f"The base size is {percent(rules.size_risk_per_trade)} over the stop distance: a stop "
        f"nearer than {percent(near)} of the price asks for more than {percent(facts.cap)}."
    )
    stops = rules.stop_sigmas * sigma[sigma > 0]
    if not len(stops):
        return said
    return (
        f"{said} At the last row a stop of {rules.stop_sigmas:g} session volatilities lay "
        f"{between(float(stops.min()), float(stops.max()))} away."
    )


def _open_risk(facts: Facts) -> str:
    each = min(facts.rules.risk_per_trade, facts.rules.size_risk_per_trade)
    return (
        f"{facts.names} instruments at {percent(each)} each ask for up to "
        f"{percent(facts.names * each)} at their stops, against {percent(facts.rules.open_risk)}."
    )


def _group(facts: Facts) -> str:
    members = f.largest_group(facts)
    caps = np.asarray(facts.rules.position_cap)
    most = float((np.abs(facts.feature(o.F_BETA)) * caps)[members].sum())
    return (
        f"At the last row the largest group had {int(members.sum())} of {facts.names} instruments "
        f"({facts.symbols(members)}); full positions on one side make {percent(most)} of net beta "
        f"exposure, against {percent(facts.rules.group)}."
    )


def _gross(facts: Facts) -> str:
    most = float(np.sum(facts.rules.position_cap))
    return (
        f"{facts.names} instruments of at most {percent(facts.cap)} ask for up to {most:.3g}x, "
        f"against {facts.rules.gross:g}x."
    )


def _volatility(facts: Facts) -> str:
    return (
        "At the last row's covariances a book long every instrument up to its position and the "
        f"gross limit has a volatility of {percent(f.full_volatility(facts))} a year, against "
        f"{percent(facts.rules.volatility_target)}."
    )


def _tail(factor: str, limit: str, name: str) -> Callable[[Facts], str]:
    def cause(facts: Facts) -> str:
        rules = facts.rules
        daily = f.full_volatility(facts) / float(np.sqrt(rules.sessions_per_year))
        how = "from the scenarios" if rules.historical else "from a Student-t distribution"
        return (
            "At the last row's covariances a book long every instrument up to its position and "
            f"the gross limit has a one-day {name} of about "
            f"{percent(getattr(rules, factor) * daily)}, against "
            f"{percent(getattr(rules, limit))}; the limit is measured {how}."
        )

    return cause


def _few(facts: Facts) -> str:
    sessions = len(np.unique(facts.run.panel.session))
    return (
        f"The historical method needs {facts.rules.historical_min_sessions} sessions of returns "
        f"and the run has {sessions:,}: until then the parametric figures hold."
    )


def _infeasible(facts: Facts) -> str:
    usable = (facts.run.panel.flags & (TRADABLE | FRESH)) == (TRADABLE | FRESH)
    masked = 1.0 - usable.mean(axis=0)
    order = np.argsort(-masked, kind="stable")
    most = [
        f"{facts.run.panel.symbols[n]} ({percent(masked[n])} of its rows)"
        for n in order
        if masked[n] > 0
    ]
    return (
        "Positions in masked cells alone exceeded a limit, and nothing that can trade cures that. "
        f"Masked most: {listed(most)}."
    )


def _participation(facts: Facts) -> str:
    values = facts.rules.participation * f.bar_values(facts)
    n, P = int(np.argmin(values)), facts.run.decision.program.params.P
    hour = float(P[o.P_HOUR] / P[o.P_PARTICIPATION])
    return (
        f"At the last row {percent(facts.rules.participation)} of an average bar of "
        f"{facts.run.panel.symbols[n]} is {f.money(facts, values[n])}, "
        f"{values[n] / facts.equity:,.3g} times the equity: a larger order is cut to that, and an "
        f"hour lets {hour:.3g} times as much through."
    )


def _interval(facts: Facts) -> str:
    return (
        f"An order that adds risk waits {facts.rules.min_rows} rows after the instrument's last "
        "one, and targets change more often than that."
    )


def _open_orders(facts: Facts) -> str:
    rules = facts.rules
    return (
        f"With {rules.latency_rows} rows of latency up to {rules.latency_rows + 1} orders are "
        f"pending in an instrument, against {rules.max_open_orders}."
    )


def _notional(facts: Facts) -> str:
    smallest = facts.run.decision.program.params.J[:, o.J_MIN_NOTIONAL].astype(np.float64)
    n = int(np.argmax(smallest))
    instrument = facts.run.panel.instruments[n]
    return (
        f"The minimum of {instrument.symbol} is {instrument.min_notional:f} {instrument.settle}, "
        f"while the equity was {f.money(facts, facts.equity)} and a position at most "
        f"{percent(facts.cap)} of it."
    )


def _cash(facts: Facts) -> str:
    equity, cash = facts.run.rows[:, o.ROW_EQUITY], facts.run.rows[:, o.ROW_CASH]
    solvent = equity > 0
    least = float((cash[solvent] / equity[solvent]).min()) if solvent.any() else 0.0
    return (
        f"Buys asked for more cash than there was: at its lowest it was {percent(least)} of the "
        f"equity, with a gross limit of {facts.rules.gross:g}x."
    )


OFTEN: Final[Mapping[Reason, Often]] = {
    Reason.LEFT: Often(_left, "end the history earlier (data.end), or add names that replace them"),
    Reason.INPUT: Often(_input, "start earlier (data.start) or lower limits.min_sessions"),
    Reason.SHORT: Often(_short, "set shortable: true in instruments.yaml for what can be borrowed"),
    Reason.SPREAD: Often(_spread, "trade what is tighter, or raise limits.spread_bps"),
    Reason.SLIPPAGE: Often(
        _slippage, "trade less (capital) or what is more liquid, or raise limits.slippage_bps"
    ),
    Reason.DRAWDOWN: Often(
        _drawdown,
        "lower sizing.risk_per_trade; the throttle begins at limits.drawdown_start",
    ),
    Reason.HALTED: Often(_halted, "lower sizing.risk_per_trade; the stop is limits.drawdown_stop"),
    Reason.DAILY_LOSS: Often(
        _daily_loss, "lower sizing.risk_per_trade, or raise limits.daily_loss"
    ),
    Reason.LOSSES: Often(_losses, "raise limits.consecutive_losses"),
    Reason.TRADE_RISK: Often(_trade_risk, "set sizing.risk_per_trade below limits.risk_per_trade"),
    Reason.POSITION: Often(
        _position,
        "widen stops (sizing.stop_sigmas), lower sizing.risk_per_trade or raise limits.position",
    ),
    Reason.OPEN_RISK: Often(
        _open_risk, "trade fewer instruments, lower sizing.risk_per_trade or raise limits.open_risk"
    ),
    Reason.GROUP: Often(
        _group, "add instruments that move differently, or raise limits.group or limits.group_join"
    ),
    Reason.GROSS: Often(_gross, "trade fewer instruments, or lower limits.position"),
    Reason.VOL_TARGET: Often(
        _volatility, "lower limits.position, or raise sizing.volatility_target"
    ),
    Reason.VAR: Often(_tail("var_z", "var", "VaR"), "lower limits.position, or raise limits.var"),
    Reason.ES: Often(
        _tail("es_y", "expected_shortfall", "expected shortfall"),
        "lower limits.position, or raise limits.expected_shortfall",
    ),
    Reason.FEW_SCENARIOS: Often(
        _few, "start earlier (data.start), or set limits.var_method to student_t"
    ),
    Reason.INFEASIBLE: Often(
        _infeasible, "close those positions by hand, or leave the instruments out"
    ),
    Reason.PARTICIPATION: Often(
        _participation,
        "trade less (capital) or what is more liquid, or raise execution.participation and "
        "execution.participation_hour",
    ),
    Reason.INTERVAL: Often(_interval, "lower execution.min_interval_s"),
    Reason.OPEN_ORDERS: Often(
        _open_orders, "raise execution.max_open_orders, or lower execution.latency_rows"
    ),
    Reason.NOTIONAL: Often(
        _notional, "trade fewer instruments or more capital; min_notional is in instruments.yaml"
    ),
    Reason.CASH: Often(_cash, "lower limits.gross, so that cash is left for costs and gaps"),
}
"""Every limit that is counted, by its reason."""
