"""Positions and cash against the venue's: asked first, believed late, never invented."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kedge.execution.reconcile.findings import Adjust, Differences, FetchFills, Halt
from kedge.execution.reconcile.holdings import (
    Doubt,
    HoldingTerms,
    Span,
    compare_holdings,
    in_flight,
)
from orders import S, accepted, after, cancel, doubt, ended, filled, order, placed


def seen(
    ours: dict[Any, int], theirs: dict[Any, int], doubts: dict[Any, Doubt] | None = None,
    flight: dict[Any, Span] | None = None, now: int = 0, told: int = -1, **terms: Any,
) -> tuple[list[Any], dict[Any, Doubt]]:  # fmt: skip
    given_terms = HoldingTerms(**terms)
    return compare_holdings(ours, theirs, flight or {}, doubts or {}, now, told, given_terms)


def test_agreement_gives_no_finding_and_forgets_a_doubt() -> None:
    assert seen({0: 5, 1: 0}, {0: 5}) == ([], {})
    assert seen({0: 5}, {0: 5}, {0: Doubt(2, 0)}) == ([], {})


def test_a_first_difference_only_asks_for_fills() -> None:
    findings, doubts = seen({0: 5}, {0: 8}, now=7 * S)
    assert findings == [FetchFills(0, "position of key 0 differs by 3")]
    assert doubts == {0: Doubt(3, 7 * S)}
    assert isinstance(seen({}, {4: -2})[0][0], FetchFills)


def test_nothing_is_found_before_the_venue_has_told_all_fills() -> None:
    known = {0: Doubt(3, 7 * S)}
    for told in (-1, 6 * S, 7 * S):
        assert seen({0: 5}, {0: 8}, known, now=99 * S, told=told) == ([], known)


def test_what_stays_different_halts_or_is_adjusted_by_policy() -> None:
    known = {0: Doubt(3, 7 * S)}
    findings, _ = seen({0: 5}, {0: 8}, known, now=9 * S, told=8 * S)
    assert findings == [Halt("position of key 0 has differed by 3 for 2 seconds, all fills told")]
    findings, _ = seen({0: 5}, {0: 8}, known, now=9 * S, told=8 * S, policy=Differences.ADJUST)
    assert isinstance(findings[0], Adjust)
    assert (findings[0].of, findings[0].amount) == (0, 3)


def test_a_difference_that_fills_in_flight_could_explain_is_waited_for() -> None:
    known, flight = {0: Doubt(3, 0)}, {0: Span(0, 3)}
    assert seen({0: 5}, {0: 8}, known, flight, 60 * S, 1)[0] == []
    assert isinstance(seen({0: 5}, {0: 8}, known, flight, 60 * S + 1, 1)[0][0], Halt)
    assert isinstance(seen({0: 5}, {0: 8}, known, {0: Span(-3, 2)}, 1, 1)[0][0], Halt)


def test_a_difference_that_changes_is_asked_about_anew() -> None:
    findings, doubts = seen({0: 5}, {0: 9}, {0: Doubt(3, 0)}, now=9 * S, told=8 * S)
    assert isinstance(findings[0], FetchFills)
    assert doubts == {0: Doubt(4, 9 * S)}


def test_cash_may_differ_by_the_tolerance_and_positions_never() -> None:
    assert seen({"USD": 100}, {"USD": 103}, tolerance=3) == ([], {})
    assert seen({"USD": 100}, {"USD": 104}, tolerance=3)[0] != []
    assert seen({0: 100}, {0: 101}, tolerance=3)[0] != []


def test_orders_that_may_fill_span_what_may_be_on_its_way() -> None:
    working = after(placed(), accepted())
    sale = placed(side=-1, lots=4, id="k-2", key=0)
    states = [
        after(working, filled(3)), after(placed(id="k-3", key=1), doubt()), sale,
        after(working, cancel()), after(working, filled(10)), after(working, filled(1), ended(3)),
    ]  # fmt: skip
    assert in_flight(states) == {0: Span(-4, 7 + 10 + 2), 1: Span(0, 10)}
    assert order().key == 0


@given(
    st.dictionaries(st.integers(0, 3), st.integers(-20, 20)),
    st.dictionaries(st.integers(0, 3), st.integers(-20, 20)),
    st.sampled_from(list(Differences)),
)
def test_adjusting_by_the_findings_reaches_agreement_and_only_after_asking(
    ours: dict[int, int], theirs: dict[int, int], policy: Differences
) -> None:
    asked, doubts = seen(ours, theirs, now=0)
    assert all(isinstance(finding, FetchFills) for finding in asked)
    findings, _ = seen(ours, theirs, doubts, now=2, told=1, policy=policy)
    differing = {name for name in {*ours, *theirs} if ours.get(name, 0) != theirs.get(name, 0)}
    assert len(findings) == len(asked) == len(differing)
    if policy is Differences.ADJUST:
        for finding in findings:
            ours[finding.of] = ours.get(finding.of, 0) + finding.amount
        assert seen(ours, theirs) == ([], {})
    else:
        assert all(isinstance(finding, Halt) for finding in findings)
