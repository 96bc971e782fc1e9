"""A session that goes by volume learns from its rows when it is traded, and slices by that."""

import msgspec
import numpy as np
import pytest

from at_desk import PRICE, AtDesk
from kedge.domain.control import Parameters
from kedge.domain.decided import Intent
from kedge.domain.reason import Reason
from kedge.domain.record import Record
from kedge.domain.row import RowClosed
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.rows import closed_row
from kedge.engine.trading.setup import change, make_desk
from kedge.engine.trading.snapshot import dump, load
from kedge.execution.slicing.plan import Scheduled, Weighted, plan_of
from kedge.testing.simulation.parameters import adopt, scene_of, seeded_book, tree_of
from kedge.testing.simulation.scene import SECOND, Scene, start_of
from replays import records, replayed, world

ROW = 1_800 * SECOND
ROWS = 40
LENGTH = ROWS * ROW
HALF_DAY = 14
LOTS = 90_000


def through(share: float) -> float:
    """Volume up to a share of a session: most at its ends, least in its middle."""
    x = 2.0 * share - 1.0
    return 1e6 * (0.2 * share + 0.8 * 0.25 * (1.0 + x * abs(x)))


def desk_after(*sessions: int, style: str = "vwap") -> AtDesk:
    """Watching sessions of so many rows; then the first six hours of another one."""
    at = AtDesk(style=style, row_ns=ROW, session_rows=ROWS)
    for number, rows in enumerate((*sessions, 12)):
        for i in range(rows):
            at.fold(row_of(at.scene, number, i, through((i + 1) / ROWS) - through(i / ROWS)))
    return at


def row_of(scene: Scene, session: int, i: int, volume: float) -> RowClosed:
    at, ones = start_of(scene) + session * LENGTH + (i + 1) * ROW, np.ones(1)
    bars, quotes = np.full((1, 4), PRICE), np.array([[PRICE, PRICE + 2, 0, 10**6, 10**6, 0]])
    flags, age = np.full(1, 3, np.uint8), np.zeros(1, np.int64)
    row = session * ROWS + i
    return closed_row(row, at, session, bars, ones * volume, flags, age, ones, quotes)


def planned(at: AtDesk, session: int, i: int) -> Scheduled:
    """The plan of an intent that is made when a row has closed."""
    style, now = at.engine.way.style, start_of(at.scene) + session * LENGTH + (i + 1) * ROW
    wish = Intent(now, 1, 0, 0, LOTS, PRICE, 0, int(Reason.NONE), style.until(now))
    plan = plan_of(style.plan(at.desk, wish))
    assert isinstance(plan, Scheduled)
    return plan


def equal(plan: Scheduled) -> bool:
    """Whether children are of one size."""
    return plan.goals == tuple(LOTS * (i + 1) // len(plan.times) for i in range(len(plan.times)))


def in_proportion(plan: Scheduled, opened: int) -> list[float]:
    """Lots by the end of each child's time, from the volume itself."""
    span = 0.75 * ROW  # a quarter of the row before its end an intent is given up
    ends = [*plan.times[1:], plan.start + span]
    first, last = ((at - opened) / LENGTH for at in (plan.start, plan.start + span))
    whole = through(last) - through(first)
    return [LOTS * (through((at - opened) / LENGTH) - through(first)) / whole for at in ends]


@pytest.mark.parametrize("i", [3, 8, 15, 24, 30, 37])
def test_slices_follow_the_volume_of_the_sessions_before(i: int) -> None:
    at = desk_after(ROWS, ROWS)
    plan = planned(at, 2, i)
    assert isinstance(plan, Weighted)
    assert plan.sessions == 2
    assert len(plan.times) == 3
    assert plan.goals == pytest.approx(in_proportion(plan, start_of(at.scene) + 2 * LENGTH), abs=1)
    assert not equal(plan)
    sizes = np.diff((0, *plan.goals))
    assert (np.diff(sizes) < 0).all() if i < ROWS // 2 else (np.diff(sizes) > 0).all()


def test_slices_are_equal_until_a_whole_session_was_watched() -> None:
    for at in (desk_after(), desk_after(HALF_DAY)):
        plan = planned(at, 2, 3)
        assert not isinstance(plan, Weighted)
        assert equal(plan)


def test_a_half_day_changes_nothing() -> None:
    usual, shortened = desk_after(ROWS, ROWS), desk_after(ROWS, HALF_DAY)
    assert shortened.desk.volumes is not None
    plan = planned(shortened, 2, 8)
    assert isinstance(plan, Weighted)
    assert plan.sessions == 1
    assert plan.goals == planned(usual, 2, 8).goals


def test_other_styles_learn_nothing_and_a_change_of_style_begins_anew() -> None:
    at = desk_after(ROWS, style="twap")
    assert at.desk.volumes is None
    assert equal(planned(at, 1, 3))
    scene = msgspec.structs.replace(at.scene, style="vwap")
    change(at.desk, Parameters(at.desk.at, tree_of(scene)))
    assert at.desk.volumes is not None
    assert at.desk.volumes.profile(0).sessions == 0
    tight = msgspec.structs.replace(scene, gate_position=0.01)
    learned = at.desk.volumes
    change(at.desk, Parameters(at.desk.at, tree_of(tight)))
    assert at.desk.volumes is learned
    change(at.desk, Parameters(at.desk.at, tree_of(msgspec.structs.replace(tight, style="pov"))))
    assert at.desk.volumes is None


CHOICES = {"style": "vwap", "session_rows": 8}


def fresh(found: list[Record]) -> Desk:
    first = next(each for each in found if isinstance(each, Parameters))
    scene = scene_of(first.tree)
    return make_desk("", first, adopt, lambda setup: seeded_book(scene, setup))


@pytest.mark.parametrize("part", [0.3, 0.62, 0.9])
def test_a_snapshot_and_the_records_after_it_give_the_desk_of_the_whole_journal(
    part: float,
) -> None:
    found = records(**CHOICES)
    whole, other, cut = fresh(found), fresh(found), int(part * len(found))
    for number, record in enumerate(found):
        if number == cut:
            assert load(other, dump(whole))
        evolve(whole, record)
        if number >= cut:
            evolve(other, record)
    assert whole.volumes is not None
    assert other.volumes is not None
    assert whole.volumes.profile(0).sessions > 2
    assert other.volumes.state() == whole.volumes.state()
    assert dump(other) == dump(whole)


def test_a_session_with_a_crash_is_derived_again() -> None:
    found = records(**CHOICES)
    verdict = replayed(found)
    assert verdict.equal
    assert verdict.starts > 1
    assert [line for line in world(**CHOICES).failures() if "recovery" in line] == []
    plans = [plan_of(each.plan) for each in found if isinstance(each, Intent)]
    assert {plan.sessions for plan in plans if isinstance(plan, Weighted)} > {1, 2}


def test_a_snapshot_of_other_rows_does_not_fit() -> None:
    at = desk_after(ROWS)
    raw = msgspec.msgpack.decode(dump(at.desk))
    raw[-1][2] = raw[-1][2][:-8]
    assert not load(AtDesk(style="vwap", row_ns=ROW).desk, msgspec.msgpack.encode(raw))
