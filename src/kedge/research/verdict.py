"""Strong, weak or none: what a result is evidence of (docs/reference/evidence.md).

Every rule is listed with its number, whether it passed or failed, so that a
verdict can be argued with. A number that is missing fails its rule.
"""

import math
from enum import Enum
from typing import Final

import msgspec

from kedge.domain.wording import counted
from kedge.research.required import TrackRecord
from kedge.settings import Thresholds

SEARCH: Final = "tried in the search"
"""How a reason names a search."""


class Verdict(Enum):
    """Grades of evidence; promotion needs `STRONG`."""

    NONE = "none"
    WEAK = "weak"
    STRONG = "strong"


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """The search that a configuration is a member of.

    Attributes:
        candidates: how many configurations were tried.
        first, last: day of the first and of the last return they were compared by.
        pbo: probability that picking the best of them was overfitting; None where it
            cannot be told.
    """

    candidates: int
    first: str
    last: str
    pbo: float | None


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a result when it is judged.

    Attributes:
        trials: distinct trials on overlapping instruments and time, itself included.
        effective_trials: of those, how many are independent.
        deflated_sharpe: of the daily residual return; None if not defined.
        lower_bound: lower 95 % bound of the residual's Sharpe ratio at doubled costs.
        search: that tried this configuration among others; None without one.
        years: length of the record.
        trades: completed trades.
        point_in_time: whether the universe was known at the time.
        required_years: what the measured Sharpe ratio would need; shown, not a rule.
        record: what says how many years are missing; None where that is not told.
    """

    trials: int
    effective_trials: int
    deflated_sharpe: float | None
    lower_bound: float | None
    search: Searched | None
    years: float | None
    trades: int
    point_in_time: bool
    required_years: float | None = None
    record: TrackRecord | None = None


class Rule(msgspec.Struct, frozen=True):
    """One rule, its number and its outcome.

    Attributes:
        grade: the grade that this rule is a condition of.
        passed: whether it holds.
        reason: the rule and the number, as a sentence.
    """

    grade: Verdict
    passed: bool
    reason: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """The ``evidence`` block of ``result.json``.

    Attributes:
        trials: distinct trials counted.
        effective_trials: of those, how many are independent.
        deflated_sharpe: of the daily residual return.
        pbo: probability of overfitting; None without a search.
        search: that this configuration is a member of; None without one.
        verdict: ``none``, ``weak`` or ``strong``.
        reasons: every rule with its number, failed ones first.
        required_years: record length that the measured Sharpe ratio would need.
        thresholds: where the grades began, by setting.
        stricter: those of them that were made stricter than by default.
    """

    trials: int
    effective_trials: int
    deflated_sharpe: float | None
    pbo: float | None
    search: Searched | None
    verdict: Verdict
    reasons: tuple[str, ...]
    required_years: float | None
    thresholds: dict[str, float]
    stricter: tuple[str, ...]


def judge(found: Findings, thresholds: Thresholds | None = None) -> Evidence:
    """Grade a result.

    Args:
        found: what is known of it.
        thresholds: where the grades begin; the defaults if None.
    """
    at = thresholds or Thresholds()
    listed = rules(found, at)
    weak = all(rule.passed for rule in listed if rule.grade is Verdict.WEAK)
    strong = weak and all(rule.passed for rule in listed)
    grade = Verdict.STRONG if strong else Verdict.WEAK if weak else Verdict.NONE
    ordered = sorted(listed, key=lambda rule: rule.passed)
    return Evidence(
        trials=found.trials,
        effective_trials=found.effective_trials,
        deflated_sharpe=found.deflated_sharpe,
        pbo=None if found.search is None else found.search.pbo,
        search=found.search,
        verdict=grade,
        reasons=tuple(f"{'pass' if r.passed else 'fail'}: {r.reason}" for r in ordered),
        required_years=found.required_years,
        thresholds=at.model_dump(),
        stricter=tuple(f"evidence.{name}" for name in at.model_dump(exclude_defaults=True)),
    )


def rules(found: Findings, at: Thresholds) -> tuple[Rule, ...]:
    """Every rule for these findings, in the order of the specification."""
    deflated = _number(found.deflated_sharpe)
    bound, years = _number(found.lower_bound), _number(found.years)
    strong = Verdict.STRONG
    listed = [
        Rule(
            Verdict.WEAK,
            deflated >= at.weak_deflated,
            f"deflated Sharpe ratio {_text(deflated)} ({_counted(found)}); "
            f"weak needs {at.weak_deflated}{_missing(found, at.weak_deflated)}",
        ),
        Rule(
            strong,
            deflated >= at.strong_deflated,
            f"strong needs a deflated Sharpe ratio of {at.strong_deflated}: "
            f"it is {_text(deflated)}{_missing(found, at.strong_deflated)}",
        ),
        Rule(
            strong,
            bound > 0.0,
            f"lower 95 % bound of the residual Sharpe ratio at doubled costs {_text(bound)};"
            " strong needs more than 0",
        ),
        Rule(
            strong,
            years >= at.years,
            f"{_text(years)} years of record; strong needs {at.years:g}",
        ),
        Rule(
            strong,
            found.trades >= at.trades,
            f"{counted(found.trades, 'trade')}; strong needs {at.trades}",
        ),
        Rule(strong, found.point_in_time, _universe(found.point_in_time)),
    ]
    if found.search is not None:
        listed.append(_overfitting(found.search, at))
    return tuple(listed)


def _counted(found: Findings) -> str:
    trials = counted(found.trials, "trial")
    if found.trials == 1:
        return trials
    return f"{trials}, {found.effective_trials:,} effective{_luck(found.record)}"


def _luck(record: TrackRecord | None) -> str:
    """What the best of the trials would show without skill, where that is told."""
    annual = math.nan if record is None else record.benchmark * math.sqrt(record.per_year)
    return "" if math.isnan(annual) else f"; without skill the best would show {annual:.2f} a year"


def _missing(found: Findings, confidence: float) -> str:
    """How much longer a record as good as this one must be; empty where no length will do."""
    if found.record is None or _number(found.deflated_sharpe) >= confidence:
        return ""
    further = found.record.further_years(confidence)
    if not 0.0 < further < math.inf:
        return ""
    return f", which takes {math.ceil(10.0 * further) / 10.0:,.1f} more years at this Sharpe ratio"


def _overfitting(search: Searched, at: Thresholds) -> Rule:
    pbo = _number(search.pbo)
    return Rule(
        Verdict.STRONG,
        pbo <= at.pbo,
        f"this configuration is one of {search.candidates:,} {SEARCH} over {search.first} to "
        f"{search.last}: probability of overfitting {_text(pbo)}; strong needs at most {at.pbo}",
    )


def _universe(point_in_time: bool) -> str:
    if point_in_time:
        return "the universe is point-in-time"
    return "the universe is not point-in-time: survivors flatter any rule, which caps at weak"


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _text(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.4g}"
