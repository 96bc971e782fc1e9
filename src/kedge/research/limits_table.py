"""How often each limit bound, how near the run came to it, and why that is so."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import FRESH, TRADABLE
from kedge.domain.reason import Reason
from kedge.domain.rules import Rules
from kedge.research import limit_explanations as why
from kedge.research.limit_facts import drawdowns, worst_sessions
from kedge.research.run import Run

OFTEN: Final = 0.5
"""Above this share a limit is explained, as is one that never bound."""

BOOK: Final = frozenset(
    {
        Reason.OPEN_RISK,
        Reason.GROUP,
        Reason.GROSS,
        Reason.VOL_TARGET,
        Reason.VAR,
        Reason.ES,
        Reason.FEW_SCENARIOS,
        Reason.INFEASIBLE,
    }
)
"""Limits of the whole book: counted once a row, the others once a cell."""


@dataclass(frozen=True, slots=True)
class _Limit:
    """One row to be: its value, its unit, and how near the run came, 1 at the limit."""

    reason: Reason
    name: str
    limit: float | int | str | None
    unit: str
    peak: float | None = None


def limit_rows(run: Run, rules: Rules) -> list[dict[str, Any]]:
    """The ``limits`` block of ``result.json``.

    Args:
        run: what it counted.
        rules: the limits it ran under.
    """
    facts = why.Facts(run, rules, _peaks(run, rules))
    return [_row(limit, facts) for limit in _limits(facts)]


def _row(limit: _Limit, facts: "why.Facts") -> dict[str, Any]:
    run = facts.run
    bound, cells, rows = _counts(limit.reason, run)
    share = bound / cells if cells else 0.0
    remarkable = bound == 0 or share > OFTEN
    said = why.explain(limit.reason, bound, facts) if remarkable else ""
    over = why.above(limit.reason, facts) if bound else ""
    return {
        "name": limit.name,
        "reason": limit.reason.name,
        "limit": limit.limit,
        "unit": limit.unit,
        "bound": bound,
        "cells": cells,
        "counted_in": "rows" if rows else "cells",
        "share": share,
        "peak_utilisation": limit.peak,
        "explanation": " ".join(part for part in (said, over) if part),
    }


def _counts(reason: Reason, run: Run) -> tuple[int, int, bool]:
    """How often a limit bound, of how many, and whether rows were counted or cells."""
    if reason is Reason.HALTED:
        halted = len(run.rows) - run.halted_row if run.halted_row >= 0 else 0
        return halted, len(run.rows), True
    rows = reason in BOOK
    return int(run.bound[reason]), run.active_rows if rows else run.active_cells, rows


def _limits(facts: "why.Facts") -> list[_Limit]:
    """Every limit in the order in which a row meets them."""
    rules, peak = facts.rules, facts.peaks.get
    R = Reason
    few = (
        [_Limit(R.FEW_SCENARIOS, "historical scenarios", rules.historical_min_sessions, "count")]
        if rules.historical
        else []
    )
    return [
        _Limit(R.LEFT, "universe membership", "members only", "text"),
        _Limit(R.INPUT, "risk inputs", rules.min_sessions, "count"),
        _Limit(R.SHORT, "short selling", "shortable only", "text"),
        _Limit(R.SPREAD, "spread", max(rules.spread_limit_bps), "bps", peak(R.SPREAD)),
        _Limit(R.SLIPPAGE, "slippage", max(rules.slippage_limit_bps), "bps", peak(R.SLIPPAGE)),
        _Limit(R.DRAWDOWN, "drawdown throttle", rules.drawdown_start, "share", peak(R.DRAWDOWN)),
        _Limit(R.HALTED, "drawdown stop", rules.drawdown_stop, "share", peak(R.HALTED)),
        _Limit(R.DAILY_LOSS, "daily loss", rules.daily_loss, "share", peak(R.DAILY_LOSS)),
        _Limit(
            R.LOSSES, "consecutive losses", rules.consecutive_losses, "count", peak(R.LOSSES)
        ),
        _Limit(
            R.TRADE_RISK, "risk per trade", rules.risk_per_trade, "share", peak(R.TRADE_RISK)
        ),
        _Limit(R.POSITION, "position", max(rules.position_cap), "share", peak(R.POSITION)),
        _Limit(R.OPEN_RISK, "open risk", rules.open_risk, "share", peak(R.OPEN_RISK)),
        _Limit(R.GROUP, "correlated group", rules.group, "share", peak(R.GROUP)),
        _Limit(R.GROSS, "gross exposure", rules.gross, "times", peak(R.GROSS)),
        _Limit(
            R.VOL_TARGET, "volatility target", rules.volatility_target, "share",
            peak(R.VOL_TARGET),
        ),
        _Limit(R.VAR, "value at risk", rules.var, "share", peak(R.VAR)),
        _Limit(R.ES, "expected shortfall", rules.expected_shortfall, "share", peak(R.ES)),
        *few,
        _Limit(R.INFEASIBLE, "untradable breaches", "remedied at the next trade", "text"),
        _Limit(R.PARTICIPATION, "participation", rules.participation, "share"),
        _Limit(R.INTERVAL, "rows between orders", rules.min_rows, "count"),
        _Limit(R.OPEN_ORDERS, "open orders", rules.max_open_orders, "count"),
        _Limit(R.NOTIONAL, "minimum notional", "by instrument", "text"),
        _Limit(R.CASH, "cash", "never negative", "text"),
    ]  # fmt: skip


def _peaks(run: Run, rules: Rules) -> dict[Reason, float]:
    """Largest use of each limit that has a measure, 1 at the limit."""
    measured = (
        Reason.TRADE_RISK, Reason.POSITION, Reason.OPEN_RISK, Reason.GROUP, Reason.GROSS,
        Reason.VOL_TARGET, Reason.VAR, Reason.ES,
    )  # fmt: skip
    peaks = {reason: float(run.worst[reason]) for reason in measured}
    A = run.decision.program.params.A
    fall = float(drawdowns(run).max(initial=0.0))
    peaks[Reason.DRAWDOWN] = fall / rules.drawdown_start if rules.drawdown_start else 1.0
    peaks[Reason.HALTED] = fall / rules.drawdown_stop
    peaks[Reason.DAILY_LOSS] = float(worst_sessions(run).max(initial=0.0)) / rules.daily_loss
    peaks[Reason.LOSSES] = _longest_run_of_losses(run) / rules.consecutive_losses
    peaks[Reason.SPREAD] = float((A[:, o.A_SPREAD_BPS] / A[:, o.A_SPREAD_LIMIT]).max())
    return peaks


def _longest_run_of_losses(run: Run) -> int:
    """Most losing trades in a row, over all instruments, in the order of their closes."""
    longest = current = 0
    for profit in run.trades[:, o.TRADE_PROFIT].tolist():
        current = current + 1 if profit < 0 else 0
        longest = max(longest, current)
    return longest


def decision_rows(run: Run) -> list[dict[str, Any]]:
    """What decided each tradable cell in the end, most frequent first.

    Every cell has one final reason; masked cells are left out.
    """
    usable = (run.panel.flags & (TRADABLE | FRESH)) == (TRADABLE | FRESH)
    counts = np.bincount(run.reasons[usable].astype(np.int64), minlength=len(run.bound))
    total = int(counts.sum())
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], code))
    return [
        {
            "reason": Reason(code).name,
            "meaning": why.MEANING[Reason(code)],
            "cells": int(counts[code]),
            "share": float(counts[code] / total),
        }
        for code in order
    ]
