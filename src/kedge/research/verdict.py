"""Strong, weak or none: what a result is evidence of (QUANT: evidence).

Every rule is listed with its number, whether it passed or failed, so that a
verdict can be argued with. A number that is missing fails its rule.
"""

import math
from enum import Enum

import msgspec

from kedge.domain.errors import InputError


class Verdict(Enum):
    """Grades of evidence; promotion needs `STRONG`."""

    NONE = "none"
    WEAK = "weak"
    STRONG = "strong"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Where the grades begin.

    Attributes:
        weak_deflated, strong_deflated: deflated Sharpe ratio.
        pbo: largest probability of overfitting for strong.
        years: shortest record for strong.
        trades: fewest trades for strong.
    """

    weak_deflated: float = 0.95
    strong_deflated: float = 0.99
    pbo: float = 0.2
    years: float = 2.0
    trades: int = 100


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a result when it is judged.

    Attributes:
        trials: distinct trials on overlapping instruments and time, itself included.
        effective_trials: of those, how many are independent.
        deflated_sharpe: of the daily residual return; None if not defined.
        lower_bound: lower 95 % bound of the residual's Sharpe ratio at doubled costs.
        pbo: probability of overfitting; None without a search.
        searched: whether a search chose this configuration.
        years: length of the record.
        trades: completed trades.
        point_in_time: whether the universe was known at the time.
        required_years: what the measured Sharpe ratio would need; shown, not a rule.
    """

    trials: int
    effective_trials: int
    deflated_sharpe: float | None
    lower_bound: float | None
    pbo: float | None
    searched: bool
    years: float | None
    trades: int
    point_in_time: bool
    required_years: float | None = None


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
        verdict: ``none``, ``weak`` or ``strong``.
        reasons: every rule with its number, failed ones first.
        required_years: record length that the measured Sharpe ratio would need.
    """

    trials: int
    effective_trials: int
    deflated_sharpe: float | None
    pbo: float | None
    verdict: Verdict
    reasons: tuple[str, ...]
    required_years: float | None


def judge(found: Findings, thresholds: Thresholds | None = None) -> Evidence:
    """Grade a result.

    Args:
        found: what is known of it.
        thresholds: where the grades begin; the defaults if None.

    Raises:
        InputError: a probability of overfitting was given without a search.
    """
    if found.pbo is not None and not found.searched:
        raise InputError("a probability of overfitting exists only for a search")
    listed = rules(found, thresholds or Thresholds())
    weak = all(rule.passed for rule in listed if rule.grade is Verdict.WEAK)
    strong = weak and all(rule.passed for rule in listed)
    grade = Verdict.STRONG if strong else Verdict.WEAK if weak else Verdict.NONE
    ordered = sorted(listed, key=lambda rule: rule.passed)
    return Evidence(
        trials=found.trials,
        effective_trials=found.effective_trials,
        deflated_sharpe=found.deflated_sharpe,
        pbo=found.pbo,
        verdict=grade,
        reasons=tuple(f"{'pass' if r.passed else 'fail'}: {r.reason}" for r in ordered),
        required_years=found.required_years,
    )


def rules(found: Findings, at: Thresholds) -> tuple[Rule, ...]:
    """Every rule for these findings, in the order of the specification."""
    deflated = _number(found.deflated_sharpe)
    counted = f"({found.trials} trials, {found.effective_trials} effective)"
    bound, years, pbo = _number(found.lower_bound), _number(found.years), _number(found.pbo)
    strong = Verdict.STRONG
    listed = [
        Rule(
            Verdict.WEAK,
            deflated >= at.weak_deflated,
            f"deflated Sharpe ratio {_text(deflated)} {counted}; weak needs {at.weak_deflated}",
        ),
        Rule(
            strong,
            deflated >= at.strong_deflated,
            f"deflated Sharpe ratio {_text(deflated)} {counted}; strong needs {at.strong_deflated}",
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
            f"{found.trades} trades; strong needs {at.trades}",
        ),
        Rule(strong, found.point_in_time, _universe(found.point_in_time)),
    ]
    if found.searched:
        reason = f"probability of overfitting {_text(pbo)}; strong needs at most {at.pbo}"
        listed.append(Rule(strong, pbo <= at.pbo, reason))
    return tuple(listed)


def _universe(point_in_time: bool) -> str:
    if point_in_time:
        return "the universe is point-in-time"
    return "the universe is not point-in-time: survivors flatter any rule, which caps at weak"


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _text(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.4g}"
