"""The search that an earlier command chose a configuration by, as the ledger knows it.

What was tried together is recorded together (`kedge.research.trials`): the members of
a search share their file of returns. A configuration that is one of them was
available for choosing, whoever runs it again later, and carries the search's
probability of overfitting.
"""

from collections.abc import Sequence

import numpy as np

from kedge.domain.errors import InputError
from kedge.domain.panel import F64
from kedge.research.metrics import Figure
from kedge.research.overfitting import probability_of_overfitting
from kedge.research.trials import Ledger, Trial, TrialBatch
from kedge.research.verdict import Searched


def recorded_search(ledger: Ledger, own: TrialBatch) -> Searched | None:
    """The most doubtful search in the ledger that tried this configuration, or None.

    A search counts if it shares an instrument with the run and covers more than half
    of the run's time: a training window of a walk did not choose by most of these days,
    and a sweep does not cease to have chosen because the history has grown since.

    Args:
        ledger: as it stood before the run.
        own: the one configuration that is run.

    Raises:
        DataError: recorded returns are missing or damaged.
    """
    found = [_judged(ledger, members) for members in _containing(ledger, own)]
    return max(found, key=_doubt) if found else None


def searched_over(candidates: int, first_ns: int, last_ns: int, pbo: Figure) -> Searched:
    """A search with the days of its first and last return, ns UTC, as dates."""
    first, last = (np.datetime64(ns, "ns").astype("datetime64[D]") for ns in (first_ns, last_ns))
    return Searched(candidates=candidates, first=str(first), last=str(last), pbo=pbo)


def _containing(ledger: Ledger, own: TrialBatch) -> list[list[Trial]]:
    (name,), span = own.config_hashes, (int(own.days[0]), int(own.days[-1]))
    files = {trial.series for trial in ledger.trials if trial.config_hash == name}
    groups: dict[str, list[Trial]] = {}
    for trial in ledger.trials:
        if trial.series in files:
            groups.setdefault(trial.series, []).append(trial)
    return [
        members
        for members in groups.values()
        if len(members) > 1
        and set(members[0].instruments) & set(own.instruments)
        and 2 * _shared(members[0], *span) > span[1] - span[0]
    ]


def _shared(trial: Trial, first_ns: int, last_ns: int) -> int:
    return min(trial.last_ns, last_ns) - max(trial.first_ns, first_ns)


def _judged(ledger: Ledger, members: Sequence[Trial]) -> Searched:
    _, returns = ledger.series(members)
    span = members[0].first_ns, members[0].last_ns
    return searched_over(len(members), *span, _pbo(returns))


def _pbo(returns: F64) -> Figure:
    """None where the search cannot be cross-validated, which fails the verdict's rule."""
    try:
        return probability_of_overfitting(returns).pbo
    except InputError:
        return None


def _doubt(search: Searched) -> tuple[float, int]:
    return (2.0 if search.pbo is None else search.pbo, search.candidates)
