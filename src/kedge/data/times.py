"""Text, numbers or stamps to int64 ns UTC: epochs of any unit, ISO, dates, time zones."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from kedge.domain.errors import DataError
from kedge.domain.panel import I64

UNITS: Final = (("s", 10**9), ("ms", 10**6), ("us", 10**3), ("ns", 1))
BOUNDS: Final = (1e8, 1e11, 1e14, 1e17, 9.3e18)
"""Epoch counts from 1973 to 5138 tell their unit by size alone."""
YEARS: Final = (1900, 2200)
PATTERN: Final = (
    r"^(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{8})"
    r"(?:[T ]+(?P<clock>\d{1,2}:?\d{2}(?::?\d{2})?)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)


@dataclass(frozen=True, slots=True)
class Times:
    """Instants of a column.

    Attributes:
        ns: (n,) ns since 1970; UTC, or the local clock when ``naive``.
        naive: the source states no time zone.
        dates: every value is a date without a time of day.
        note: what was recognised, for the report.
    """

    ns: I64
    naive: bool
    dates: bool
    note: str


class NotATimeError(Exception):
    """A cell that is no time; the caller knows file and line."""

    def __init__(self, row: int, what: str, remedy: str = "") -> None:
        self.row, self.what, self.remedy = row, what, remedy
        super().__init__(f"row {row}: {what}")


def parse_times(column: pl.Series) -> Times:
    """Recognise a column of times.

    Raises:
        NotATimeError: for the first cell that is no time, mixed units or time zones,
            or dates whose day and month cannot be told apart.
    """
    if column.null_count():
        raise NotATimeError(int(column.is_null().arg_max() or 0), "time is missing")
    if not (column.dtype.is_numeric() or column.dtype in (pl.String, pl.Datetime, pl.Date)):
        raise NotATimeError(0, f"{column[0]} of type {column.dtype} is no time")
    if column.dtype.is_temporal():
        _check_years(column)
    if isinstance(column.dtype, pl.Datetime):
        zone = column.dtype.time_zone
        ns = column.dt.convert_time_zone("UTC") if zone else column
        return _stamps(ns.dt.cast_time_unit("ns"), zone)
    if column.dtype == pl.Date:
        return _stamps(column.cast(pl.Datetime("ns")), None)
    if column.dtype.is_numeric():
        return _epochs(column)
    text = column.str.strip_chars(" \t\"'")
    if text.str.contains(r"^-?\d+(\.\d+)?$").all() and not text.str.contains(r"^\d{8}$").all():
        whole = text.cast(pl.Int64, strict=False)
        return _epochs(text.cast(pl.Float64) if whole.null_count() else whole)
    return _texts(text)


def one_instant(text: str, where: str) -> int:
    """A time that a person wrote, in UTC unless it says otherwise, as ns UTC.

    Raises:
        DataError: for text that is no time.
    """
    try:
        times = parse_times(pl.Series([text]))
    except NotATimeError as error:
        raise DataError(error.what, where, error.remedy) from error
    return int(times.ns[0])


def localise(times: Times, zone: str) -> I64:
    """Naive local times as instants, ns UTC.

    Raises:
        DataError: for an unknown zone.
        NotATimeError: for a time that the clock change skips or repeats.
    """
    stamps = pl.Series(times.ns).cast(pl.Datetime("ns"))
    try:
        local = stamps.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"unknown time zone {zone!r}", "--tz", "write UTC, America/New_York, Asia/Seoul"
        ) from error
    if local.null_count():
        row = int(local.is_null().arg_max() or 0)
        raise NotATimeError(
            row,
            f"{stamps[row]} is skipped or repeated by the clock change in {zone}",
            "export with UTC times",
        )
    return _int(local.dt.convert_time_zone("UTC"))


def _stamps(column: pl.Series, zone: str | None) -> Times:
    ns = _int(column)
    dates = zone is None and bool((ns % (86_400 * 10**9) == 0).all())
    note = "dates" if dates else f"timestamps in {zone}" if zone else "timestamps without zone"
    return Times(ns, zone is None, dates, note)


def _epochs(column: pl.Series) -> Times:
    values = column.to_numpy()
    if column.dtype.is_integer() and bool(((values >= 19000101) & (values <= 21001231)).all()):
        return _texts(column.cast(pl.String))
    size = np.searchsorted(BOUNDS, np.abs(values.astype(np.float64)), side="right") - 1
    outside = (size < 0) | (size >= len(UNITS)) | ~np.isfinite(values.astype(np.float64))
    if outside.any():
        row = int(outside.argmax())
        raise NotATimeError(row, f"{values[row]} is no epoch", "count s, ms, us or ns since 1970")
    if (size != size[0]).any():
        row = int((size != size[0]).argmax())
        raise NotATimeError(
            row,
            f"epochs change from {UNITS[size[0]][0]} to {UNITS[size[row]][0]}",
            "use one unit in a file",
        )
    unit, factor = UNITS[size[0]]
    if column.dtype.is_integer():
        ns = values.astype(np.int64) * factor
    else:
        # whole and fractional part apart: a float of seconds cannot hold ns
        whole = np.floor(values)
        ns = whole.astype(np.int64) * factor + np.round((values - whole) * factor).astype(np.int64)
        if factor == 10**9:
            ns = np.round(ns / 1000).astype(np.int64) * 1000
    return Times(ns, False, False, f"epochs in {unit}")


def _texts(text: pl.Series) -> Times:
    parts = text.str.extract_groups(PATTERN).struct.unnest()
    if parts["date"].null_count():
        row = int(parts["date"].is_null().arg_max() or 0)
        raise NotATimeError(row, f"{text[row]!r} is no time", "write 2024-01-31 or an epoch")
    date = _date(parts["date"])
    seconds = _clock(parts["clock"].fill_null("00:00"))
    fraction = parts["fraction"].fill_null("0").str.pad_end(9, "0").cast(pl.Int64)
    offset = _offset(parts["zone"])
    ns = date.to_numpy() + seconds.to_numpy() * 10**9 + fraction.to_numpy() - offset
    naive = parts["zone"].null_count() == len(text)
    dates = naive and parts["clock"].null_count() == len(text)
    zones = ", ".join(sorted(parts["zone"].drop_nulls().unique()))
    kind = "dates" if dates else "times without zone" if naive else f"times with zone {zones}"
    return Times(ns.astype(np.int64), naive, dates, kind)


def _date(text: pl.Series) -> pl.Series:
    """Dates to ns, with the order of day and month told by the values themselves."""
    plain = text.str.replace_all(r"[/.]", "-")
    if plain.str.contains(r"^\d{8}$").all():
        form = "%Y%m%d"
    elif plain.str.contains(r"^\d{4}-").all():
        form = "%Y-%m-%d"
    elif plain.str.contains(r"^\d{1,2}-\d{1,2}-\d{4}$").all():
        form = _day_month(text, plain)
    else:
        row = int((plain.str.len_chars() != plain.str.len_chars()[0]).arg_max() or 0)
        raise NotATimeError(row, f"{text[row]!r}: dates change their form", "use one form")
    parsed = plain.str.to_date(form, strict=False)
    if parsed.null_count():
        row = int(parsed.is_null().arg_max() or 0)
        raise NotATimeError(row, f"{text[row]!r} is no date", "write 2024-01-31")
    _check_years(parsed)
    return parsed.cast(pl.Datetime("ns")).to_physical()


def _check_years(column: pl.Series) -> None:
    """Refuse dates that 64-bit nanoseconds, or common sense, cannot hold."""
    years = column.dt.year()
    wrong = (years < YEARS[0]) | (years > YEARS[1])
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise NotATimeError(row, f"the year {years[row]} is out of range", "check the dates")


def _day_month(text: pl.Series, plain: pl.Series) -> str:
    first = plain.str.extract(r"^(\d+)-").cast(pl.Int64)
    second = plain.str.extract(r"^\d+-(\d+)-").cast(pl.Int64)
    if text.str.contains(".", literal=True).all() or (first > 12).any():
        return "%d-%m-%Y"
    if (second > 12).any():
        return "%m-%d-%Y"
    raise NotATimeError(0, f"{text[0]!r}: which is the day?", "write dates as 2024-01-31")


def _clock(text: pl.Series) -> pl.Series:
    """Time of day in seconds."""
    plain = text.str.replace_all(":", "", literal=True)
    plain = plain.zip_with(plain.str.len_chars() % 2 == 0, "0" + plain).str.pad_end(6, "0")
    hour, minute, second = (plain.str.slice(at, 2).cast(pl.Int64) for at in (0, 2, 4))
    wrong = (hour > 24) | (minute > 59) | (second > 60)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise NotATimeError(row, f"{text[row]!r} is no time of day", "write 15:30:00")
    return hour * 3600 + minute * 60 + second


def _offset(zone: pl.Series) -> I64:
    """Zone offsets in ns; a summer-time pair one hour apart is one zone."""
    if zone.null_count() == len(zone):
        return np.zeros(len(zone), dtype=np.int64)
    if zone.null_count():
        row = int((zone.is_null() != zone.is_null()[0]).arg_max() or 0)
        raise NotATimeError(row, "mixed time zones: some times have one, some do not", "use UTC")
    plain = zone.str.replace(r"^(Z|UTC|GMT)$", "+0000").str.replace(":", "", literal=True)
    minutes = plain.str.slice(1, 2).cast(pl.Int64) * 60 + plain.str.slice(3, 2).cast(pl.Int64)
    signed = minutes.zip_with(~plain.str.starts_with("-"), -minutes).to_numpy()
    distinct = np.unique(signed)
    if len(distinct) > 2 or (len(distinct) == 2 and distinct[1] - distinct[0] != 60):
        row = int((signed != signed[0]).argmax())
        raise NotATimeError(row, f"mixed time zones: {zone[0]} and {zone[row]}", "use UTC")
    return np.asarray(signed, dtype=np.int64) * 60 * 10**9


def _int(column: pl.Series) -> I64:
    return np.asarray(column.to_physical().to_numpy(), dtype=np.int64)
