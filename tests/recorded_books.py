"""The recorded BTCUSDT market of 2024-08-08 as rows of one second with their inputs.

The book kept here is two dictionaries, and no business of the product's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from heapq import nlargest, nsmallest

import numpy as np
import polars as pl

from kedge.data.samplers_micro import MicroSampler
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, FRESH, TRADABLE, Panel
from support import data_path

SECOND = 1_000_000_000
UNITS = {"spot": (0.01, 0.00001), "usdm_perp": (0.1, 0.001)}
"""Tick and lot of each market."""
LEVELS = 20


def _whole(column: str, unit: float) -> pl.Expr:
    return (pl.col(column) / unit).round().cast(pl.Int64)


@dataclass(frozen=True, slots=True)
class Tape:
    """What was recorded of one market, in ticks and lots, each table in order of ``t``.

    Attributes:
        market: ``spot`` or ``usdm_perp``.
        opened: when the first row opens.
        closes: when each row closes.
        quotes: ``t, bid, bid_lots, ask, ask_lots``.
        trades: ``t, ticks, lots, side``.
    """

    market: str
    opened: int
    closes: list[int]
    quotes: pl.DataFrame
    trades: pl.DataFrame


@lru_cache(maxsize=2)
def tape(market: str) -> Tape:
    """Quotes and trades, from the first whole second on."""
    tick, lot = UNITS[market]
    quotes = _table("bbo", market).select(
        pl.col("recv_ns").alias("t"),
        _whole("bid", tick),
        _whole("bid_qty", lot).alias("bid_lots"),
        _whole("ask", tick),
        _whole("ask_qty", lot).alias("ask_lots"),
    )
    trades = _table("trades", market).select(
        pl.col("recv_ns").alias("t"),
        _whole("price", tick).alias("ticks"),
        _whole("qty", lot).alias("lots"),
        pl.when("buyer_is_maker").then(-1).otherwise(1).alias("side"),
    )
    opened = (int(quotes["t"][0]) // SECOND + 1) * SECOND
    rows = (int(min(quotes["t"][-1], trades["t"][-1])) - opened) // SECOND
    closes = [opened + SECOND * (i + 1) for i in range(rows)]
    inside = pl.col("t").is_between(opened, closes[-1], closed="right")
    return Tape(market, opened, closes, quotes.filter(inside), trades.filter(inside))


def _table(name: str, market: str) -> pl.DataFrame:
    table = pl.read_parquet(data_path(f"micro/btcusdt_{name}.parquet"))
    return table.filter(pl.col("market") == market).sort("recv_ns", maintain_order=True)


def books(market: str, seconds: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Instant, and best bids and asks as (20, 2) ticks and lots, after each depth message."""
    tick, lot = UNITS[market]
    table = _table("l2_events", market).with_columns(
        _whole("price", tick).alias("ticks"), _whole("qty", lot).alias("lots")
    )
    stop = int(table["recv_ns"][0]) + seconds * SECOND
    table = table.filter(pl.col("recv_ns") < stop)
    synced = int(table.filter("is_snapshot")["last_update_id"][0])
    valid = pl.col("is_snapshot") | (pl.col("last_update_id") > synced)
    sides: dict[str, dict[int, int]] = {"b": {}, "a": {}}
    ready = False
    for (t,), message in table.filter(valid).group_by("recv_ns", maintain_order=True):
        ready = ready or bool(message["is_snapshot"][0])
        if not ready:
            continue
        for side, ticks, lots in message.select("side", "ticks", "lots").iter_rows():
            sides[side][ticks] = lots
            if lots == 0:
                del sides[side][ticks]
        bids, asks = nlargest(LEVELS, sides["b"]), nsmallest(LEVELS, sides["a"])
        bid_rows = np.array([(p, sides["b"][p]) for p in bids])
        yield int(t), bid_rows, np.array([(p, sides["a"][p]) for p in asks])


def sampled(opened: int, closes: list[int], *streams: list[tuple]) -> np.ndarray:
    """Rows (T, K) of events ``(t, order, method, arguments)`` given in order of time."""
    events = sorted((e for stream in streams for e in stream), key=lambda e: e[:2])
    sampler, rows, at = MicroSampler(opened), [], 0
    for close in closes:
        while at < len(events) and events[at][0] <= close:
            t, _, method, arguments = events[at]
            getattr(sampler, method)(t, *arguments)
            at += 1
        rows.append(sampler.close(close))
    return np.array(rows)


def quote_events(tape: Tape) -> list[tuple]:
    return [(t, 0, "add_quote", tuple(rest)) for t, *rest in tape.quotes.iter_rows()]


def trade_events(tape: Tape) -> list[tuple]:
    return [(t, 1, "add_trade", tuple(rest)) for t, *rest in tape.trades.iter_rows()]


def panel_of(market: str, closes: list[int], inputs: np.ndarray) -> Panel:
    """One instrument whose bars are the mids of its rows; volume is what was traded."""
    tick, lot = UNITS[market]
    mid = np.rint((inputs[:, 0] + inputs[:, 1]) / 2).astype(np.int64)
    shape = (len(closes), 1)
    instrument = Instrument(
        id="BTCUSDT", symbol="BTCUSDT", calendar="24/7", tick=Decimal(str(tick)),
        lot=Decimal(f"{lot:f}"),
    )  # fmt: skip
    return Panel(
        instruments=(instrument,),
        interval_ns=SECOND,
        ts=np.array(closes),
        session=np.array(closes) // (86_400 * SECOND),
        bars=np.repeat(mid[:, None, None], 4, axis=1),
        volume=np.zeros(shape),
        flags=np.full(shape, TRADABLE | FRESH, dtype=np.uint8),
        age_ns=np.zeros(shape, dtype=np.int64),
        adjust=np.ones(shape),
        events=np.empty(0, EVENT),
        point_in_time=True,
        fingerprint="recorded book",
        sessions_per_year=365.25,
        micro=inputs[:, None, :].copy(),
    )


@lru_cache(maxsize=2)
def quoted_panel(market: str) -> Panel:
    """Rows of one second from the best prices and the trades."""
    told = tape(market)
    inputs = sampled(told.opened, told.closes, quote_events(told), trade_events(told))
    return panel_of(market, told.closes, inputs)
