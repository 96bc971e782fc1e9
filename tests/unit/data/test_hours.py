"""When the New York exchange trades around Thanksgiving: a half-day, and a day without any."""

from datetime import UTC, datetime

import pytest

from kedge.data.hours import NEVER, Hours, Phase

QUARTER = 900 * 10**9


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture(scope="module")
def hours() -> Hours:
    return Hours("XNYS", QUARTER)


def test_phases_follow_each_other_and_a_half_day_closes_early(hours: Hours) -> None:
    now, found = at("2025-11-26T20:00"), []
    while now < at("2025-12-02T00:00"):
        found.append((hours.phase(now), hours.next_change(now)))
        now = found[-1][1]
    assert found[:-1] == [
        (Phase.OPEN, at("2025-11-26T21:00")),
        (Phase.CLOSED, at("2025-11-28T14:15")),
        (Phase.PRE_OPEN, at("2025-11-28T14:30")),
        (Phase.OPEN, at("2025-11-28T18:00")),
        (Phase.CLOSED, at("2025-12-01T14:15")),
        (Phase.PRE_OPEN, at("2025-12-01T14:30")),
        (Phase.OPEN, at("2025-12-01T21:00")),
    ]


def test_a_row_that_ends_with_the_session_is_not_decided(hours: Hours) -> None:
    assert hours.decides(at("2025-11-28T17:59:30"))
    assert not hours.decides(at("2025-11-28T18:00"))
    assert not hours.decides(at("2025-11-28T20:00"))
    assert not hours.decides(at("2025-12-01T14:29:30"))


def test_what_happens_after_a_close_belongs_to_the_session_before(hours: Hours) -> None:
    friday = hours.session(at("2025-11-28T15:00"))
    assert hours.session(at("2025-11-30T12:00")) == friday
    assert hours.session(at("2025-11-27T15:00")) == friday - 1
    assert hours.session(at("2025-12-01T14:20")) == friday + 1


def test_a_market_without_hours_is_always_open() -> None:
    hours = Hours("24/7", QUARTER)
    assert hours.phase(at("2025-11-30T03:00")) is Phase.OPEN
    assert hours.next_change(at("2025-11-30T03:00")) == NEVER


def test_a_session_opened_when_the_calendar_says_whatever_its_date(hours: Hours) -> None:
    opening = at("2025-11-28T14:30")
    assert hours.opened(at("2025-11-28T14:30:30")) == opening
    assert hours.opened(at("2025-11-28T18:00")) == opening
    assert hours.opened(opening) == at("2025-11-26T14:30")
    assert hours.opened(at("2026-06-01T20:00")) == at("2026-06-01T13:30")


def test_a_half_day_is_no_usual_length(hours: Hours) -> None:
    for day in ("2025-11-26", "2025-11-28", "2025-12-01"):
        assert hours.usual_length(at(f"{day}T16:00")) == 26 * QUARTER


def test_a_session_of_a_market_without_hours_is_a_day_of_utc() -> None:
    hours = Hours("24/7", QUARTER)
    assert hours.opened(at("2025-11-30T03:00")) == at("2025-11-30T00:00")
    assert hours.opened(at("2025-11-30T00:00")) == at("2025-11-29T00:00")
    assert hours.usual_length(at("2025-11-30T03:00")) == 96 * QUARTER
