"""Rows from trades: against an independent table, and by their own rules."""

from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.data.samplers.event import BookUpdates, Dollars, EventSampler, EventState, Ticks, Volume
from kedge.data.samplers.row import SampledRow
from kedge.data.samplers.time import TimeSampler, TimeState
from kedge.domain.errors import ConfigError, DataError
from kedge.domain.market import BookDelta, Quote, Trade
from support import data_path

S = 10**9
MARKETS = ["spot", "usdm_perp"]


def recorded() -> pl.DataFrame:
    """Recorded trades of both markets, in order of arrival."""
    return (
        pl.read_parquet(data_path("micro/btcusdt_trades.parquet"))
        .with_columns(
            key=pl.col("market").replace_strict({m: i for i, m in enumerate(MARKETS)}),
            ticks=(pl.col("price") * 100).round().cast(pl.Int64),
            lots=(pl.col("qty") * 1e5).round().cast(pl.Int64),
            time=pl.col("trade_ms") * 1_000_000,
        )
        .sort("recv_ns", maintain_order=True)
    )


def trades(table: pl.DataFrame) -> list[Trade]:
    columns = ["key", "time", "recv_ns", "trade_id", "ticks", "lots"]
    return [Trade(*row) for row in table.select(columns).rows()]


def trade(at: float, ticks: int = 100, lots: int = 1, key: int = 0) -> Trade:
    return Trade(key, round(at * S), round(at * S), 0, ticks, lots)


def same(one: SampledRow, other: SampledRow) -> bool:
    return one.at == other.at and all(
        np.array_equal(getattr(one, f), getattr(other, f))
        for f in ("number", "bars", "lots", "flags", "age", "late")
    )


def test_time_rows_of_recorded_trades_equal_a_bar_table() -> None:
    table, interval = recorded(), 5 * S
    expected = {
        (row["key"], row["end"]): row
        for row in table.sort("time", "recv_ns", maintain_order=True)
        .with_columns(end=(pl.col("time") // interval + 1) * interval)
        .group_by("key", "end", maintain_order=True)
        .agg(
            pl.col("ticks").first().alias("open"), pl.col("ticks").max().alias("high"),
            pl.col("ticks").min().alias("low"), pl.col("ticks").last().alias("close"),
            pl.col("lots").sum(), pl.col("time").max().alias("last"),
        )
        .iter_rows(named=True)
    }  # fmt: skip
    events = trades(table)
    # The recorded clock is 1.26 s behind the exchange: the watermark is the exchange's time.
    sampler = TimeSampler(2, interval, 2 * S, min(e.event_time for e in events))
    rows: list[SampledRow] = []
    for event in events:
        rows += sampler.advance(event.available_time + round(1.26 * S))
        sampler.add(event)
    rows += sampler.advance(events[-1].event_time + 60 * S)
    assert sum(r.late for r in rows) == 0
    seen = {(k, r.at) for r in rows for k in range(2) if r.flags[k]}
    assert seen == set(expected)
    assert len(seen) > 60
    for row in rows:
        for key in range(2):
            bar = expected.get((key, row.at))
            if bar is None:
                assert row.bars[key].tolist() == [0, 0, 0, 0]
                assert row.lots[key] == 0
                continue
            assert row.bars[key].tolist() == [bar[x] for x in ("open", "high", "low", "close")]
            assert row.lots[key] == bar["lots"]
            assert row.age[key] == row.at - bar["last"]


@pytest.mark.parametrize(
    ("measure", "column", "threshold"),
    [
        (Ticks(), pl.lit(1), 100),
        (Volume([1, 0]), pl.when(pl.col("key") == 0).then(pl.col("lots")).otherwise(0), 10**6),
        (Dollars([1, 1]), pl.col("ticks") * pl.col("lots"), 10**13),
    ],
)
def test_activity_rows_of_recorded_trades_equal_a_table(
    measure: Any, column: pl.Expr, threshold: int
) -> None:
    table = recorded()
    sampler = EventSampler(2, measure, threshold)
    rows = [row for event in trades(table) if (row := sampler.add(event)) is not None]
    number, filled, ends = 0, 0, []
    numbers = []
    for amount, received in table.select(column.alias("amount"), "recv_ns").rows():
        numbers.append(number)
        filled += amount
        if filled >= threshold:
            number, filled = number + 1, 0
            ends.append(received)
    expected = (
        table.with_columns(row=pl.Series(numbers))
        .filter(pl.col("row") < number)
        .group_by("row", "key", maintain_order=True)
        .agg(pl.col("ticks").first().alias("open"), pl.col("ticks").last().alias("close"),
             pl.col("lots").sum())
    )  # fmt: skip
    assert len(rows) == number > 3
    for i, key, first, last, lots in expected.rows():
        assert rows[i].bars[key, 0] == first
        assert rows[i].bars[key, 3] == last
        assert rows[i].lots[key] == lots
    assert [r.at for r in rows] == [
        max(e, rows[i - 1].at + 1 if i else e) for i, e in enumerate(ends)
    ]


def test_row_closes_at_its_end_plus_grace_and_not_before() -> None:
    sampler = TimeSampler(1, S, S // 10)
    sampler.add(trade(0.5))
    assert sampler.due == S + S // 10
    assert sampler.advance(sampler.due - 1) == ()
    (row,) = sampler.advance(sampler.due)
    assert (row.at, row.number) == (S, 0)


def test_late_trade_goes_to_the_open_row_and_is_counted() -> None:
    sampler = TimeSampler(1, S, 0)
    (first,) = sampler.advance(S)
    sampler.add(trade(0.9, 70))
    sampler.add(trade(1.1, 80))
    (second,) = sampler.advance(2 * S)
    assert (first.late, second.late) == (0, 1)
    assert second.bars[0].tolist() == [70, 80, 70, 80]
    assert second.age[0] == round(0.9 * S)


def test_trade_on_the_boundary_belongs_to_the_row_it_begins() -> None:
    sampler = TimeSampler(1, S, S)
    sampler.add(trade(1.0, 90))
    sampler.add(trade(0.5, 80))
    first, second = sampler.advance(3 * S)
    assert first.bars[0].tolist() == [80] * 4
    assert second.bars[0].tolist() == [90] * 4


def test_instrument_without_a_trade_is_masked_and_ages() -> None:
    sampler = TimeSampler(2, S, 0)
    sampler.add(trade(0.25))
    first, second = sampler.advance(2 * S)
    assert first.flags.tolist() == [3, 0]
    assert second.flags.tolist() == [0, 0]
    assert second.bars.sum() == second.lots.sum() == 0
    assert second.age.tolist() == [round(1.75 * S), -1]


def test_instrument_with_an_untrusted_book_is_masked_though_it_traded() -> None:
    sampler = TimeSampler(2, S, 0)
    sampler.add(trade(0.5, key=0))
    sampler.add(trade(0.5, key=1))
    (row,) = sampler.advance(S, [True, False])
    assert row.flags.tolist() == [3, 0]
    assert row.bars[1].tolist() == [0] * 4


def test_book_rows_count_updates_and_quotes_count_nothing() -> None:
    sampler = EventSampler(1, BookUpdates(), 2)
    update = BookDelta(0, 1, 5, 0, 0, -1, np.zeros((0, 3), dtype=np.int64))
    assert sampler.add(Quote(0, 1, 1, 1, 1, 2, 1)) is None
    assert sampler.add(update) is None
    row = sampler.add(update)
    assert row is not None
    assert row.flags.tolist() == [0]


def test_instants_of_rows_always_increase() -> None:
    sampler = EventSampler(1, Ticks(), 1)
    rows = [sampler.add(trade(x)) for x in (3.0, 1.0, 1.0)]
    instants = [r.at for r in rows if r is not None]
    assert instants == sorted(set(instants))
    assert [r.late for r in rows if r is not None] == [0, 1, 1]


def test_arrays_of_a_row_cannot_be_written_to() -> None:
    (row,) = TimeSampler(1, S, 0).advance(S)
    with pytest.raises(ValueError, match="read-only"):
        row.bars[0, 0] = 1


@pytest.mark.parametrize(("interval", "grace"), [(0, 0), (-1, 0), (1, -1)])
def test_rows_of_no_length_are_refused(interval: int, grace: int) -> None:
    with pytest.raises(ConfigError):
        TimeSampler(1, interval, grace)


def test_state_of_another_universe_is_refused() -> None:
    with pytest.raises(DataError, match="1 instruments, not of 2"):
        TimeSampler(2, S, 0, state=TimeSampler(1, S, 0).state())


EVENTS = st.lists(
    st.tuples(st.integers(0, 20 * 10), st.integers(1, 50), st.integers(1, 9), st.integers(0, 1)),
    max_size=60,
)


@given(EVENTS, st.integers(0, 60))
def test_sampler_resumed_from_its_state_gives_the_same_rows(
    made: list[tuple[int, int, int, int]], cut: int
) -> None:
    events = [trade(at / 10, ticks, lots, key) for at, ticks, lots, key in made]

    def rows(resume: bool) -> list[SampledRow]:
        found: list[SampledRow] = []
        by_time: TimeSampler = TimeSampler(2, S, S // 5)
        by_ticks = EventSampler(2, Ticks(), 7)
        for i, event in enumerate(events):
            if resume and i == cut:
                text = msgspec.json.encode((by_time.state(), by_ticks.state()))
                one, two = msgspec.json.decode(text, type=tuple[TimeState, EventState])
                by_time = TimeSampler(2, S, S // 5, state=one)
                by_ticks = EventSampler(2, Ticks(), 7, state=two)
            by_time.add(event)
            found += by_time.advance(event.event_time)
            row = by_ticks.add(event)
            found += [row] if row else []
        return found

    assert all(same(a, b) for a, b in zip(rows(False), rows(True), strict=True))


@given(EVENTS)
def test_no_lot_is_lost_or_counted_twice(made: list[tuple[int, int, int, int]]) -> None:
    events = [trade(at / 10, ticks, lots, key) for at, ticks, lots, key in made]
    sampler, rows = TimeSampler(2, S, S // 2), list[SampledRow]()
    for event in events:
        rows += sampler.advance(event.available_time)
        sampler.add(event)
    rows += sampler.advance(100 * S)
    assert sum(int(r.lots.sum()) for r in rows) == sum(e.lots for e in events)
