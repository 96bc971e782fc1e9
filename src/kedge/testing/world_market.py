"""Random market data: prices that jump, cells that are masked, events that matter."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument
from kedge.domain.panel import CLOSED, EVENT, FRESH, LEFT, TRADABLE, EventKind, Panel

F64 = npt.NDArray[np.float64]
HOUR_NS = 3_600_000_000_000
START_NS = 1_704_067_200_000_000_000
SPLITS = ((2, 1), (1, 10), (3, 2))
Event = tuple[int, int, int, int, int, float]


@dataclass(frozen=True, slots=True)
class _Clock:
    ts: npt.NDArray[np.int64]
    session: npt.NDArray[np.int64]
    interval_ns: int
    per_session: int


def random_panel(
    rng: np.random.Generator, rows: int, count: int, capital_usd: float, *, violent: bool = False
) -> Panel:
    """A panel of ``rows`` by ``count``; volume is sized against the capital."""
    clock = _clock(rng, rows)
    instruments = tuple(_instrument(rng, n, capital_usd) for n in range(count))
    path = _paths(rng, rows, count, clock.per_session, violent)
    flags = _flags(rng, rows, count)
    flags[_holidays(rng.spawn(1)[0], rows, count, clock.per_session)] = CLOSED
    adjust = np.ones((rows, count))
    events: list[Event] = []
    for n in range(count):
        events += _corporate_actions(rng, n, path[:, n], adjust)
        events += _funding(rng, n, rows, instruments[n])
    events += _endings(rng, flags, path, instruments)
    events += _exchange_rates(rng, rows, instruments, clock.per_session)
    level = np.array([_level(i) for i in instruments]) * rng.uniform(0.3, 3.0, count)
    bars = _bars(rng, path * level / adjust, instruments, flags)
    _scale_events(events, bars, instruments)
    live = flags == (TRADABLE | FRESH)
    return Panel(
        instruments=instruments,
        interval_ns=clock.interval_ns,
        ts=clock.ts,
        session=clock.session,
        bars=bars,
        volume=_volume(rng, bars, instruments, live, capital_usd),
        flags=np.where(live & _left(rng.spawn(1)[0], rows, count), flags | LEFT, flags),
        age_ns=_age(clock.ts, live),
        adjust=adjust,
        events=np.array(sorted(events), dtype=EVENT),
        point_in_time=True,
        fingerprint="random world",
        sessions_per_year=252.0,
    )


def _clock(rng: np.random.Generator, rows: int) -> _Clock:
    """One row or several a session; session numbers may skip weekends."""
    per_session, interval = ((1, 24 * HOUR_NS), (4, HOUR_NS), (6, HOUR_NS // 3))[
        int(rng.choice([0, 0, 1, 2]))
    ]
    number = np.arange(rows) // per_session
    weekends = bool(rng.random() < 0.5)
    session = number + (number // 5) * 2 if weekends else number
    within = np.arange(rows) % per_session
    ts = START_NS + session * 24 * HOUR_NS + (within + 1) * interval
    return _Clock(ts.astype(np.int64), session.astype(np.int64), interval, per_session)


def _instrument(rng: np.random.Generator, n: int, capital_usd: float) -> Instrument:
    kind = (AssetClass.EQUITY, AssetClass.SPOT, AssetClass.PERPETUAL)[int(rng.integers(3))]
    money = str(rng.choice(["USD", "USD", "USD", "KRW", "USDT"]))
    ticks = ["1", "10"] if money == "KRW" else ["0.01", "0.5", "0.000001"]
    close_only = bool(rng.random() < 0.1)
    average = float(rng.choice([0.05, 2.0])) * capital_usd / 60.0 * rng.uniform(0.8, 1.2)
    return Instrument(
        id=f"world-{n}",
        symbol=f"W{n}",
        asset_class=kind,
        quote=money,
        settle=money,
        collateral=money,
        tick=Decimal(str(rng.choice(ticks))),
        lot=Decimal(str(rng.choice(["1", "1", "0.001", "100"]))),
        min_notional=Decimal(str(rng.choice(["0", "5", "500"]))) * _rate(money),
        fees=FeeSchedule(float(rng.choice([-0.5, 0.0, 2.0])), float(rng.choice([0.5, 4.0, 10.0]))),
        shortable=kind is not AssetClass.SPOT and bool(rng.random() < 0.9),
        borrow_bps=float(rng.choice([0.0, 50.0, 900.0])),
        half_spread_bps=float(rng.choice([0.0, 1.1, 1.1, 2.7, 2.7, 30.0])),
        average_volume=average if close_only else average * float(rng.integers(2)),
        close_only=close_only,
    )


def _rate(money: str) -> int:
    """Units of a currency per US dollar, roughly."""
    return 1250 if money == "KRW" else 1


def _level(instrument: Instrument) -> float:
    return 60.0 * _rate(instrument.settle)


def _paths(rng: np.random.Generator, rows: int, count: int, per_session: int, violent: bool) -> F64:
    """Adjusted closes around 1: a common factor, own noise, and jumps."""
    daily = rng.uniform(0.005, 0.05, count) * (3.0 if violent else 1.0)
    common = rng.standard_normal(rows)[:, None] * rng.uniform(0.0, 1.0, count)
    own = rng.standard_normal((rows, count)) * rng.uniform(0.2, 1.0, count)
    jumps = (
        rng.standard_normal((rows, count))
        * (rng.random((rows, count)) < 0.02)
        * (12.0 if violent else 5.0)
    )
    steps = (common + own + jumps) * daily / np.sqrt(per_session)
    return np.asarray(np.exp(np.cumsum(steps, axis=0)), dtype=np.float64)


def _flags(rng: np.random.Generator, rows: int, count: int) -> npt.NDArray[np.uint8]:
    """Which cells trade: single gaps, halts, late listings."""
    live = rng.random((rows, count)) >= rng.choice([0.0, 0.02, 0.15])
    for n in range(count):
        for _ in range(int(rng.integers(0, 3))):
            start = int(rng.integers(0, rows))
            live[start : start + int(rng.integers(2, 14)), n] = False
        if rng.random() < 0.2:
            live[: int(rng.integers(1, max(2, rows // 3))), n] = False
    stale = rng.random((rows, count)) < 0.5
    masked = np.where(stale, TRADABLE, 0)
    return np.where(live, TRADABLE | FRESH, masked).astype(np.uint8)


def _holidays(
    rng: np.random.Generator, rows: int, count: int, per_session: int
) -> npt.NDArray[np.bool_]:
    """Cells in which an instrument's own exchange is closed, for parts of a session up to weeks."""
    closed = np.zeros((rows, count), dtype=bool)
    for n in range(count):
        for _ in range(int(rng.choice([0, 0, 1, 3]))):
            start = int(rng.integers(0, rows))
            length = int(rng.integers(1, 8)) * per_session + int(rng.integers(per_session))
            closed[start : start + length, n] = True
    return closed


def _left(rng: np.random.Generator, rows: int, count: int) -> npt.NDArray[np.bool_]:
    """Cells of instruments that have left the universe; some of them come back."""
    left = np.zeros((rows, count), dtype=bool)
    for n in range(count):
        if rng.random() < 0.15:
            start = int(rng.integers(rows // 4, rows))
            left[start : start + int(rng.choice([20, rows])), n] = True
    return left


def _corporate_actions(rng: np.random.Generator, n: int, path: F64, adjust: F64) -> list[Event]:
    """Splits and dividends; the adjustment factor takes their price step out.

    A dividend is noted as a yield here and becomes an amount once prices exist.
    """
    rows, events = len(path), list[Event]()
    for _ in range(int(rng.choice([0, 0, 1, 2]))):
        row = int(rng.integers(0, rows))
        a, b = SPLITS[int(rng.integers(len(SPLITS)))]
        if not any(e[0] == row for e in events):
            events.append((row, EventKind.SPLIT, n, a, b, 0.0))
            adjust[row:, n] *= a / b
    for _ in range(int(rng.choice([0, 0, 1, 3]))):
        row = int(rng.integers(1, rows))
        share = float(rng.uniform(0.001, 0.04))
        if not any(e[0] == row for e in events):
            events.append((row, EventKind.DIVIDEND, n, 0, 0, share))
            adjust[row:, n] /= 1 - share
    return events


def _scale_events(
    events: list[Event], bars: npt.NDArray[np.int64], instruments: tuple[Instrument, ...]
) -> None:
    """Turn dividend yields into settlement currency per unit, at the last known close."""
    for position, (row, kind, n, a, b, x) in enumerate(events):
        if kind == EventKind.DIVIDEND:
            before = bars[:row, 3, n]
            known = before[before > 0]
            close = float(known[-1]) * float(instruments[n].tick) if len(known) else 0.0
            events[position] = (row, kind, n, a, b, round(x * close, 4))


def _funding(rng: np.random.Generator, n: int, rows: int, instrument: Instrument) -> list[Event]:
    if instrument.asset_class is not AssetClass.PERPETUAL:
        return []
    every = int(rng.choice([1, 3, 8]))
    return [
        (row, EventKind.FUNDING, n, 0, 0, float(rng.normal(0, 3e-4)))
        for row in range(0, rows, every)
    ]


def _endings(
    rng: np.random.Generator,
    flags: npt.NDArray[np.uint8],
    path: F64,
    instruments: tuple[Instrument, ...],
) -> list[Event]:
    """Some series end for good; of those, some at a deal price."""
    rows, events = len(flags), list[Event]()
    for n, instrument in enumerate(instruments):
        if rng.random() < 0.2:
            row = int(rng.integers(rows // 2, rows))
            flags[row:, n] &= CLOSED
            if rng.random() < 0.5:
                price = path[row, n] * _level(instrument) * rng.uniform(0.7, 1.4)
                ticks = max(1, int(price / float(instrument.tick)))
                events.append((row, EventKind.DEAL, n, ticks, 0, 0.0))
    return events


def _exchange_rates(
    rng: np.random.Generator, rows: int, instruments: tuple[Instrument, ...], per_session: int
) -> list[Event]:
    """Rates of every other currency, once a session; some are first known late."""
    codes = list(dict.fromkeys(["USD", *(i.settle for i in instruments)]))
    events: list[Event] = []
    for index, code in enumerate(codes[1:], start=1):
        first = int(rng.choice([0, 0, 0, rows // 4]))
        for row in range(first, rows, per_session):
            rate = float(rng.normal(1.0, 0.01)) / _rate(code)
            events.append((row, EventKind.FX, index, 0, 0, rate))
    return events


def _bars(
    rng: np.random.Generator,
    raw: F64,
    instruments: tuple[Instrument, ...],
    flags: npt.NDArray[np.uint8],
) -> npt.NDArray[np.int64]:
    """Open, high, low, close in ticks; masked cells hold zeros."""
    rows, count = raw.shape
    gap = rng.choice([0.0005, 0.01, 0.04], size=count)
    opened = raw * np.exp(rng.standard_normal(raw.shape) * gap)
    reach = np.abs(rng.standard_normal((2, rows, count))) * gap
    high = np.maximum(raw, opened) * (1 + reach[0])
    low = np.minimum(raw, opened) / (1 + reach[1])
    tick = np.array([float(i.tick) for i in instruments])
    bars = np.maximum(1, np.rint(np.stack([opened, high, low, raw], axis=1) / tick))
    live = (flags == (TRADABLE | FRESH))[:, None, :]
    return np.where(live, bars, 0).astype(np.int64)


def _volume(
    rng: np.random.Generator,
    bars: npt.NDArray[np.int64],
    instruments: tuple[Instrument, ...],
    live: npt.NDArray[np.bool_],
    capital_usd: float,
) -> F64:
    """Base units a row: anything from far too thin to plenty; some bars have none."""
    rows, count = live.shape
    volume = np.zeros((rows, count))
    for n, instrument in enumerate(instruments):
        depth = float(rng.choice([0.02, 1.0, 5.0, 50.0, 50.0]))
        price = _level(instrument) / _rate(instrument.settle)
        scale = depth * capital_usd / price
        units: F64 = np.asarray(scale * rng.lognormal(0.0, 0.8, rows), dtype=np.float64)
        units[rng.random(rows) < 0.03] = 0.0
        volume[:, n] = units
        if instrument.average_volume > 0:
            gaps = rng.random(rows) < (1.0 if instrument.close_only else 0.05)
            volume[gaps, n] = np.nan
    return np.where(live, volume, 0.0)


def _age(ts: npt.NDArray[np.int64], live: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Nanoseconds since the last observation; since the first row where there is none."""
    seen = np.where(live, ts[:, None], ts[0])
    return (ts[:, None] - np.maximum.accumulate(seen, axis=0)).astype(np.int64)
