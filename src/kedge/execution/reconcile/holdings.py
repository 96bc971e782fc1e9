"""Our positions and cash against what the venue says the account holds.

A balance is a photograph: fills may be on their way to us, and fills that we have booked may
be younger than it. So a difference that those could explain is no finding yet, and none is
one before the venue has told all fills since it was first seen.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import msgspec

from kedge.domain.wording import counted
from kedge.execution.reconcile.findings import Adjust, Differences, FetchFills, Finding, Halt
from kedge.execution.tracked import State, exposed

_SECOND: Final = 1_000_000_000

Name = TypeVar("Name", bound=int | str)
"""A key's place in the table, or a currency: positions and cash are compared apart."""


class Span(msgspec.Struct, frozen=True):
    """By how much the venue may rightly be below (``low`` <= 0) and above (``high`` >= 0) us."""

    low: int = 0
    high: int = 0


class Doubt(msgspec.Struct, frozen=True):
    """A difference that was seen: how large, and since when, ns UTC."""

    amount: int
    since: int


class HoldingTerms(msgspec.Struct, frozen=True, kw_only=True):
    """When a difference becomes a finding.

    Attributes:
        policy: what follows then.
        patience_ns: a difference that what is in flight explains is believed so long.
        tolerance: minor units of cash that may differ for rounding; positions never.
    """

    policy: Differences = Differences.HALT
    patience_ns: int = 60 * _SECOND
    tolerance: int = 0


EVEN: Final = Span()


def in_flight(states: Iterable[State]) -> dict[int, Span]:
    """What orders may have done to each key's position without our knowing yet."""
    spans: dict[int, Span] = {}
    for state in states:
        lots, order = exposed(state), state.order
        known = spans.get(order.key, EVEN)
        if order.side > 0:
            spans[order.key] = Span(known.low, known.high + lots)
        else:
            spans[order.key] = Span(known.low - lots, known.high)
    return spans


def compare_holdings(
    ours: Mapping[Name, int],
    theirs: Mapping[Name, int],
    flight: Mapping[Name, Span],
    doubts: Mapping[Name, Doubt],
    now: int,
    told: int,
    terms: HoldingTerms,
) -> tuple[list[Finding], dict[Name, Doubt]]:
    """What differs, and the doubts to hand in next time.

    Args:
        ours: lots by key, or minor units by currency; what is missing is 0.
        theirs: the same as of the venue's report.
        flight: what may be on its way either way: `in_flight`, and the other way round what
            was booked with a time after the report's.
        doubts: of the last comparison, empty at first.
        now: ns UTC.
        told: when the venue last said that all fills have been told, ns UTC; -1 for never.
        terms: patience and policy.
    """
    found: list[Finding] = []
    kept: dict[Name, Doubt] = {}
    for name in sorted({*ours, *theirs}, key=str):
        amount = theirs.get(name, 0) - ours.get(name, 0)
        if abs(amount) <= _tolerated(name, terms):
            continue
        doubt = doubts.get(name)
        if doubt is None or doubt.amount != amount:
            kept[name] = Doubt(amount, now)
            found.append(FetchFills(name, f"{_named(name)} differs by {amount:,}"))
        else:
            kept[name] = doubt
            if _proven(doubt, flight.get(name, EVEN), now, told, terms):
                found.append(_finding(name, doubt, now, terms.policy))
    return found, kept


def _tolerated(name: int | str, terms: HoldingTerms) -> int:
    return terms.tolerance if isinstance(name, str) else 0


def _proven(doubt: Doubt, span: Span, now: int, told: int, terms: HoldingTerms) -> bool:
    """Whether neither a fill on its way nor one that was not told can explain it any more."""
    if told <= doubt.since:
        return False
    explained = span.low <= doubt.amount <= span.high
    return not explained or now - doubt.since > terms.patience_ns


def _finding(name: int | str, doubt: Doubt, now: int, policy: Differences) -> Finding:
    seconds = counted((now - doubt.since) // _SECOND, "second")
    why = f"{_named(name)} has differed by {doubt.amount:,} for {seconds}, all fills told"
    return Adjust(name, doubt.amount, why) if policy is Differences.ADJUST else Halt(why)


def _named(name: int | str) -> str:
    return f"cash in {name}" if isinstance(name, str) else f"position of key {name}"
