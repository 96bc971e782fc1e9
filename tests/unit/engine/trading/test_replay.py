"""A journal's decisions are derived again to the last bit, or the replay says where not."""

import msgspec
import numpy as np
import pytest

from kedge.domain.control import Parameters, Started
from kedge.domain.decided import Intent, ModeSet, OrderApproved, OrderRefused
from kedge.domain.errors import JournalError
from kedge.domain.record import Decided, Opened, Record, decode, encode
from kedge.domain.row import RowClosed, RowDecided, SessionOpened
from kedge.engine.trading.engine import Engine
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.replay import replay
from kedge.engine.trading.setup import make_desk
from kedge.numeric_platform import platform_fingerprint
from kedge.testing.simulation.parameters import adopt, scene_of, seeded_book
from replays import (
    changed,
    flipped,
    place_of,
    records,
    replayed,
    turned,
    with_a_forecast,
)

TIGHT = {"kelly_fraction": 0.05, "gate_position": 0.08}
"""Rules that bind: sizes by the Kelly fraction, orders refused for the position's limit."""


def test_every_decision_of_a_session_with_a_crash_and_new_parameters_is_derived_again():
    found = records()
    verdict = replayed(found)
    assert verdict.equal
    assert verdict.first is None
    assert verdict.same_platform
    assert verdict.records == len(found)
    assert verdict.decisions == sum(isinstance(r, Decided) for r in found)
    assert verdict.events == len(found) - verdict.decisions - 1
    assert verdict.rows == sum(isinstance(r, RowDecided) for r in found) > 40
    assert verdict.starts == sum(isinstance(r, Started) for r in found) >= 2
    assert verdict.changes == sum(isinstance(r, Parameters) for r in found) - 1 >= 1
    assert any(isinstance(r, OrderApproved) for r in found)


@pytest.mark.parametrize("limit", ["kelly_fraction", "gate_position"])
def test_a_limit_of_one_ulp_more_is_found_in_the_first_row(limit: str):
    verdict = replayed(records(), turned(limit))
    assert not verdict.equal
    assert verdict.first is not None
    assert verdict.first.record == place_of(records(), RowDecided) + 1
    assert "rules of the step and of the gate" in verdict.first.what


def test_the_refused_order_shows_the_limit_that_is_another_one():
    found = records(3, **TIGHT)
    at = next(i for i, r in enumerate(found) if isinstance(r, OrderRefused) and r.limit > 0)
    limit = found[at].limit  # type: ignore[union-attr]
    verdict = replayed(changed(found, at, limit=float(np.nextafter(limit, 0.0))))
    assert not verdict.equal
    assert verdict.first is not None
    assert verdict.first.record == at + 1
    assert verdict.first.what.startswith("OrderRefused, limit: ")
    assert verdict.first.what.endswith(f"{limit!r} derived")


def test_a_flipped_bit_of_a_forecast_is_named_with_strategy_and_instrument():
    found = records()
    at = with_a_forecast(found)
    row = found[at]
    assert isinstance(row, RowDecided)
    verdict = replayed(changed(found, at, forecasts=flipped(row.forecasts, 0, "i8")))
    assert verdict.first is not None
    assert verdict.first.record == at + 1
    said = float(np.frombuffer(row.forecasts)[0])
    assert verdict.first.what.startswith(f"row {row.row}, forecast of strategy 0 for C0USDT, edge:")
    assert verdict.first.what.endswith(f"{said!r} derived")


@pytest.mark.parametrize(
    ("field", "kind", "said"),
    [("targets", "i8", "target of C0USDT"), ("reasons", "i1", "reason of C0USDT")],
)
def test_another_target_or_reason_is_named(field: str, kind: str, said: str):
    found = records()
    at = place_of(found, RowDecided, 5)
    raw = flipped(getattr(found[at], field), 0, kind)
    verdict = replayed(changed(found, at, **{field: raw}))
    assert verdict.first is not None
    assert verdict.first.record == at + 1
    assert said in verdict.first.what


def test_another_word_of_the_state_is_named():
    found = records()
    at = place_of(found, RowDecided, 5)
    words = flipped(found[at].words, 0, "i8")  # type: ignore[union-attr]
    verdict = replayed(changed(found, at, words=words))
    assert verdict.first is not None
    assert ", state of C0USDT, F_" in verdict.first.what


def test_an_intent_with_another_plan_is_named_by_the_plans_field():
    found = records()
    at = next(i for i, r in enumerate(found) if isinstance(r, Intent) and r.plan)
    intent = found[at]
    assert isinstance(intent, Intent)
    plan = msgspec.msgpack.decode(intent.plan)
    verdict = replayed(
        changed(found, at, plan=msgspec.msgpack.encode({**plan, "until": plan["until"] + 1}))
    )
    assert verdict.first is not None
    assert verdict.first.what.startswith(f"intent {intent.number}, plan.until: ")


def test_a_decision_that_was_left_out_is_missed():
    found = records()
    at = place_of(found, Intent)
    verdict = replayed([*found[:at], *found[at + 1 :]])
    assert not verdict.equal
    assert verdict.first is not None
    assert verdict.first.record == at + 1
    assert verdict.first.what.lower().startswith("intent ")


def test_a_decision_that_was_put_in_is_found():
    found = records()
    at = place_of(found, SessionOpened)
    extra = ModeSet(found[at].at, 3, True, "not decided by anybody")  # type: ignore[union-attr]
    verdict = replayed([*found[: at + 1], extra, *found[at + 1 :]])
    assert verdict.first is not None
    assert verdict.first.record == at + 2
    assert "ModeSet" in verdict.first.what


def test_records_that_cannot_follow_are_a_difference_and_no_traceback():
    found = records()
    at = place_of(found, RowClosed, 3)
    verdict = replayed(changed(found, at, bars=b"\0" * 3))
    assert verdict.first is not None
    assert verdict.first.record == at + 1
    assert "RowClosed cannot follow" in verdict.first.what


def test_parameters_left_out_change_what_is_derived():
    found = records()
    at = place_of(found, Parameters, 1)
    verdict = replayed([*found[:at], *found[at + 1 :]])
    assert not verdict.equal
    assert verdict.first is not None
    assert verdict.first.record > at


class TestTorn:
    """A process died between the records of one event, and the next one went on."""

    def died(self, found: list[Record], cut: int) -> list[Record]:
        """The first ``cut`` records, and a process that goes on from them."""
        first = next(r for r in found if isinstance(r, Parameters))
        scene, opened = scene_of(first.tree), found[0]
        assert isinstance(opened, Opened)
        kept = list(found[:cut])
        desk = make_desk(opened.lineage, first, adopt, lambda setup: seeded_book(scene, setup))
        for record in kept:
            evolve(desk, decode(encode(record)))
        assert desk.way is not None

        def append(record: Record) -> int:
            kept.append(record)
            return len(kept)

        engine = Engine(desk, desk.way, append, lambda number, effect: None)
        engine.process(Started(desk.at + 1, "test", platform_fingerprint(), 1))
        later = [r for r in found[cut:] if isinstance(r, RowClosed)]
        for row in later[:5]:
            engine.process(row)
        return kept

    def inside(self, found: list[Record]) -> int:
        """Just before an intent's order was approved, in the middle of what a row led to."""
        return place_of(found, OrderApproved, 3)

    def test_what_was_not_decided_any_more_is_not_taken_for_derived(self):
        found = self.died(records(), self.inside(records()))
        verdict = replayed(found)
        assert verdict.equal
        assert verdict.torn == 1
        assert verdict.records == len(found)

    def test_a_journal_that_ends_inside_a_decision_is_equal_as_far_as_it_goes(self):
        found = records()[: self.inside(records())]
        verdict = replayed(found)
        assert verdict.equal
        assert verdict.torn == 1

    def test_without_a_start_after_it_the_gap_is_a_difference(self):
        found = self.died(records(), self.inside(records()))
        at = place_of(found, Started, -1)
        verdict = replayed([*found[:at], *found[at + 1 :]])
        assert not verdict.equal


class TestElsewhere:
    """On another platform floats may differ, and the replay says by how much."""

    def test_equal_bits_are_equal_and_the_platform_is_named(self):
        verdict = replayed(records(), platform="another machine")
        assert verdict.equal
        assert not verdict.same_platform
        assert verdict.recorded == (platform_fingerprint(),)
        assert verdict.largest is None

    def test_the_largest_difference_of_floats_is_reported(self):
        found = records()
        at, later = with_a_forecast(found), place_of(found, RowDecided, -1)
        found = changed(found, at, forecasts=flipped(found[at].forecasts, 0, "i8"))
        words = np.frombuffer(found[later].forecasts).copy()
        words[0] *= 1.0 + 1e-9
        verdict = replayed(changed(found, later, forecasts=words.tobytes()), platform="another")
        assert verdict.equal
        assert verdict.decisions == sum(isinstance(r, Decided) for r in found)
        assert verdict.largest is not None
        assert verdict.largest.record == later + 1
        assert verdict.largest.size == pytest.approx(1e-9, rel=1e-6)

    def test_rules_of_one_ulp_more_are_reported_and_change_no_integer(self):
        verdict = replayed(records(), turned("kelly_fraction"), platform="another")
        assert verdict.equal
        assert verdict.largest is not None
        assert ", state of C0USDT, F_" in verdict.largest.what
        assert 0.0 < verdict.largest.size < 1e-15

    def test_an_integer_must_be_the_same_everywhere(self):
        found = records()
        at = place_of(found, RowDecided, 5)
        raw = flipped(found[at].targets, 0, "i8")  # type: ignore[union-attr]
        verdict = replayed(changed(found, at, targets=raw), platform="another machine")
        assert not verdict.equal
        assert verdict.first is not None
        assert verdict.first.exact

    def test_here_the_same_float_is_a_failure(self):
        found = records()
        at = with_a_forecast(found)
        verdict = replayed(changed(found, at, forecasts=flipped(found[at].forecasts, 0, "i8")))
        assert not verdict.equal

    def test_one_start_elsewhere_makes_the_whole_journal_foreign(self):
        found = records()
        at = place_of(found, Started, -1)
        verdict = replayed(changed(found, at, platform="another machine"))
        assert verdict.equal
        assert not verdict.same_platform


class TestFrom:
    """The records before the first to derive are folded as they stand."""

    def test_the_rest_is_derived_from_the_state_that_they_left(self):
        found = records()
        verdict = replayed(found, start=300)
        assert verdict.equal
        assert 0 < verdict.decisions < sum(isinstance(r, Decided) for r in found)
        assert verdict.trusted >= 298

    def test_a_difference_before_it_is_not_looked_for(self):
        found = records()
        at = with_a_forecast(found)
        other = changed(found, at, forecasts=flipped(found[at].forecasts, 0, "i8"))
        assert not replayed(other).equal
        assert replayed(other, start=at + 2).equal


def bare(found: list[Record]) -> None:
    """A replay of records that say nothing of a scene."""
    replay(enumerate(found, 1), adopt, "any")


class TestUnusable:
    def test_a_journal_without_its_beginning(self):
        with pytest.raises(JournalError, match="begins with"):
            replayed(records()[1:])

    def test_a_journal_without_parameters(self):
        found = [r for r in records() if not isinstance(r, Parameters)]
        with pytest.raises(JournalError, match="no parameters"):
            bare(found)

    def test_an_empty_journal(self):
        with pytest.raises(JournalError, match="no parameters"):
            bare([])

    def test_parameters_of_other_instruments(self):
        found = changed(records(), 0, instruments=("another",))
        with pytest.raises(JournalError, match="other instruments"):
            replayed(found)


def test_each_record_is_counted_once():
    counted: list[int] = []
    replayed(records(), step=counted.append)
    assert counted == list(range(1, len(records()) + 1))
