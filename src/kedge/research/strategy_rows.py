"""What each strategy said and contributed."""

from typing import Literal

import msgspec
import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import F64, FRESH, TRADABLE, Panel
from kedge.engine.pipeline import CELLS, Decision, Pipeline, fresh
from kedge.research.exchange import reporting, settle_of
from kedge.research.run import Run
from kedge.strategies.flaws import valid


class StrategyUse(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy in the ``strategies`` block of ``result.json``.

    Attributes:
        name: as configured.
        mode: whether its function ran compiled or interpreted.
        params: values by name.
        prior: prior weight, normalised over the strategies.
        without_forecast: share of tradable cells without a valid forecast of its own.
        fills: fills it had a share in.
        fees: fees borne, reporting currency.
        pnl: profit after fees, reporting currency.
        turnover: value traded, reporting currency.
    """

    name: str
    mode: Literal["compiled", "interpreted"]
    params: dict[str, float]
    prior: float
    without_forecast: float
    fills: int
    fees: float
    pnl: float
    turnover: float


def strategy_uses(run: Run) -> tuple[StrategyUse, ...]:
    """Every strategy with its attribution totals, in the order of the configuration."""
    bound = run.decision.strategies
    priors = np.array([b.terms.prior for b in bound])
    silent = silence(run.decision, run.panel)
    found = []
    for s, strategy in enumerate(bound):
        pnl, fees, value = contributions(run, s)
        found.append(
            StrategyUse(
                name=strategy.name,
                mode="compiled" if strategy.compiled else "interpreted",
                params={name: float(value) for name, value in strategy.params.items()},
                prior=float(priors[s] / priors.sum()),
                without_forecast=float(silent[s]),
                fills=int((run.attribution[:, s] != 0).any(axis=1).sum()),
                fees=float(fees.sum()),
                pnl=float((pnl - fees).sum()),
                turnover=float(value.sum()),
            )
        )
    return tuple(found)


def contributions(run: Run, s: int) -> tuple[F64, F64, F64]:
    """(K,) profit before fees, fees and value traded per fill of one strategy.

    All in reporting currency.
    """
    fills, share = run.fills, run.attribution[:, s]
    rows, settles = fills[:, o.FILL_ROW], settle_of(run, fills[:, o.FILL_INSTRUMENT])
    pnl = reporting(run, share[:, o.ATTR_PNL], settles, rows)
    fees = reporting(run, share[:, o.ATTR_FEE], settles, rows)
    notional = np.abs(reporting(run, fills[:, o.FILL_NOTIONAL], settles, rows))
    lots = np.maximum(np.abs(fills[:, o.FILL_LOTS]), 1)
    return pnl, fees, notional * np.abs(share[:, o.ATTR_QUANTITY]) / lots


def silence(decision: Decision, panel: Panel) -> F64:
    """(S,) share of tradable cells in which each strategy gave no valid forecast.

    The strategies are asked again, in the same blocks; a run keeps no forecasts.
    """
    pipeline = Pipeline(decision, fresh(decision))
    size = max(1, CELLS // max(1, decision.program.instruments))
    silent = np.zeros(len(decision.strategies))
    cells = 0
    for start in range(0, panel.rows, size):
        stop = min(start + size, panel.rows)
        said = pipeline.forecast(panel, start, stop)
        usable = (panel.flags[start:stop] & (TRADABLE | FRESH)) == (TRADABLE | FRESH)
        cells += int(usable.sum())
        silent += (~valid(said) & usable[:, None, :]).sum(axis=(0, 2))
    return np.asarray(silent / max(cells, 1), np.float64)
