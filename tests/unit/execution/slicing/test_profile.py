"""The volume profile: learned per session, resumable, and a share of one."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.execution.slicing.profile import DAY_NS, Profile, flat, share, traded

HOUR = 3_600_000_000_000


def learned(sessions: list[list[float]], decay: float = 0.9) -> Profile:
    """A profile of hourly buckets after whole sessions, the last one closed."""
    profile = flat(len(sessions[0]) * HOUR, len(sessions[0]), decay)
    for number, volumes in enumerate([*sessions, [1.0]]):
        for hour, lots in enumerate(volumes):
            profile = traded(profile, number, hour * HOUR, lots)
    return profile


def test_the_first_session_replaces_the_flat_guess() -> None:
    assert flat(4 * HOUR, 4).shares == (0.25,) * 4
    assert learned([[1, 2, 3, 4]]).shares == pytest.approx((0.1, 0.2, 0.3, 0.4))


@given(st.lists(st.lists(st.floats(0.1, 1e6), min_size=5, max_size=5), min_size=1, max_size=6))
def test_shares_are_the_weighted_mean_of_each_sessions_shares(sessions: list[list[float]]) -> None:
    profile = learned(sessions, 0.8)
    parts = np.array(sessions) / np.array(sessions).sum(axis=1, keepdims=True)
    n = len(sessions)
    weights = 0.2 * 0.8 ** np.arange(n - 1, -1, -1)
    weights[0] = 0.8 ** (n - 1)
    assert profile.shares == pytest.approx(weights @ parts)
    assert sum(profile.shares) == pytest.approx(1.0)
    assert profile.sessions == n


def test_it_goes_on_from_a_snapshot() -> None:
    profile = traded(learned([[1, 2, 3]]), 1, HOUR, 5.0)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(profile), type=Profile)
    assert traded(again, 2, 0, 1.0) == traded(profile, 2, 0, 1.0)


@pytest.mark.parametrize("lots", [float("nan"), float("inf"), 0.0, -1.0])
def test_volume_that_is_none_is_not_counted(lots: float) -> None:
    profile = traded(flat(), 0, 0, 1.0)
    assert traded(profile, 0, HOUR, lots) == profile


def test_volume_outside_the_session_and_empty_sessions_teach_nothing() -> None:
    profile = learned([[1, 3]])
    assert traded(profile, 1, 2 * HOUR, 9.0).today == profile.today
    assert traded(profile, 1, -1, 9.0).today == profile.today
    empty = traded(flat(2 * HOUR, 2), 0, 5 * HOUR, 1.0)
    assert traded(empty, 1, 0, 1.0).sessions == 0


def test_a_share_interpolates_inside_a_bucket_and_adds_up() -> None:
    profile = learned([[1, 3, 6]])
    assert share(profile, 0, HOUR // 2) == pytest.approx(0.05)
    assert share(profile, HOUR // 2, 2 * HOUR + HOUR // 2) == pytest.approx(0.05 + 0.3 + 0.3)
    assert share(profile, -HOUR, 9 * HOUR) == pytest.approx(1.0)


def test_a_profile_of_a_whole_day_wraps_over_midnight() -> None:
    profile = learned([[1.0] * 23 + [9.0]])
    assert len(profile.shares) * profile.bucket_ns == DAY_NS
    late = share(profile, 23 * HOUR, 25 * HOUR)
    assert late == pytest.approx(9 / 32 + 1 / 32)
    assert share(profile, 23 * HOUR + DAY_NS, 25 * HOUR + DAY_NS) == pytest.approx(late)
