"""An order's states: what each report and decision makes of them."""

from typing import Any, get_args

import msgspec
import pytest

from kedge.domain.report import End, FillsThrough
from kedge.execution.lifecycle import (
    Cancelling,
    Contradiction,
    Done,
    Ending,
    OrderDecision,
    OrderReport,
    Placed,
    State,
    Unknown,
    Why,
    Working,
    advance,
    exposed,
)
from orders import (
    ID,
    WAIT,
    S,
    accepted,
    after,
    cancel,
    cancel_refused,
    doubt,
    ended,
    filled,
    found,
    no_answer,
    not_found,
    order,
    placed,
    query,
    rejected,
    triggered,
    unsent,
)

WORKING = after(placed(), accepted())
CANCELLING = after(WORKING, cancel())
UNKNOWN = after(placed(), doubt())
ENDING = after(WORKING, filled(2), ended(5))
GONE = after(WORKING, filled(2), ended(2))
FILLED = after(WORKING, filled(10))
REJECTED = after(placed(), rejected())
ABSENT = after(UNKNOWN, not_found(7 * S))
UNSENT = after(placed(), unsent())
STATES = [
    placed(), WORKING, CANCELLING, UNKNOWN, ENDING, GONE, FILLED, REJECTED, ABSENT, UNSENT,
]  # fmt: skip
LATE = 100 * S
THINGS = [
    accepted(), rejected(), filled(3, "9"), ended(2), ended(-1), ended(10, End.FILLED),
    triggered(), cancel_refused(), found(), found(2, is_open=False), found(refused=True),
    not_found(0), not_found(LATE), unsent(), no_answer(), cancel(), query(), doubt(),
    FillsThrough(0, "", LATE, LATE, "7"),
]  # fmt: skip


def contradiction(state: State, thing: Any) -> Contradiction:
    result = advance(state, thing, WAIT)
    assert isinstance(result, Contradiction), result
    assert result.what.startswith(ID)
    return result


def test_things_of_this_file_are_of_every_kind() -> None:
    kinds = set(get_args(OrderReport)) | set(get_args(OrderDecision))
    assert {type(thing) for thing in THINGS} == kinds
    assert {type(state) for state in STATES} == set(get_args(State))


@pytest.mark.parametrize("thing", THINGS, ids=str)
@pytest.mark.parametrize("state", STATES, ids=lambda s: type(s).__name__)
def test_every_state_has_an_answer_to_everything(state: State, thing: Any) -> None:
    result = advance(state, thing, WAIT)
    then = result.then if isinstance(result, Contradiction) else result
    assert isinstance(then, get_args(State))
    assert then.order == state.order
    assert 0 <= exposed(then) <= 10
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(then), type=State)
    assert kept == then


def test_states_are_frozen_and_their_tags_never_change() -> None:
    tags = {kind.__name__: kind.__struct_config__.tag for kind in get_args(State)}
    assert tags == {
        "Placed": 1, "Working": 2, "Cancelling": 3, "Unknown": 4, "Ending": 5, "Done": 6,
    }  # fmt: skip
    assert all(kind.__struct_config__.frozen for kind in (*get_args(State), Contradiction))
    assert all(kind.__struct_config__.array_like for kind in get_args(State))
    assert {why.name: why.value for why in Why} == {
        "FILLED": 1, "CANCELLED": 2, "EXPIRED": 3, "CLOSED": 4, "REJECTED": 5, "ABSENT": 6,
        "UNSENT": 7,
    }  # fmt: skip


def test_an_order_is_acknowledged_filled_in_parts_and_done() -> None:
    state = after(placed(), accepted(), filled(4, "1"))
    assert isinstance(state, Working)
    assert (state.filled, state.venue_id, exposed(state)) == (4, "v1", 6)
    assert after(state, filled(6, "2")) == Done(order(), "v1", 10, Why.FILLED, 0)


def test_a_fill_before_the_acknowledgement_is_evidence_that_the_order_exists() -> None:
    state = after(placed(), filled(4))
    assert isinstance(state, Working)
    assert after(state, accepted()) == state
    assert isinstance(after(placed(), filled(10)), Done)


def test_a_venue_without_ids_of_its_own_is_told_by_ours_until_it_gives_one() -> None:
    state = after(placed(), accepted(""))
    assert isinstance(state, Working)
    assert state.venue_id == ID
    named = after(state, filled(1))
    assert isinstance(named, Working)
    assert after(named, accepted("v1"), accepted("")) == Working(order(), "v1", 1, 0, False)


def test_a_second_order_under_the_same_id_is_a_contradiction() -> None:
    for state in (WORKING, CANCELLING, GONE):
        assert "second time" in contradiction(state, accepted("v2")).what
    assert "v2" in contradiction(WORKING, found(v="v2")).what
    assert "v2" in contradiction(WORKING, filled(1, venue_id="v2")).what


@pytest.mark.parametrize("thing", [no_answer(), doubt()], ids=str)
def test_a_submit_without_an_answer_is_unknown_and_queried_at_once(thing: Any) -> None:
    state = after(placed(), thing)
    assert state == Unknown(order(), "", 0, 0, False, S, S, 0, False)
    assert exposed(state) == 10


def test_no_answer_to_a_cancel_or_question_changes_nothing() -> None:
    for state in (WORKING, CANCELLING, UNKNOWN, ENDING, GONE):
        assert after(state, no_answer(9 * S)) == state


def test_what_was_not_sent_is_done_only_while_nothing_but_a_submit_can_be_meant() -> None:
    assert Done(order(), "", 0, Why.UNSENT, 0) == UNSENT
    cancelled_early = after(placed(), cancel())
    for state in (cancelled_early, CANCELLING, UNKNOWN, WORKING):
        assert after(state, unsent()) == state


def test_a_definite_refusal_ends_an_order_that_never_worked() -> None:
    for state in (placed(), UNKNOWN, after(placed(), cancel())):
        assert after(state, rejected()) == Done(order(), "", 0, Why.REJECTED, 0)
        assert after(state, found(refused=True)) == Done(order(), "", 0, Why.REJECTED, 0)
    for done in (REJECTED, ABSENT, UNSENT):
        assert after(done, rejected(), found(refused=True), found(0, is_open=False)) == done


@pytest.mark.parametrize(("is_open", "total"), [(True, 0), (False, 3), (True, 3)])
def test_an_answer_that_it_was_refused_and_worked_is_a_contradiction(
    is_open: bool, total: int
) -> None:
    answer = msgspec.structs.replace(found(total, refused=True), open=is_open)
    assert contradiction(UNKNOWN, answer).then == UNKNOWN


@pytest.mark.parametrize("state", [WORKING, CANCELLING, ENDING, GONE, FILLED])
def test_a_refusal_of_what_the_venue_had_is_a_contradiction(state: State) -> None:
    for thing in (rejected(), found(refused=True)):
        then = contradiction(state, thing).then
        assert then == (after(state, doubt()))


def test_not_found_before_the_order_could_have_arrived_changes_nothing() -> None:
    for state in (placed(), UNKNOWN, WORKING):
        assert after(state, not_found(WAIT)) == state


def test_not_found_counts_from_when_the_question_left() -> None:
    late_answer = not_found(WAIT)
    assert late_answer.received > WAIT
    assert after(UNKNOWN, late_answer) == UNKNOWN
    assert after(UNKNOWN, not_found(WAIT + 1)) == Done(order(), "", 0, Why.ABSENT, 0)


@pytest.mark.parametrize(
    "state", [WORKING, CANCELLING, after(UNKNOWN, filled(1)), after(WORKING, doubt()), ENDING]
)
def test_not_found_of_what_the_venue_had_is_a_contradiction_and_not_an_end(state: State) -> None:
    then = contradiction(state, not_found(LATE)).then
    assert then == after(state, doubt(LATE + S))
    assert exposed(then) > 0


@pytest.mark.parametrize("state", [REJECTED, ABSENT, UNSENT])
@pytest.mark.parametrize("thing", [accepted(), filled(3), found(), triggered()], ids=str)
def test_sign_of_life_of_what_was_never_there_is_tracked_again(state: Any, thing: Any) -> None:
    if state.order.trigger == 0 and thing == triggered():
        state = msgspec.structs.replace(state, order=order(trigger=90, reduce_only=True))
    then = contradiction(state, thing).then
    assert then == Unknown(state.order, "", 0, 0, False, S, S, 0, False)
    if thing != triggered():
        believed = after(then, filled(3, at=2 * S), found(3, is_open=False))
        assert believed == Done(order(), "v1", 3, Why.CLOSED, 0)


def test_fills_after_the_end_are_taken_up_to_the_size() -> None:
    assert after(GONE, filled(8, "2")) == Done(order(), "v1", 10, Why.CANCELLED, 0)
    assert contradiction(GONE, filled(9, "2")).then == GONE


@pytest.mark.parametrize(
    ("fill", "says"),
    [
        (filled(11), "11 lots where 10"),
        (filled(0), "of 0 lots"),
        (filled(-2), "of -2 lots"),
        (filled(1, ticks=0), "at 0 ticks"),
        (filled(1, side=-1), "another key or side"),
        (filled(1, key=1), "another key or side"),
    ],
)
def test_a_fill_that_cannot_be_is_a_contradiction_and_puts_the_order_in_doubt(
    fill: Any, says: str
) -> None:
    for state in (placed(), WORKING, CANCELLING):
        result = contradiction(state, fill)
        assert says in result.what
        assert result.then == after(state, doubt())
    assert says.split(" ")[0] in contradiction(UNKNOWN, fill).what


def test_an_end_with_more_fills_than_were_seen_stays_tracked_until_they_come() -> None:
    assert Ending(order(), "v1", 2, 0, False, Why.CANCELLED, 5, S, S, 0) == ENDING
    assert exposed(ENDING) == 3
    part = after(ENDING, filled(1, "2"))
    assert isinstance(part, Ending)
    assert after(part, filled(2, "3")) == Done(order(), "v1", 5, Why.CANCELLED, 0)


def test_an_end_that_tells_no_lots_is_complete_once_the_venue_says_so() -> None:
    state = after(WORKING, ended(-1, at=5 * S))
    assert isinstance(state, Ending)
    assert exposed(state) == 10
    early, late = (FillsThrough(0, "", at * S, at * S, "") for at in (4, 5))
    assert after(state, early) == state
    assert after(state, late) == Done(order(), "v1", 0, Why.CANCELLED, 0)
    assert after(state, found(0, is_open=False)) == Done(order(), "v1", 0, Why.CANCELLED, 0)
    assert after(state, filled(3), found(3, is_open=False)).filled == 3


def test_a_filled_end_without_a_count_means_the_whole_order() -> None:
    state = after(WORKING, ended(-1, End.FILLED))
    assert isinstance(state, Ending)
    assert state.lots == 10
    assert after(state, filled(10)) == FILLED


def test_a_venue_that_denies_fills_which_it_reported_is_contradicted() -> None:
    seen = after(WORKING, filled(4))
    for thing in (ended(3), found(3, is_open=False)):
        assert contradiction(seen, thing).then == after(seen, doubt())
    through = FillsThrough(0, "", LATE, LATE, "")
    assert contradiction(ENDING, through).then == ENDING


@pytest.mark.parametrize("thing", [ended(11), ended(-2), ended(3, End.FILLED), found(11)])
def test_an_end_that_cannot_be_is_a_contradiction(thing: Any) -> None:
    assert isinstance(contradiction(WORKING, thing).then, Unknown)


def test_an_end_that_is_told_twice_tells_the_same_or_contradicts() -> None:
    assert after(ENDING, ended(5), ended(-1), found(5, is_open=False)) == ENDING
    for thing in (ended(6), found(4, is_open=False), ended(10, End.FILLED)):
        assert contradiction(ENDING, thing).then == ENDING
    untold = after(WORKING, filled(2), ended(-1, End.EXPIRED))
    told = after(untold, found(5, is_open=False))
    assert told == Ending(order(), "v1", 2, 0, False, Why.EXPIRED, 5, S, S, 0)
    assert after(untold, found(2, is_open=False)).why is Why.EXPIRED


def test_an_end_in_doubt_keeps_the_pauses_between_questions() -> None:
    doubted = after(UNKNOWN, query(2 * S), query(3 * S), found(4, is_open=False, at=4 * S))
    assert doubted == Ending(order(), "v1", 0, 0, False, Why.CLOSED, 4, 4 * S, 4 * S, 2)


def test_a_first_fill_says_nothing_of_a_trigger() -> None:
    assert after(placed(), filled(4)) == Working(order(), "v1", 4, 0, False)
    assert after(placed(), filled(4, ticks=1)) == Working(order(), "v1", 4, 0, False)
    assert after(placed(), filled(4, venue_id="")) == Working(order(), ID, 4, 0, False)


def test_repeated_ends_change_nothing_and_one_with_more_fills_is_tracked_again() -> None:
    assert after(GONE, ended(2), ended(-1), found(2, is_open=False)) == GONE
    state = after(GONE, ended(5))
    assert isinstance(state, Ending)
    assert exposed(state) == 3
    owed = contradiction(ABSENT, ended(5)).then
    assert isinstance(owed, Ending)
    assert exposed(owed) == 5
    assert (state.tries, owed.tries) == (0, 0)


def test_found_open_works_on_when_the_answer_knows_all_that_was_seen() -> None:
    assert after(UNKNOWN, found()) == WORKING
    part = after(UNKNOWN, filled(2))
    assert isinstance(part, Unknown)
    assert after(part, found(1)) == part
    assert isinstance(after(part, found(3)), Unknown)
    assert isinstance(after(part, found(2)), Working)


def test_found_open_with_the_fills_that_were_seen_needs_no_question() -> None:
    assert after(WORKING, found()) == WORKING
    part = after(WORKING, filled(2))
    assert after(part, found(2)) == part
    assert isinstance(after(placed(), found()), Working)


def test_found_with_fills_that_were_not_seen_is_asked_about_again() -> None:
    state = after(WORKING, found(3))
    assert isinstance(state, Unknown)
    assert state.tries == 1
    state = after(placed(), found(3))
    assert isinstance(state, Unknown)
    assert state.venue_id == "v1"


def test_found_closed_with_every_fill_seen_is_done() -> None:
    assert after(UNKNOWN, found(0, is_open=False)).why is Why.CLOSED
    assert after(UNKNOWN, filled(4), found(4, is_open=False)).filled == 4
    late = after(UNKNOWN, found(10, is_open=False), filled(10))
    assert late.why is Why.FILLED


def test_a_cancel_of_what_is_in_doubt_is_asked_for_again_once_it_is_found_open() -> None:
    refused = after(CANCELLING, cancel_refused())
    assert isinstance(refused, Unknown)
    assert refused.cancel
    again = after(refused, query(2 * S), found(at=3 * S))
    assert again == Cancelling(order(), "v1", 0, 0, False, 3 * S, 0)
    unknown = after(UNKNOWN, cancel(), accepted(at=4 * S))
    assert unknown == Cancelling(order(), "v1", 0, 0, False, 4 * S, 0)


def test_a_cancel_that_was_overtaken_by_the_fill_ends_in_the_fill() -> None:
    assert after(CANCELLING, filled(10), cancel_refused(), ended(10, End.FILLED)) == FILLED


def test_a_cancel_before_the_acknowledgement_is_kept() -> None:
    early = after(placed(), cancel())
    assert isinstance(early, Cancelling)
    assert after(early, accepted()) == CANCELLING
    assert isinstance(after(early, no_answer()), Unknown)
    assert after(early, not_found(LATE)).why is Why.ABSENT


def test_cancels_and_questions_are_counted() -> None:
    assert after(CANCELLING, cancel(7 * S)).tries == 2
    assert after(UNKNOWN, query(2 * S), query(5 * S)).tries == 2
    assert after(ENDING, query(2 * S)).tries == 1
    asked_for = after(WORKING, query(2 * S))
    assert isinstance(asked_for, Unknown)
    assert (asked_for.tries, asked_for.asked) == (1, 2 * S)


def test_a_stop_that_was_touched_says_so_until_its_end() -> None:
    stop = Placed(order(side=-1, trigger=90, reduce_only=True), 0)
    for start in (stop, after(stop, accepted()), after(stop, accepted(), cancel())):
        state = after(start, triggered())
        assert not isinstance(state, Placed | Done)
        assert state.triggered
        assert after(state, doubt(), found()).triggered or isinstance(state, Cancelling)
    assert "stop" in contradiction(WORKING, triggered()).what


def test_what_is_done_is_left_alone_by_decisions() -> None:
    for state in (GONE, FILLED, REJECTED):
        assert after(state, cancel(), query(), doubt(), cancel_refused(), not_found(LATE)) == state
