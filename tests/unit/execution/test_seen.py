"""Fills are booked once, and remembering them takes bounded memory."""

import tracemalloc

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kedge.execution.seen import Seen, Sight
from orders import filled


def test_a_fill_is_new_once_and_a_repeat_after_it_was_noted() -> None:
    seen = Seen()
    assert seen.look(filled(1, "a")) is Sight.NEW
    seen.note(filled(1, "a"))
    assert seen.look(filled(1, "a")) is Sight.REPEAT
    assert seen.look(filled(1, "a", key=1)) is Sight.NEW


def test_a_late_fill_within_what_is_remembered_is_new_whatever_its_time_and_number() -> None:
    seen = Seen(keep=4)
    for number in (100, 101, 103, 104):
        seen.note(filled(1, str(number), at=number))
    assert seen.look(filled(1, "102", at=50)) is Sight.NEW


def test_behind_what_is_forgotten_a_fill_is_old_and_past_either_mark_it_is_new() -> None:
    seen = Seen(keep=2)
    for number in range(10, 15):
        seen.note(filled(1, str(number), at=number))
    assert seen.look(filled(1, "12", at=12)) is Sight.OLD
    assert seen.look(filled(1, "9", at=9)) is Sight.OLD
    assert seen.look(filled(1, "99", at=9)) is Sight.NEW
    assert seen.look(filled(1, "9", at=99)) is Sight.NEW


def test_ids_that_are_no_numbers_are_told_by_time() -> None:
    seen = Seen(keep=1)
    for at, trade in enumerate(("x", "y", "²")):
        seen.note(filled(1, trade, at=at))
    assert seen.look(filled(1, "x", at=0)) is Sight.OLD
    assert seen.look(filled(1, "z", at=1)) is Sight.OLD
    assert seen.look(filled(1, "z", at=2)) is Sight.NEW


def test_an_id_too_long_for_a_whole_number_is_told_by_time() -> None:
    seen = Seen(keep=1)
    for at, trade in enumerate(("1" * 19, "x", "y")):
        seen.note(filled(1, trade, at=at))
    assert seen.look(filled(1, "2" * 19, at=1)) is Sight.OLD
    short = Seen(keep=1)
    for at, trade in enumerate(("1" * 18, "x", "y")):
        short.note(filled(1, trade, at=at))
    assert short.look(filled(1, "2" * 18, at=1)) is Sight.NEW


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), max_size=60))
def test_while_nothing_is_forgotten_it_is_a_set(fills: list[tuple[int, int]]) -> None:
    seen, exact = Seen(keep=64), set()
    for key, number in fills:
        fill = filled(1, str(number), key=key)
        assert (seen.look(fill) is Sight.REPEAT) == ((key, number) in exact)
        seen.note(fill)
        exact.add((key, number))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=80), st.integers(1, 8))
def test_nothing_noted_is_ever_new_again(numbers: list[int], keep: int) -> None:
    seen, noted = Seen(keep=keep), []
    for at, number in enumerate(numbers):
        fill = filled(1, f"t{number}-{at}", at=at)
        seen.note(fill)
        noted.append(fill)
        assert all(seen.look(old) is not Sight.NEW for old in noted)


def test_memory_is_flat_over_many_fills() -> None:
    seen = Seen(keep=500)
    fills = (filled(1, str(number), at=number) for number in range(60_000))
    tracemalloc.start()
    sizes = []
    for count, fill in enumerate(fills, 1):
        seen.note(fill)
        if count % 20_000 == 0:
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert len(seen.keys[0].ids) == 500
    assert max(sizes) < 1.2 * min(sizes)


def test_a_snapshot_gives_the_same_answers() -> None:
    seen = Seen(keep=2)
    for number in range(5):
        seen.note(filled(1, str(number), at=number))
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(seen), type=Seen)
    assert again == seen
