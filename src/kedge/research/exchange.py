"""Amounts of a run in the reporting currency, at the rate of their row."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.money import currency
from kedge.domain.panel import F64, I64, EventKind
from kedge.research.run import Run


def settle_of(run: Run, instruments: I64) -> I64:
    """Currency number of each instrument number."""
    return np.asarray(run.decision.program.params.J[:, o.J_CURRENCY], np.int64)[instruments]


def in_units(run: Run, amounts: I64, currencies: I64) -> F64:
    """Minor units as amounts of their own currency.

    Args:
        run: names the currencies.
        amounts: (K,) minor units.
        currencies: (K,) currency numbers.
    """
    digits = [currency(code).digits for code in run.decision.program.currencies]
    scale = np.array([float(10**d) for d in digits])
    return np.asarray(amounts / scale[currencies], np.float64)


def reporting(run: Run, amounts: I64, currencies: I64, rows: I64) -> F64:
    """Minor units as reporting currency, at the rate known in each row.

    Args:
        run: holds the exchange rates among its events.
        amounts: (K,) minor units.
        currencies: (K,) currency numbers; 0 is the reporting currency.
        rows: (K,) rows of the panel.
    """
    converted = in_units(run, amounts, currencies)
    for number in range(1, len(run.decision.program.currencies)):
        foreign = currencies == number
        converted[foreign] *= rate_at(run, number, rows[foreign])
    return converted


def rate_at(run: Run, number: int, rows: I64) -> F64:
    """Reporting currency per unit of a currency in each row; 0 before the first rate."""
    events = run.panel.events
    rates = events[(events["kind"] == int(EventKind.FX)) & (events["index"] == number)]
    if not len(rates):
        return np.zeros(len(rows))
    latest = np.searchsorted(rates["row"], rows, side="right") - 1
    return np.where(latest >= 0, rates["x"][np.maximum(latest, 0)], 0.0)
