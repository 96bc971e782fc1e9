"""Each flaw, planted alone into clean bars, is found where it was planted."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from kedge.data import calendars
from kedge.data.intervals import DAY, MINUTE
from kedge.data.quality.check import check_bars
from kedge.data.quality.findings import MOST_EXAMPLES, Quality, Severity
from kedge.data.venues import default_instrument
from kedge.domain.errors import DataError
from kedge.domain.panel import EventKind
from kedge.ports.store import Action, Bars
from kedge.settings import QualityChecks

STOCK = default_instrument("AAA")
COIN = default_instrument("BTCUSDT", "binance")
AT = 150
Columns = dict[str, Any]


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def clean(interval: int = DAY) -> Columns:
    """Three hundred clean bars of a random walk, prices in ticks."""
    rng = np.random.default_rng(7)
    if interval == DAY:
        ts = calendars.sessions_in("XNYS", ns("2020-01-01"), ns("2022-01-01"))[:300]
    else:
        ts = ns("2022-01-03") + np.arange(300, dtype=np.int64) * interval
    close = np.round(10_000 * np.exp(np.cumsum(rng.normal(0, 0.01, 300)))).astype(np.int64)
    opened = np.concatenate([close[:1], close[:-1]])
    prices = np.stack(
        [opened, np.maximum(opened, close) + 5, np.minimum(opened, close) - 5, close], axis=1
    )
    return {"ts": ts, "prices": prices, "volume": rng.uniform(900, 1100, 300)}


def check(columns: Columns, interval: str = "1d", actions: tuple[Action, ...] = ()) -> Quality:
    ts = columns["ts"]
    bars = Bars(ts, ts + 1, ts + 1, columns["prices"], columns["volume"])
    return check_bars(STOCK if interval == "1d" else COIN, interval, bars, actions)


def without(columns: Columns, at: slice) -> Columns:
    keep = np.ones(len(columns["ts"]), dtype=bool)
    keep[at] = False
    return {name: column[keep] for name, column in columns.items()}


def gap(c: Columns) -> Columns:
    return without(c, slice(AT, AT + 3))


def duplicate(c: Columns) -> Columns:
    return {k: np.concatenate([v[: AT + 1], v[AT:]]) for k, v in c.items()}


def disorder(c: Columns) -> Columns:
    order = np.arange(300)
    order[[AT - 1, AT]] = order[[AT, AT - 1]]
    return {k: v[order] for k, v in c.items()}


def ohlc(c: Columns) -> Columns:
    c["prices"][AT, 1] = c["prices"][AT].min() - 1
    return c


def non_positive(c: Columns) -> Columns:
    c["prices"][AT, 2] = -5
    return c


def stale(c: Columns) -> Columns:
    c["prices"][AT : AT + 6] = c["prices"][AT]
    return c


def outlier(c: Columns) -> Columns:
    c["prices"][AT] = c["prices"][AT] * 13 // 10
    return c


def negative_volume(c: Columns) -> Columns:
    c["volume"][AT] = -100
    return c


def zero_volume(c: Columns) -> Columns:
    c["volume"][AT : AT + 10] = 0
    return c


def missed_split(c: Columns) -> Columns:
    c["prices"][AT:] //= 2
    c["volume"][AT:] *= 2
    return c


def outside_session(c: Columns) -> Columns:
    at = int(np.flatnonzero(np.diff(c["ts"]) > DAY)[20])
    moved = c["ts"].copy()
    moved[at] += DAY  # a Friday's bar on Saturday
    return {**c, "ts": moved}


PLANTS: list[tuple[Callable[[Columns], Columns], int | None, Severity]] = [
    (gap, 3, Severity.WARNING),
    (duplicate, 1, Severity.ERROR),
    (disorder, 1, Severity.ERROR),
    (ohlc, 1, Severity.ERROR),
    (non_positive, 1, Severity.ERROR),
    (stale, 6, Severity.WARNING),
    (outlier, None, Severity.WARNING),
    (negative_volume, 1, Severity.ERROR),
    (zero_volume, 10, Severity.WARNING),
    (missed_split, 1, Severity.ERROR),
    (outside_session, 1, Severity.WARNING),
]


def test_clean_bars_have_no_finding() -> None:
    assert check(clean()).findings == ()
    assert check(clean(5 * MINUTE), "5m").findings == ()
    assert check(clean()).completeness == 1.0


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant[0].__name__)
def test_planted_flaw_is_found(
    plant: tuple[Callable[[Columns], Columns], int | None, Severity],
) -> None:
    make, count, severity = plant
    quality = check(make(clean()))
    found = [f for f in quality.findings if f.check == make.__name__]
    assert found
    assert found[0].severity is severity
    assert found[0].remedy
    if count is not None:
        assert quality.counts[make.__name__] == count
    if make not in (outside_session, disorder):
        when = np.datetime_as_string(clean()["ts"][AT].astype("datetime64[ns]"), unit="s")
        assert found[0].ts == f"{when}Z"


def test_gap_lowers_completeness() -> None:
    assert check(gap(clean())).completeness == pytest.approx(1 - 3 / 300)


def test_known_split_is_neither_missed_nor_an_outlier() -> None:
    columns = missed_split(clean())
    at = int(columns["ts"][AT])
    split = Action(id="AAA", kind=EventKind.SPLIT, ts=at, available_at=at, a=2, b=1)
    assert "missed_split" not in check(columns, actions=(split,)).counts
    assert "outlier" not in check(columns, actions=(split,)).counts
    assert "missed_split" in check(columns).counts


def test_crash_is_no_split_and_an_adjusted_series_has_none() -> None:
    columns = clean()
    columns["prices"][AT:] = columns["prices"][AT:] * 57 // 100
    columns["volume"][AT] *= 5
    assert "missed_split" not in check(columns).counts
    halved = missed_split(clean())
    bars = Bars(halved["ts"], halved["ts"], halved["ts"], halved["prices"], halved["volume"])
    adjusted = msgspec.structs.replace(STOCK, adjusted_only=True)
    assert "missed_split" not in check_bars(adjusted, "1d", bars).counts


def test_reverse_split_is_found() -> None:
    columns = clean()
    columns["prices"][AT:] *= 10
    columns["volume"][AT:] /= 10
    (finding,) = [f for f in check(columns).findings if f.check == "missed_split"]
    assert "split 1 for 10" in finding.what


def test_intraday_gap_of_a_stock_counts_regular_hours_only() -> None:
    dates = calendars.sessions_in("XNYS", ns("2024-01-04"), ns("2024-01-08"))
    opens = calendars.opening_instants("XNYS", dates)
    ts = np.concatenate([np.arange(o, o + 390 * MINUTE, 30 * MINUTE) for o in opens])
    prices = np.cumsum(np.ones((len(ts), 4), dtype=np.int64), axis=0) + 1000
    bars = Bars(ts, ts + 1, ts + 1, prices, np.ones(len(ts)))
    assert check_bars(STOCK, "30m", bars).counts == {}
    fewer = Bars(*(np.delete(c, 15, axis=0) for c in (ts, ts, ts, prices, np.ones(len(ts)))))
    assert check_bars(STOCK, "30m", fewer).counts == {"gap": 1}


def test_overdue_bars_are_counted_at_the_time_of_the_check() -> None:
    columns = clean()
    ts = columns["ts"]
    bars = Bars(ts, ts + 1, ts + 1, columns["prices"], columns["volume"])
    dates = calendars.sessions_in("XNYS", int(ts[-1]), int(ts[-1]) + 20 * DAY)
    closes = calendars.closing_instants("XNYS", dates)
    assert check_bars(STOCK, "1d", bars, as_of=int(closes[0])).counts == {}
    assert check_bars(STOCK, "1d", bars, as_of=int(closes[3]) - 1).counts == {"freshness": 2}
    assert check_bars(STOCK, "1d", bars, as_of=int(closes[3])).counts == {"freshness": 3}


def test_no_bar_at_all_is_refused() -> None:
    none = {k: v[:0] for k, v in clean().items()}
    with pytest.raises(DataError, match="no 1d bar of AAA"):
        check(none)


def test_many_findings_are_listed_up_to_a_number_and_counted() -> None:
    columns = clean()
    columns["prices"][::5, 1] = 1
    quality = check(columns)
    found = [f for f in quality.findings if f.check == "ohlc"]
    assert len(found) == MOST_EXAMPLES + 1
    assert quality.counts["ohlc"] == 60
    assert any(f.what == f"{60 - MOST_EXAMPLES} more" for f in found)


def test_one_bar_and_unknown_volume_are_checked_without_trouble() -> None:
    one = {k: v[:1] for k, v in clean().items()}
    assert check(one).findings == ()
    silent = clean()
    silent["volume"] = np.full(300, np.nan)
    assert check(silent).findings == ()
    assert "missed_split" in check(missed_split(silent)).counts


@pytest.mark.parametrize(("interval", "length"), [("1d", DAY), ("5m", 300 * 10**9)])
def test_years_without_a_day_off_have_no_finding_of_time(interval: str, length: int) -> None:
    ts = ns("2018-01-01") + np.arange(2_000, dtype=np.int64) * length
    prices = 10_000 + np.arange(8_000, dtype=np.int64).reshape(-1, 4) % 7
    bars = Bars(ts, ts + length, ts + length, prices, np.ones(len(ts)))
    found = check_bars(COIN, interval, bars, as_of=int(ts[-1]) + length)
    assert not {"gap", "freshness", "outside_session"} & found.counts.keys()
    assert found.completeness == 1.0


@pytest.mark.parametrize(
    ("plant", "setting", "loose"),
    [
        (stale, "stale_daily", 8),
        (outlier, "outlier_score", 1e4),
        (outlier, "outlier_floor_daily", 0.5),
        (missed_split, "split_move", 0.9),
        (missed_split, "split_day_tolerance", 1e-6),
        (missed_split, "split_volume", 3.0),
    ],
)
def test_every_threshold_is_heeded(
    plant: Callable[[Columns], Columns], setting: str, loose: float
) -> None:
    columns = plant(clean())
    ts = columns["ts"]
    bars = Bars(ts, ts + 1, ts + 1, columns["prices"], columns["volume"])
    assert plant.__name__ in check_bars(STOCK, "1d", bars).counts
    changed = QualityChecks(**{setting: loose})
    assert plant.__name__ not in check_bars(STOCK, "1d", bars, limits=changed).counts


def test_share_of_bars_without_volume_decides_how_bad_it_is() -> None:
    columns = zero_volume(clean())
    ts = columns["ts"]
    bars = Bars(ts, ts + 1, ts + 1, columns["prices"], columns["volume"])
    (found,) = check_bars(STOCK, "1d", bars, limits=QualityChecks(zero_volume=0.5)).findings
    assert found.severity is Severity.INFO


def test_tolerance_of_a_split_is_of_the_opening_price() -> None:
    columns = missed_split(clean())
    columns["prices"][AT, 0] += 10
    columns["prices"][AT, 1] += 10
    bars = Bars(*(columns["ts"] for _ in range(3)), columns["prices"], columns["volume"])
    assert "missed_split" in check_bars(STOCK, "1d", bars).counts
    narrow = QualityChecks(split_tolerance=1e-4)
    assert "missed_split" not in check_bars(STOCK, "1d", bars, limits=narrow).counts
