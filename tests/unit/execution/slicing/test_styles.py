"""Execution styles by hand: when their children come and how large they are."""

from typing import Any

import pytest

from kedge.domain.decided import Intent
from kedge.domain.errors import ConfigError
from kedge.execution.slicing.catalogue import STYLES, style
from kedge.execution.slicing.plan import FOREVER, HOUR_NS, Plan, Progress, SliceTerms, Weighted
from kedge.execution.slicing.profile import DAY_NS, FLAT, Profile
from kedge.execution.slicing.work import due, next_due, over

S = 1_000_000_000
NOW = 10 * HOUR_NS


def plan_of(name: str, lots: int = 100, seconds: int = 600, **changes: Any) -> Plan:
    given: dict[str, Any] = {"per_order": 1_000, "per_hour": 2_000, **changes}
    intent = Intent(NOW, 1, 0, 0, lots, 10_000, 0, 0, NOW + seconds * S)
    return STYLES[name](intent, SliceTerms(**given), NOW)


def children(plan: Plan, used: int = 0, last: int = -1) -> list[tuple[float, int]]:
    """(seconds, lots) of every child where each is filled at once."""
    found, now, worked, hours = [], NOW, 0, {NOW // HOUR_NS: used}
    while now < FOREVER:
        progress = Progress(worked, 0, last, hours.setdefault(now // HOUR_NS, 0))
        if lots := due(plan, now, progress):
            found.append(((now - NOW) / S, lots))
            worked, last = worked + lots, now
            hours[now // HOUR_NS] += lots
        else:
            now = next_due(plan, now, progress)
    return found


def test_the_whole_goes_at_once_as_far_as_volume_lets_it() -> None:
    assert children(plan_of("whole")) == [(0, 100)]
    assert children(plan_of("whole", -100, per_order=40)) == [(0, 40), (30, 40), (60, 20)]


def test_no_child_is_above_the_venues_largest_order() -> None:
    parts = [(0, 40), (30, 40), (60, 20)]
    assert children(plan_of("whole", -100, largest=40)) == parts
    unknown = {"per_order": 0, "per_hour": 0, "reduces": True}
    assert children(plan_of("whole", -100, largest=40, **unknown)) == parts
    assert children(plan_of("iceberg", 100, largest=40, shown=60, hidden=True)) == parts
    assert children(plan_of("twap", 100, 300, largest=10))[-1] == (270, 10)


def test_twap_gives_equal_children_and_the_last_takes_the_remainder() -> None:
    assert children(plan_of("twap", 103, 300)) == [(0, 20), (60, 21), (120, 20), (180, 21),
                                                   (240, 21)]  # fmt: skip


def test_children_come_closer_where_volume_asks_for_more_of_them() -> None:
    assert children(plan_of("twap", 100, 300, per_order=10)) == [(30 * i, 10) for i in range(10)]


def test_children_below_the_minimum_are_merged() -> None:
    assert children(plan_of("twap", 100, 300, min_lots=40)) == [(0, 50), (150, 50)]
    assert children(plan_of("twap", 100, 300, min_lots=60)) == [(0, 100)]


def test_a_rest_below_the_minimum_joins_the_child_before_it() -> None:
    assert children(plan_of("whole", 100, per_order=95, min_lots=10)) == [(0, 90), (30, 10)]
    assert children(plan_of("whole", 100, per_order=95, min_lots=60)) == [(0, 95)]


def test_dust_is_given_up_with_its_reason_unless_it_closes_the_position() -> None:
    left = Progress(95, 0, NOW, 95)
    plan = plan_of("whole", min_lots=10)
    assert due(plan, NOW + 60 * S, left) == 0
    assert over(plan, NOW + 60 * S, left) == "the rest is below the venue's minimum"
    assert next_due(plan, NOW + 60 * S, left) == FOREVER
    assert due(plan_of("whole", min_lots=10, closes=True), NOW + 60 * S, left) == 5


def test_an_hour_has_one_share_for_all_its_orders() -> None:
    plan = plan_of("whole", 100, 8_000, per_order=60, per_hour=60)
    assert children(plan, used=30) == [(0, 30), (3_600, 60), (7_200, 10)]


def test_the_interval_counts_from_the_last_order_of_the_instrument() -> None:
    assert children(plan_of("whole"), last=NOW - 10 * S) == [(20, 100)]


def test_what_no_volume_allows_is_given_up_unless_it_reduces() -> None:
    none = plan_of("whole", min_lots=10, per_order=5, per_hour=10)
    assert over(none, NOW, Progress()) == "its share of volume is below the venue's minimum"
    slow = plan_of("whole", 30, min_lots=10, per_order=5, per_hour=10, reduces=True)
    assert children(slow) == [(0, 10)]
    unknown = plan_of("whole", 30, min_lots=10, per_order=0, per_hour=0, reduces=True)
    assert children(unknown) == [(0, 30)]


def test_vwap_follows_the_learned_profile() -> None:
    minutes = [0.0] * 1_440
    minutes[600:603] = 0.1, 0.3, 0.6  # of the day, as `NOW` is its tenth hour
    profile = Profile(DAY_NS, tuple(minutes), 3)
    plan = plan_of("vwap", 100, 180, profile=profile)
    assert children(plan) == [(0, 10), (60, 30), (120, 60)]
    assert isinstance(plan, Weighted)
    assert plan.sessions == 3


NOT_KNOWN = {
    "nothing learned": FLAT,
    "no volume then": Profile(DAY_NS, (0.5, *[0.0] * 46, 0.5), 1),
}


@pytest.mark.parametrize("profile", NOT_KNOWN.values(), ids=NOT_KNOWN.keys())
def test_vwap_without_expected_volume_gives_equal_children_and_says_so(profile: Profile) -> None:
    plan = plan_of("vwap", 99, 180, profile=profile)
    assert children(plan) == [(0, 33), (60, 33), (120, 33)]
    assert plan == plan_of("twap", 99, 180)


def test_pov_orders_its_share_of_what_was_traded() -> None:
    plan = plan_of("pov", 100, share=0.1)
    assert due(plan, NOW, Progress()) == 0
    assert due(plan, NOW, Progress(traded=250)) == 25
    assert due(plan, NOW + 30 * S, Progress(25, 0, NOW, 25, 299)) == 4
    assert due(plan, NOW + 30 * S, Progress(25, 0, NOW, 25, 99_999)) == 75
    assert next_due(plan, NOW, Progress()) == NOW + 30 * S
    assert over(plan, NOW + 600 * S, Progress(25)) == "its time is up"


def test_an_iceberg_shows_a_part_and_goes_on_when_it_is_gone() -> None:
    plan = plan_of("iceberg", 100, shown=40)
    assert children(plan) == [(0, 40), (30, 40), (60, 20)]
    assert due(plan, NOW + 60 * S, Progress(40, 5, NOW, 40)) == 0
    assert next_due(plan, NOW + 60 * S, Progress(40, 5, NOW, 40)) == plan.until


def test_an_iceberg_of_the_venue_is_one_order() -> None:
    plan = plan_of("iceberg", 100, shown=40, hidden=True)
    assert plan.display == 40
    assert children(plan) == [(0, 100)]


def test_an_iceberg_shows_no_less_than_the_venues_minimum() -> None:
    assert children(plan_of("iceberg", 100, shown=1, min_lots=50)) == [(0, 50), (30, 50)]


def test_nothing_is_ordered_once_the_time_is_up_or_all_is_done() -> None:
    for name in STYLES:
        plan = plan_of(name, shown=10)
        assert due(plan, plan.until, Progress(traded=10**6)) == 0
        assert over(plan, NOW, Progress(100)) == "all of it is done"
        assert over(plan, NOW, Progress(100, 3)) == ""


def test_a_style_that_does_not_exist_is_refused() -> None:
    assert style("twap") is STYLES["twap"]
    with pytest.raises(ConfigError, match=r"'sniper' does not exist.*twap"):
        style("sniper")
