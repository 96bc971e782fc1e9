"""Sessions of exchanges and of markets that never close."""

from pathlib import Path

import numpy as np
import pytest

from kedge.data import calendars
from kedge.data.intervals import DAY, interval_ns, interval_text
from kedge.domain.errors import DataError


def ns(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[ns]").astype(np.int64)


def test_thanksgiving_is_closed_and_the_day_after_ends_early() -> None:
    start, end = ns("2013-11-27", "2013-12-02")
    dates = calendars.sessions_in("XNYS", int(start), int(end))
    assert dates.tolist() == ns("2013-11-27", "2013-11-29", "2013-12-02").tolist()
    closes = calendars.closing_instants("XNYS", dates)
    assert closes.tolist() == ns("2013-11-27T21", "2013-11-29T18", "2013-12-02T21").tolist()


def test_korea_observes_its_own_holidays_and_hours() -> None:
    # Seollal 2024 (lunar new year): 9 and 12 February; KRX moved its close to 15:30 in 2016
    start, end = ns("2024-02-08", "2024-02-13")
    dates = calendars.sessions_in("XKRX", int(start), int(end))
    assert dates.tolist() == ns("2024-02-08", "2024-02-13").tolist()
    assert (
        calendars.closing_instants("XKRX", ns("2016-07-29")).tolist()
        == ns("2016-07-29T06:00").tolist()
    )
    assert (
        calendars.closing_instants("XKRX", ns("2016-08-01")).tolist()
        == ns("2016-08-01T06:30").tolist()
    )
    assert (
        calendars.opening_instants("XKRX", ns("2024-02-08")).tolist() == ns("2024-02-08").tolist()
    )


def test_exchange_closed_for_days_after_11_september_2001() -> None:
    start, end = ns("2001-09-10", "2001-09-17")
    assert len(calendars.sessions_in("XNYS", int(start), int(end))) == 2


def test_numbers_count_sessions_and_midnight_belongs_to_the_day_before() -> None:
    rows = ns("2024-01-05T21:00", "2024-01-06T04:59", "2024-01-07T12:00", "2024-01-08T21:00")
    numbers = calendars.session_numbers("XNYS", rows)
    assert (numbers - numbers[0]).tolist() == [0, 0, 0, 1]
    days = calendars.session_numbers("24/7", ns("2024-01-02T00:00", "2024-01-02T00:05"))
    assert np.diff(days).tolist() == [1]


def test_crypto_sessions_are_utc_days() -> None:
    start, end = ns("2024-01-01T12:00", "2024-01-04")
    dates = calendars.sessions_in("24/7", int(start), int(end))
    assert dates.tolist() == ns("2024-01-02", "2024-01-03", "2024-01-04").tolist()
    assert (calendars.closing_instants("24/7", dates) == dates + DAY).all()
    assert calendars.sessions_per_year(["24/7", "XNYS"]) == 365.25


@pytest.mark.parametrize(
    ("names", "low", "high"), [("XNYS", 251, 253), ("XKRX", 240, 260), ("XNYS XKRX", 258, 261)]
)
def test_sessions_a_year(names: str, low: float, high: float) -> None:
    assert low < calendars.sessions_per_year(names.split()) < high


def test_stray_date_closes_at_the_end_of_its_day() -> None:
    saturday = ns("2024-01-06")
    assert calendars.closing_instants("XNYS", saturday).tolist() == (saturday + DAY).tolist()


def test_unknown_calendar_and_impossible_instants_are_refused() -> None:
    with pytest.raises(DataError, match="unknown calendar 'XMARS'"):
        calendars.sessions("XMARS")
    with pytest.raises(DataError, match="check the unit"):
        calendars.session_numbers("XNYS", np.array([10**9], dtype=np.int64) - 10**18)


def test_cache_on_disk_gives_the_same_and_a_damaged_one_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEDGE_CACHE_DIR", str(tmp_path))
    calendars.sessions.cache_clear()
    try:
        built = calendars.sessions("XNYS")
        (path,) = tmp_path.rglob("XNYS*.npz")
        calendars.sessions.cache_clear()
        stored = calendars.sessions("XNYS")
        np.testing.assert_array_equal(built.closes, stored.closes)
        assert stored.zone == "America/New_York"
        path.write_bytes(path.read_bytes()[:50])
        calendars.sessions.cache_clear()
        np.testing.assert_array_equal(calendars.sessions("XNYS").opens, built.opens)
    finally:
        calendars.sessions.cache_clear()


@pytest.mark.parametrize(
    ("text", "length"), [("1s", 10**9), ("5m", 300 * 10**9), ("4h", 14_400 * 10**9), ("1d", DAY)]
)
def test_intervals_are_read_and_written(text: str, length: int) -> None:
    assert interval_ns(text) == length
    assert interval_text(length) == text


@pytest.mark.parametrize("text", ["", "5", "0m", "-1m", "1w", "2d", "1 m", "m"])
def test_bad_interval_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="no bar interval"):
        interval_ns(text)


@pytest.mark.parametrize("days", [1, 100, 1824, 20_000])
def test_market_that_never_closes_has_a_session_on_its_last_day_too(days: int) -> None:
    first = int(ns("2018-01-01")[0])
    last = first + days * DAY
    dates = calendars.sessions_in(calendars.ALWAYS_OPEN, first, last)
    assert (len(dates), dates[0], dates[-1]) == (days + 1, first, last)
    assert len(calendars.sessions_in(calendars.ALWAYS_OPEN, first + 1, last - 1)) == days - 1
