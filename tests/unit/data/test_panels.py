"""Panels: aligned rows, masked holes, dated events, and nothing from the future."""

from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kedge.data.bars import close_only_prices, make_bars
from kedge.data.intervals import DAY, MINUTE
from kedge.data.panels import NEVER, load_panel, load_universe
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain.errors import DataError
from kedge.domain.panel import CLOSE, CLOSED, FRESH, LEFT, TRADABLE, EventKind, Panel
from kedge.ports.store import Action, Bars, Member, Universe


def day(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


SEEN = TRADABLE | FRESH
DATES = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"]


def put(
    store: ParquetStore, symbol: str, closes: dict[str, float], venue: str = "", **settings: object
) -> None:
    instrument = msgspec.structs.replace(default_instrument(symbol, venue), **settings)
    ts = np.array([day(each) for each in closes], dtype=np.int64)
    prices = close_only_prices(np.array(list(closes.values())))
    store.put_bars(instrument, "1d", make_bars(instrument, DAY, ts, prices, np.full(len(ts), 10.0)))


@pytest.fixture
def store(tmp_path: Path) -> ParquetStore:
    return ParquetStore(tmp_path)


def test_hole_is_masked_and_never_filled_forward(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [10, 11, 12, 13, 14], strict=True)))
    put(store, "BBB", {DATES[1]: 20, DATES[3]: 22})
    panel = load_panel(store, ["AAA", "BBB"], "1d")
    assert panel.rows == 5
    assert panel.flags[:, 1].tolist() == [0, TRADABLE | FRESH, 0, TRADABLE | FRESH, 0]
    assert panel.bars[:, CLOSE, 1].tolist() == [0, 2000, 0, 2200, 0]
    assert panel.volume[:, 1].tolist() == [0, 10, 0, 10, 0]
    assert panel.age_ns[:, 1].tolist() == [NEVER, 0, DAY, 0, 3 * DAY]


def test_volume_below_zero_is_unknown_and_its_bar_stays(store: ParquetStore) -> None:
    instrument = default_instrument("AAA")
    ts = np.array([day(each) for each in DATES], dtype=np.int64)
    prices = close_only_prices(np.array([10.0, 11.0, 12.0, 13.0, 14.0]))
    volume = np.array([5.0, -5.0, 0.0, np.nan, 5.0])
    store.put_bars(instrument, "1d", make_bars(instrument, DAY, ts, prices, volume))
    panel = load_panel(store, ["AAA"], "1d")
    assert np.array_equal(panel.volume[:, 0], [5.0, np.nan, 0.0, np.nan, 5.0], equal_nan=True)
    assert (panel.flags == SEEN).all()


def rename(store: ParquetStore, name: str, **settings: object) -> None:
    """Edit an instrument as its file would be edited."""
    store.put_instruments([msgspec.structs.replace(store.instrument(name), **settings)])


def test_two_that_bear_one_symbol_at_the_same_time_are_refused(store: ParquetStore) -> None:
    closes = dict(zip(DATES, [10, 11, 12, 13, 14], strict=True))
    put(store, "NEG", closes)
    put(store, "GOOD", closes)
    rename(store, "GOOD", symbol="NEG")
    with pytest.raises(DataError) as caught:
        load_panel(store, ["GOOD", "NEG"], "1d")
    file = store.folder / "instruments.yaml"
    assert str(caught.value).startswith(f"{file}: GOOD and NEG bear the symbol NEG at the same")
    rename(store, "GOOD", delisted_ns=day(DATES[2]))
    rename(store, "NEG", listed_ns=day(DATES[2]))
    with pytest.raises(DataError, match="at the same time"):
        load_panel(store, ["GOOD", "NEG"], "1d")
    rename(store, "NEG", listed_ns=day(DATES[2]) + 1)
    assert load_panel(store, ["GOOD", "NEG"], "1d").rows == 5


def test_a_symbol_that_was_given_up_may_be_borne_again(store: ParquetStore) -> None:
    closes = dict(zip(DATES, [10, 11, 12, 13, 14], strict=True))
    put(store, "FB", closes)
    put(store, "fund.1", dict.fromkeys(DATES[3:], 20))
    rename(store, "fund.1", symbol="FB")
    with pytest.raises(DataError, match="at the same time"):
        load_panel(store, ["FB", "fund.1"], "1d")
    change = Action(id="FB", kind=None, ts=day(DATES[1]), available_at=day(DATES[1]), symbol="META")
    store.put_actions([change])
    assert load_panel(store, ["FB", "fund.1"], "1d").rows == 5


def test_bars_without_hole_or_event_hold_one_age_and_one_factor(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [10, 11, 12, 13, 14], strict=True)))
    panel = load_panel(store, ["AAA"], "1d")
    assert panel.age_ns.tolist() == [[0]] * 5
    assert panel.adjust.tolist() == [[1.0]] * 5
    assert panel.age_ns.strides == panel.adjust.strides == (0, 0)


def test_rows_stand_at_the_close_and_count_sessions(store: ParquetStore) -> None:
    put(store, "AAA", {"2024-07-02": 1, "2024-07-03": 2, "2024-07-05": 3})
    panel = load_panel(store, ["AAA"], "1d")
    closes = ["2024-07-02T20:00", "2024-07-03T17:00", "2024-07-05T20:00"]
    assert panel.ts.tolist() == [day(each) for each in closes]
    assert np.diff(panel.session).tolist() == [1, 1]


def test_different_calendars_share_rows_and_utc_days(store: ParquetStore) -> None:
    put(store, "AAA", {"2024-01-05": 1, "2024-01-08": 2})
    put(store, "BTCUSDT", {f"2024-01-0{d}": d for d in (5, 6, 7, 8)}, "binance")
    panel = load_panel(store, ["AAA", "BTCUSDT"], "1d")
    assert panel.rows == 6
    # the stock closes at 21:00 of a UTC day, the coin at its end: one session each
    assert np.diff(panel.session).tolist() == [0, 1, 1, 1, 0]
    assert panel.flags[:, 0].tolist() == [SEEN, CLOSED, CLOSED, CLOSED, SEEN, CLOSED]
    assert panel.flags[:, 1].tolist() == [CLOSED, SEEN, SEEN, SEEN, CLOSED, SEEN]


def test_cell_is_closed_only_where_its_own_exchange_had_no_bar_to_give(store: ParquetStore) -> None:
    # 12 February 2024 is a holiday in Korea, 19 February one in the United States
    put(store, "AAA", {"2024-02-09": 1, "2024-02-12": 1, "2024-02-20": 1}, calendar="XNYS")
    put(store, "KKK", {"2024-02-08": 1, "2024-02-19": 1, "2024-02-20": 1}, calendar="XKRX")
    panel = load_panel(store, ["AAA", "KKK"], "1d")
    dates = panel.ts.astype("datetime64[ns]").astype("datetime64[D]").astype(str)
    shown = [f"{when[8:]} {a} {k}" for when, (a, k) in zip(dates, panel.flags, strict=True)]
    assert shown == [
        "08 4 3",
        "09 3 4",
        "12 3 4",
        "19 0 3",  # New York traded on the 13th to the 16th, and nothing is there
        "20 4 3",  # its holiday
        "20 3 4",
    ]


def test_one_calendar_closes_no_cell(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [10, 11, 12, 13, 14], strict=True)))
    put(store, "BBB", {DATES[1]: 20})
    assert not (load_panel(store, ["AAA", "BBB"], "1d").flags & CLOSED).any()


def test_split_takes_effect_on_the_row_of_its_date(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [100, 102, 51, 52, 53], strict=True)))
    at = day(DATES[2])
    store.put_actions([Action(id="AAA", kind=EventKind.SPLIT, ts=at, available_at=at, a=2, b=1)])
    panel = load_panel(store, ["AAA"], "1d")
    assert panel.adjust[:, 0].tolist() == [1, 1, 2, 2, 2]
    assert panel.events.tolist() == [(2, EventKind.SPLIT, 0, 2, 1, 0.0)]


def test_dividend_raises_the_factor_by_the_previous_close(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [100, 100, 99, 99, 99], strict=True)))
    at = day(DATES[2])
    store.put_actions([Action(id="AAA", kind=EventKind.DIVIDEND, ts=at, available_at=at, x=1.0)])
    panel = load_panel(store, ["AAA"], "1d")
    # the total return over the ex-date of a price that falls by the dividend is zero
    total = panel.bars[:, CLOSE, 0] * panel.adjust[:, 0]
    assert total[2] == pytest.approx(total[1], rel=1e-12)


def test_split_and_dividend_of_one_day_use_the_new_units(store: ParquetStore) -> None:
    put(store, "AAA", {DATES[0]: 100, DATES[1]: 49})
    at = day(DATES[1])
    store.put_actions(
        [
            Action(id="AAA", kind=EventKind.DIVIDEND, ts=at, available_at=at, x=1.0),
            Action(id="AAA", kind=EventKind.SPLIT, ts=at, available_at=at, a=2, b=1),
        ]
    )
    panel = load_panel(store, ["AAA"], "1d")
    total = panel.bars[:, CLOSE, 0] * panel.adjust[:, 0]
    assert total[1] == pytest.approx(total[0], rel=1e-12)
    assert panel.events["kind"].tolist() == [EventKind.SPLIT, EventKind.DIVIDEND]


def test_event_in_a_hole_is_booked_in_its_row(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [1, 2, 3, 4, 5], strict=True)))
    put(store, "BBB", {DATES[0]: 100, DATES[4]: 50})
    at = day(DATES[2])
    store.put_actions([Action(id="BBB", kind=EventKind.SPLIT, ts=at, available_at=at, a=2, b=1)])
    panel = load_panel(store, ["AAA", "BBB"], "1d")
    assert panel.adjust[:, 1].tolist() == [1, 1, 2, 2, 2]


def test_event_learned_late_is_applied_when_it_was_known(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [100, 50, 50, 50, 50], strict=True)))
    late = day(DATES[3]) - 1
    store.put_actions(
        [Action(id="AAA", kind=EventKind.SPLIT, ts=day(DATES[1]), available_at=late, a=2, b=1)]
    )
    assert load_panel(store, ["AAA"], "1d").events["row"].tolist() == [3]
    assert not len(load_panel(store, ["AAA"], "1d", as_of=late - 1).events)


def test_events_before_the_first_bar_and_after_the_last_row_are_left_out(
    store: ParquetStore,
) -> None:
    put(store, "AAA", dict(zip(DATES, [1, 1, 1, 1, 1], strict=True)))
    put(store, "BBB", {DATES[2]: 1, DATES[3]: 1})
    for when in (DATES[1], DATES[2], "2024-02-01"):
        at = day(when)
        store.put_actions(
            [Action(id="BBB", kind=EventKind.DIVIDEND, ts=at, available_at=at, x=0.1)]
        )
    assert not len(load_panel(store, ["AAA", "BBB"], "1d").events)


def test_dividend_as_large_as_the_price_is_refused(store: ParquetStore) -> None:
    put(store, "AAA", {DATES[0]: 10, DATES[1]: 10})
    at = day(DATES[1])
    store.put_actions([Action(id="AAA", kind=EventKind.DIVIDEND, ts=at, available_at=at, x=10.0)])
    with pytest.raises(DataError, match="a dividend of 10 on a price of 10"):
        load_panel(store, ["AAA"], "1d")


def test_deal_price_is_in_ticks_and_fx_keeps_the_last_rate(store: ParquetStore) -> None:
    put(store, "005930", {DATES[0]: 70_000, DATES[1]: 71_000}, "xkrx")
    at = day(DATES[1])
    store.put_actions(
        [
            Action(id="005930", kind=EventKind.DEAL, ts=at, available_at=at, x=72_000.0),
            Action(id="KRW", kind=EventKind.FX, ts=day("2023-12-28"), available_at=0, x=1.0),
            Action(id="KRW", kind=EventKind.FX, ts=day("2023-12-29"), available_at=0, x=0.00077),
        ]
    )
    panel = load_panel(store, ["005930"], "1d")
    assert panel.events.tolist() == [
        (0, EventKind.FX, 0, 0, 0, 0.00077),
        (1, EventKind.DEAL, 0, 72_000, 0, 72_000.0),
    ]


def test_bad_price_is_masked(store: ParquetStore) -> None:
    put(store, "AAA", {DATES[0]: 10, DATES[1]: 0.0, DATES[2]: 12})
    panel = load_panel(store, ["AAA"], "1d")
    # the close-only proxy opens the next bar at the bad close, so both are masked
    assert panel.flags[:, 0].tolist() == [3, 0, 0]


def test_first_version_is_shown_since_a_correction_was_not_known(store: ParquetStore) -> None:
    coin = default_instrument("BTCUSDT", "binance")
    ts = np.array([0, 0, MINUTE], dtype=np.int64) + day("2024-01-01")
    available = ts + np.array([1, 9, 1]) * MINUTE
    prices = np.repeat(np.array([[100], [999], [101]]), 4, axis=1)
    store.put_bars(coin, "1m", Bars(ts, ts + MINUTE, available, prices, np.ones(3)))
    panel = load_panel(store, ["BTCUSDT"], "1m")
    assert panel.bars[:, CLOSE, 0].tolist() == [100, 101]


def test_panel_as_of_equals_the_panel_of_a_store_that_ended_then(
    store: ParquetStore, tmp_path: Path
) -> None:
    closes = dict(zip(DATES, [100, 102, 51, 52, 53], strict=True))
    put(store, "AAA", closes)
    at = day(DATES[2])
    split = Action(id="AAA", kind=EventKind.SPLIT, ts=at, available_at=at, a=2, b=1)
    store.put_actions([split])
    early = ParquetStore(tmp_path / "early")
    put(early, "AAA", dict(list(closes.items())[:2]))
    seen = load_panel(store, ["AAA"], "1d", as_of=day(DATES[2]) - 1)
    ended = load_panel(early, ["AAA"], "1d")
    assert seen.fingerprint == ended.fingerprint
    np.testing.assert_array_equal(seen.adjust, ended.adjust)


def test_span_is_half_open_and_an_empty_one_is_refused(store: ParquetStore) -> None:
    put(store, "AAA", dict(zip(DATES, [1, 2, 3, 4, 5], strict=True)))
    close = day("2024-01-03T21:00")
    assert load_panel(store, ["AAA"], "1d", start=close).rows == 4
    assert load_panel(store, ["AAA"], "1d", end=close).rows == 1
    with pytest.raises(DataError, match="no 1d bar of AAA in the span"):
        load_panel(store, ["AAA"], "1d", start=day("2030-01-01"))


def test_symbol_named_twice_or_unknown_is_refused(store: ParquetStore) -> None:
    put(store, "AAA", {DATES[0]: 1})
    with pytest.raises(DataError, match="named twice"):
        load_panel(store, ["AAA", "AAA"], "1d")
    with pytest.raises(DataError, match="no instrument 'BBB'"):
        load_panel(store, ["AAA", "BBB"], "1d")
    with pytest.raises(DataError, match="no symbol given"):
        load_panel(store, [], "1d")


def test_fingerprint_changes_with_prices_settings_and_events_only(store: ParquetStore) -> None:
    put(store, "AAA", {DATES[0]: 10, DATES[1]: 11})

    def load() -> Panel:
        return load_panel(ParquetStore(store.folder), ["AAA"], "1d")

    first = load().fingerprint
    assert load().fingerprint == first
    put(store, "AAA", {DATES[1]: 11.01})
    second = load().fingerprint
    store.put_instruments([msgspec.structs.replace(store.instrument("AAA"), shortable=True)])
    third = load().fingerprint
    at = day(DATES[1])
    store.put_actions([Action(id="AAA", kind=EventKind.DIVIDEND, ts=at, available_at=at, x=0.5)])
    assert len({first, second, third, load().fingerprint}) == 4


def test_universe_masks_until_an_instrument_joins(store: ParquetStore) -> None:
    for symbol in ("AAA", "BBB", "CCC"):
        put(store, symbol, dict(zip(DATES, [1, 2, 3, 4, 5], strict=True)))
    members = (
        Member("AAA", day(DATES[0]), day(DATES[3])),
        Member("BBB", day(DATES[2])),
        Member("CCC", day("2025-01-01")),
    )
    store.put_universe(Universe("u", members, point_in_time=True))
    panel = load_universe(store, "u", "1d", end=day("2024-06-01"))
    assert panel.symbols == ("AAA", "BBB")
    assert panel.point_in_time
    assert (panel.flags[:, 1] > 0).tolist() == [False, False, True, True, True]
    assert (panel.flags[:, 0] > 0).all()


def test_bars_after_a_member_left_are_marked_until_it_is_back(store: ParquetStore) -> None:
    for symbol in ("AAA", "BBB"):
        put(store, symbol, dict(zip(DATES, [1, 2, 3, 4, 5], strict=True)))
    members = (
        Member("AAA", day(DATES[0]), day(DATES[2])),
        Member("AAA", day(DATES[4])),
        Member("BBB", day(DATES[1]), day("2025-01-01")),
    )
    store.put_universe(Universe("u", members, point_in_time=True))
    panel = load_universe(store, "u", "1d")
    assert panel.flags[:, 0].tolist() == [SEEN, SEEN, SEEN | LEFT, SEEN | LEFT, SEEN]
    assert panel.flags[:, 1].tolist() == [0, SEEN, SEEN, SEEN, SEEN]
    members = (Member("AAA", day(DATES[0])), members[2])
    store.put_universe(Universe("u", members, point_in_time=True))
    assert load_universe(store, "u", "1d").fingerprint != panel.fingerprint
    assert not (load_panel(store, ["AAA", "BBB"], "1d").flags & LEFT).any()


def test_list_of_symbols_is_never_point_in_time(store: ParquetStore) -> None:
    put(store, "AAA", {DATES[0]: 1})
    assert not load_panel(store, ["AAA"], "1d").point_in_time


def test_sessions_a_year_are_the_calendars_and_not_the_historys(store: ParquetStore) -> None:
    put(store, "AAA", {DATES[0]: 1, DATES[1]: 1})
    short = load_panel(store, ["AAA"], "1d").sessions_per_year
    assert short == pytest.approx(252, abs=2)
    put(store, "BBB", {"2010-01-04": 1, "2014-01-06": 1})
    assert load_panel(store, ["BBB"], "1d").sessions_per_year == short
    put(store, "CCCUSD", {"2020-01-01": 1}, "kraken", tick=Decimal("0.01"))
    assert load_panel(store, ["CCCUSD"], "1d").sessions_per_year == 365.25
