"""The volume profile: what share of a session's volume is expected between two instants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.execution.slicing.profile import DAY_NS, Profile, flat, share

HOUR = 3_600_000_000_000
SHARES = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=9).filter(lambda each: sum(each) > 0)


def of(*volumes: float) -> Profile:
    """A session with a bucket an hour."""
    total = sum(volumes)
    return Profile(len(volumes) * HOUR, tuple(each / total for each in volumes), 1)


def test_a_flat_profile_shares_evenly_at_all_times() -> None:
    profile = flat(4 * HOUR, 3)
    assert share(profile, HOUR // 3, 2 * HOUR) == pytest.approx(5 / 12)
    assert profile.sessions == 0


def test_a_bucket_keeps_its_share_and_leans_towards_its_larger_neighbour() -> None:
    profile = of(1, 3, 5)
    assert [share(profile, i * HOUR, (i + 1) * HOUR) for i in range(3)] == pytest.approx(
        [1 / 9, 3 / 9, 5 / 9]
    )
    # Volume of a straight line from 0 at the opening to 6 at the close, by hand.
    for start, end in ((0, 0.5), (1.25, 1.5), (0.5, 2.75)):
        expected = (end**2 - start**2) / 9
        assert share(profile, int(start * HOUR), int(end * HOUR)) == pytest.approx(expected)


def test_beside_an_empty_bucket_volume_does_not_fall_below_zero() -> None:
    profile = of(0, 1, 9)
    assert share(profile, HOUR, HOUR + HOUR // 100) == pytest.approx(0.1 * 0.01**2)


@given(SHARES, st.lists(st.integers(-HOUR, 10 * HOUR), min_size=3, max_size=3).map(sorted))
def test_shares_are_never_negative_and_add_up(volumes: list[float], at: list[int]) -> None:
    profile = of(*volumes)
    one, other = share(profile, at[0], at[1]), share(profile, at[1], at[2])
    assert one >= -1e-12
    assert one + other == pytest.approx(share(profile, at[0], at[2]))
    assert share(profile, -HOUR, 10 * HOUR) == pytest.approx(1.0)


def test_a_profile_of_a_whole_day_goes_on_over_midnight() -> None:
    profile = of(1, *[1.0] * 21, 3, 5)
    assert profile.length_ns == DAY_NS
    late = share(profile, 23 * HOUR, 25 * HOUR)
    assert late == pytest.approx(5 / 30 + 1 / 30)
    assert share(profile, 23 * HOUR + DAY_NS, 25 * HOUR + DAY_NS) == pytest.approx(late)
    # The last hour leans as its neighbours do, 3 before it and 1 after: it falls from 5.5 to 4.5.
    assert share(profile, 23 * HOUR, 23 * HOUR + HOUR // 2) == pytest.approx(2.625 / 30)
