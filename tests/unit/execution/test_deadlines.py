"""When an order is acted on without a report: time-outs, pauses, bounded tries."""

import pytest

from kedge.domain.decided import CancelAsked, Doubted, QueryAsked
from kedge.domain.errors import ConfigError
from kedge.execution.deadlines import NEVER_DUE, Terms, absence, deadline, due_action
from kedge.execution.lifecycle import State
from orders import ID, S, accepted, after, cancel, doubt, ended, filled, placed, query

TERMS = Terms()


def actions(state: State, now: int, until: int) -> list[tuple[float, str]]:
    """What is done by itself up to ``until``: (seconds, kind) each."""
    done = []
    while (now := max(now, deadline(state, TERMS))) <= until:
        thing = due_action(state, now, TERMS)
        assert thing is not None
        assert thing.at == now
        done.append((now / S, type(thing).__name__))
        state = after(state, thing)
    return done


def test_nothing_is_due_before_its_deadline() -> None:
    working = after(placed(), accepted())
    for state in (placed(), after(working, cancel()), after(working, ended(3))):
        due = deadline(state, TERMS)
        assert due_action(state, due - 1, TERMS) is None
        assert due_action(state, due, TERMS) is not None
    for state in (working, after(working, filled(10))):
        assert deadline(state, TERMS) == NEVER_DUE
        assert due_action(state, NEVER_DUE, TERMS) is None


def test_an_order_without_acknowledgement_is_doubted_then_queried_for_ever_with_longer_pauses() -> (
    None
):
    done = actions(placed(), 0, 250 * S)
    assert done[0] == (5, "Doubted")
    assert [kind for _, kind in done[1:]] == ["QueryAsked"] * (len(done) - 1)
    assert [at for at, _ in done[1:]] == [5, 6, 8, 12, 20, 36, 68, 128, 188, 248]


def test_a_cancel_is_sent_three_times_before_the_order_is_in_doubt() -> None:
    asked = after(placed(), accepted(), cancel(0))
    assert actions(asked, 0, 36 * S) == [
        (5, "CancelAsked"), (15, "CancelAsked"), (35, "Doubted"), (35, "QueryAsked"),
        (36, "QueryAsked"),
    ]  # fmt: skip


def test_missing_fills_are_asked_for_after_a_moment() -> None:
    owed = after(placed(), accepted(), ended(3, at=2 * S))
    assert actions(owed, 2 * S, 10 * S) == [(3, "QueryAsked"), (4, "QueryAsked"),
                                            (6, "QueryAsked"), (10, "QueryAsked")]  # fmt: skip


def test_pauses_stay_bounded_after_any_number_of_questions() -> None:
    state = after(placed(), doubt())
    for _ in range(100):
        state = after(state, query(9 * S))
    assert deadline(state, TERMS) == 69 * S


def test_actions_name_their_order_and_none_is_a_submit() -> None:
    kinds = {CancelAsked, QueryAsked, Doubted}
    working = after(placed(), accepted())
    for state in (placed(), after(placed(), doubt()), after(working, cancel())):
        thing = due_action(state, 10**12, TERMS)
        assert type(thing) in kinds
        assert thing is not None
        assert thing.order == ID


def test_absence_counts_sending_window_and_skew_of_either_sign() -> None:
    assert absence(TERMS, 5 * S, -2 * S) == absence(TERMS, 5 * S, 2 * S) == 8 * S


@pytest.mark.parametrize(
    "wrong",
    [
        {"ack_ns": 0}, {"cancel_tries": 0}, {"query_max_ns": S - 1}, {"send_ns": -1},
        {"cancel_ns": 0}, {"query_ns": 0}, {"fills_ns": 0},
    ],
)  # fmt: skip
def test_terms_that_would_never_act_or_never_stop_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        Terms(**wrong)


def test_the_shortest_terms_are_accepted() -> None:
    assert Terms(query_ns=1, query_max_ns=1, cancel_tries=1, ack_ns=1, fills_ns=1).send_ns == S
    assert NEVER_DUE == 2**63 - 1


def test_default_waits_are_those_of_the_documents() -> None:
    assert (TERMS.send_ns, TERMS.ack_ns, TERMS.cancel_ns, TERMS.cancel_tries) == (
        S,
        5 * S,
        5 * S,
        3,
    )
    assert (TERMS.query_ns, TERMS.query_max_ns, TERMS.fills_ns) == (S, 60 * S, S)
