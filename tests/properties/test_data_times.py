"""Instants survive every way of writing them; text that is no time is refused by row."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.data.times import NotATimeError, localise, parse_times

SCALE = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
SECONDS = st.lists(st.integers(10**8, 4 * 10**9), min_size=1, max_size=20)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(seconds=SECONDS, unit=st.sampled_from(sorted(SCALE)), text=st.booleans())
def test_epoch_unit_is_told_by_size(seconds: list[int], unit: str, text: bool) -> None:
    counts = [each * SCALE[unit] for each in seconds]
    column = pl.Series([str(c) for c in counts]) if text else pl.Series(counts, dtype=pl.Int64)
    times = parse_times(column)
    assert times.ns.tolist() == [each * 10**9 for each in seconds]
    assert times.note == f"epochs in {unit}"
    assert not times.naive


@given(seconds=SECONDS, millis=st.integers(0, 999))
def test_fractional_seconds_keep_their_milliseconds(seconds: list[int], millis: int) -> None:
    column = pl.Series([f"{each}.{millis:03d}" for each in seconds])
    assert parse_times(column).ns.tolist() == [each * 10**9 + millis * 10**6 for each in seconds]


@given(
    seconds=SECONDS,
    one=st.sampled_from(sorted(SCALE)),
    other=st.sampled_from(sorted(SCALE)),
)
def test_mixed_units_are_refused_at_the_row_where_they_change(
    seconds: list[int], one: str, other: str
) -> None:
    counts = [each * SCALE[one] for each in seconds] + [seconds[0] * SCALE[other]]
    column = pl.Series(counts, dtype=pl.Int64)
    if one == other:
        assert len(parse_times(column).ns) == len(counts)
        return
    with pytest.raises(NotATimeError) as caught:
        parse_times(column)
    assert caught.value.row == len(seconds)


@given(
    seconds=SECONDS,
    form=st.sampled_from(
        ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"]
    ),
    hours=st.integers(-12, 14),
    zoned=st.booleans(),
)
def test_written_times_are_read_back(
    seconds: list[int], form: str, hours: int, zoned: bool
) -> None:
    offset = timedelta(hours=hours if zoned else 0)
    suffix = f"{'-' if hours < 0 else '+'}{abs(hours):02d}:00" if zoned else ""
    texts = [(EPOCH + timedelta(seconds=e) + offset).strftime(form) + suffix for e in seconds]
    times = parse_times(pl.Series(texts))
    assert times.ns.tolist() == [each * 10**9 for each in seconds]
    assert times.naive is not zoned


@settings(max_examples=50)
@given(seconds=SECONDS, zone=st.sampled_from(["America/New_York", "Asia/Seoul", "Europe/Berlin"]))
def test_local_times_become_the_instants_of_the_zone(seconds: list[int], zone: str) -> None:
    local = [(EPOCH + timedelta(seconds=each)).astimezone(ZoneInfo(zone)) for each in seconds]
    clear = [
        (each, when)
        for each, when in zip(seconds, local, strict=True)
        if when.replace(fold=0).utcoffset() == when.replace(fold=1).utcoffset()
    ]
    if not clear:
        return
    texts = pl.Series([when.strftime("%Y-%m-%d %H:%M:%S") for _, when in clear])
    assert localise(parse_times(texts), zone).tolist() == [each * 10**9 for each, _ in clear]


@given(
    days=st.lists(st.integers(0, 25_000), min_size=1, max_size=20),
    form=st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y"]),
)
def test_dates_are_dates(days: list[int], form: str) -> None:
    texts = pl.Series([(EPOCH + timedelta(days=each)).strftime(form) for each in days])
    times = parse_times(texts)
    assert times.dates
    assert times.ns.tolist() == [each * 86_400 * 10**9 for each in days]


@given(
    text=st.text(min_size=1, max_size=12).filter(lambda t: not any(c.isdigit() for c in t)),
    at=st.integers(0, 3),
)
def test_text_that_is_no_time_is_refused_at_its_row(text: str, at: int) -> None:
    texts = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
    texts[at] = text
    with pytest.raises(NotATimeError) as caught:
        parse_times(pl.Series(texts))
    assert caught.value.row == at


@given(stamps=st.lists(st.integers(-(2**60), 2**60), min_size=1, max_size=10))
def test_typed_stamps_are_exact(stamps: list[int]) -> None:
    column = pl.Series(stamps, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    assert parse_times(column).ns.tolist() == stamps
    micros = column.cast(pl.Datetime("us", "UTC"))
    np.testing.assert_array_equal(parse_times(micros).ns, np.array(stamps) // 1000 * 1000)
