"""What a run is measured against: buy and hold, equal weight, an index, at matched exposure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kedge.domain.panel import CLOSE, F64, FRESH, I64, Panel
from kedge.research.account import cash_of
from kedge.research.benchmarks import at_exposure, buy_and_hold, equal_weight
from kedge.research.daily import DailyEquity, daily_mean, session_ends
from kedge.research.instrument_returns import daily_instrument_returns
from kedge.research.metrics import CostTotals, Metrics, TradeTable, measure
from kedge.research.run import Run
from kedge.research.tables import net_exposure


@dataclass(frozen=True, slots=True)
class Comparison:
    """Benchmarks of a run over its own days.

    Attributes:
        returns: (D,) daily returns by name; ``index`` first where one is configured.
        index: symbol of the index; empty where none is configured.
        exposure: the run's average net exposure, a fraction of equity.
        cash: (D,) daily return on cash.
    """

    returns: Mapping[str, F64]
    index: str
    exposure: float
    cash: F64

    @property
    def market(self) -> F64:
        """(D,) what the residual is taken against: the index, else equal weights."""
        return self.returns["index" if self.index else "equal_weight"]

    def series(self) -> Iterator[tuple[str, F64]]:
        """Every benchmark, then every benchmark at the run's own exposure."""
        yield from self.returns.items()
        for name, returns in self.returns.items():
            yield f"{name}_matched", at_exposure(returns, self.cash, self.exposure)


def compare(run: Run, index: Panel | None) -> Comparison:
    """The benchmarks of a run.

    Args:
        run: what is compared.
        index: a panel of one instrument to compare with, or None.
    """
    panel = run.panel
    days = len(session_ends(panel.session))
    cash = cash_of(run.decision, days)
    instruments = daily_instrument_returns(panel)
    returns = {} if index is None else {"index": index_returns(index, panel, cash)}
    returns["buy_and_hold"] = buy_and_hold(instruments, cash)
    returns["equal_weight"] = equal_weight(instruments, cash)
    average = float(daily_mean(net_exposure(run), panel.session).mean())
    return Comparison(returns, "" if index is None else index.symbols[0], average, cash)


def index_returns(index: Panel, panel: Panel, cash: F64) -> F64:
    """(D,) return of an index over the sessions of another panel.

    Measured between the last observations known at the ends of the sessions; cash
    until the index is first observed, zero in a session without an observation.

    Args:
        index: one instrument.
        panel: whose sessions count.
        cash: (D,) daily return on cash.
    """
    seen = (index.flags[:, 0] & FRESH) > 0
    prices = (index.bars[:, CLOSE, 0] * index.adjust[:, 0])[seen]
    ends: I64 = panel.ts[session_ends(panel.session)]
    latest = np.searchsorted(index.ts[seen], ends, side="right") - 1
    before = np.concatenate(([-1], latest[:-1]))
    known = before >= 0
    moved = prices[np.maximum(latest, 0)] / prices[np.maximum(before, 0)] - 1.0
    return np.where(known, moved, cash)


def wealth(returns: F64, daily: DailyEquity) -> DailyEquity:
    """A benchmark's daily equity from the same capital over the same days."""
    equity = np.asarray(daily.initial * np.cumprod(1.0 + returns), np.float64)
    return DailyEquity(daily.ts, equity, returns, daily.initial, daily.per_year)


def benchmark_metrics(comparison: Comparison, daily: DailyEquity) -> dict[str, Metrics]:
    """The ``benchmark`` block of ``result.json``: metrics by name, without trades or costs."""
    return {
        name: measure(wealth(returns, daily), comparison.cash, TradeTable.empty(), CostTotals())
        for name, returns in comparison.series()
    }
