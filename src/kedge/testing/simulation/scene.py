"""What a simulated world is made of: instruments, rules, a venue and its faults."""

import types
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any, Final

import msgspec
import numpy as np

from kedge.domain import state as o
from kedge.domain.account import Key
from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument
from kedge.domain.rules import NEVER_DELISTED, Rules, StrategyTerms
from kedge.engine.pipeline import Decision
from kedge.engine.program import Program, build_program
from kedge.engine.trading.desk import Desk, Universe
from kedge.engine.trading.styles import SlicedStyle, SliceShape
from kedge.engine.trading.way import Way
from kedge.execution.lifecycle import Terms
from kedge.execution.reconcile.findings import Strangers
from kedge.execution.slicing.catalogue import LEARNED, STYLES
from kedge.risk.gate import GateRules
from kedge.testing.simulation.bad_disk import KINDS
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.simulated.setup import Setup
from kedge.venues.simulated.venue import SimulatedVenue

SECOND: Final = 1_000_000_000
START: Final = 1_700_000_000 * SECOND
CAPITAL: Final = 100_000
ABSENCE_NS: Final = 6 * SECOND
"""After which an order that was placed can no longer arrive."""
OPENING: Final = 10_000
"""Ticks that the first instrument is worth at the start."""
ORDERS: Final = 50
"""Orders that reach the venue in a world at least."""
EVENTS: Final = 1_000
"""Market events, reports, commands and rows that a world has at least."""
LOT: Final = 0.001
"""Of a coin."""
UNBOUND: Final = 1e6
"""A share of volume that nothing reaches."""
_HOUR: Final = 3_600
_PARTICIPATION: Final = 0.5
"""Of the average row's volume that one order may be."""

ENDS: Final = ("kill", "power", "in the disk", "in a snapshot", "before a send", "after a send")
"""How a process ends."""

SYNCS: Final = ("in a sync", "in a snapshot's sync")
"""Where most can be lost: written, and not durable yet."""


class Views(msgspec.Struct, frozen=True):
    """What the strategy may say of a row; one of each is drawn for every instrument.

    Attributes:
        edges_bps, confidences, stops: of forecasts.
    """

    edges_bps: tuple[float, ...] = (-60.0, 50.0, 80.0, 120.0)
    confidences: tuple[float, ...] = (0.2, 0.9, 0.95, 1.0)
    stops: tuple[float, ...] = (0.05, 0.2, 1.0)


class Scene(msgspec.Struct, frozen=True):
    """The choices of one world.

    Attributes:
        seed: of everything.
        instruments: how many.
        row_ns: length of a row.
        rows: that are traded before the faults stop.
        session_rows: rows of a session.
        style: of execution.
        turn_ns: how often the shell looks, beside its deadlines.
        crashes: how many, at random times.
        commands: whether somebody kills, flattens and resumes.
        stranger: whether somebody trades by hand on the session's account.
        kelly_fraction: of the step's sizes.
        gate_position: the gate's largest position, fraction of equity.
        views: of the strategy.
        ends: of which each crash is one.
        rate: of the crowd's actions, a second and instrument.
        takers: share of them that trade.
        looks_s: how often somebody looks, and resumes what held itself back; 0 for never.
        orders: that are sent before the world may end, faults or not.
        bad_disk: what is wrong with the journal's disk for a while, see `bad_disk`; or nothing.
        segment_bytes: of the journal.
        maker_bps: fee of who rests; below zero it is a rebate.
        volatility: of what a coin is worth, a day.
        spread_bps: widest spread at which the gate lets an order pass.
        follow: share of the traded volume that slices follow.
        quiet_s: how long it goes on once nothing goes wrong any more.
        late_s: by how much later than `START` it begins.
        hour_share: of an hour's volume that may be ordered, until somebody lifts it.
        stops: whether stops rest at the venue.
        adopts: whether a stranger's order is taken over; else it halts new risk.
        ends_flat: whether it is flattened at the end, where others are stopped.
    """

    seed: int
    instruments: int
    row_ns: int
    rows: int
    session_rows: int
    style: str
    turn_ns: int
    crashes: int
    commands: bool
    stranger: bool = False
    kelly_fraction: float = 0.25
    gate_position: float = 0.35
    views: Views = Views()
    ends: tuple[str, ...] = ENDS
    rate: float = 1.5
    takers: float = 0.25
    looks_s: int = 0
    orders: int = 0
    bad_disk: str = ""
    segment_bytes: int = 1 << 18
    maker_bps: float = 1.0
    volatility: float = 1.5
    spread_bps: float = 100.0
    follow: float = 0.3
    quiet_s: int = 150
    late_s: int = 0
    hour_share: float = UNBOUND
    stops: bool = True
    adopts: bool = False
    ends_flat: bool = False


def start_of(scene: Scene) -> int:
    """When a world begins, ns UTC."""
    return START + scene.late_s * SECOND


_BUSY: Final = Views(
    confidences=(0.2, 0.9, 0.9, 0.95, 0.95, 1.0, 1.0, 1.0), stops=(0.05, 0.5, 1.0, 1.0, 2.0, 2.0)
)
"""Fickle, and seldom stopped out at once, so that a short world trades much."""
_ROWS: Final = {1: (80, 90), 2: (40, 50), 3: (28, 34), 4: (20, 26), 5: (18, 22)}
"""Rows by instruments: the fewer there are, the longer it takes to send many orders."""
_LONG: Final = (10, 12, 15)
"""Seconds of a row in worlds whose rows are long."""
_FULL_HOUR: Final = _HOUR - START // SECOND % _HOUR
"""Seconds from `START` to the next hour of the clock."""


def draw(seed: int) -> Scene:
    """A world's choices from its seed."""
    random = Random(f"{seed}/scene")
    long = random.random() < 0.1
    instruments = 5 if long else random.choice((1, 2, 3, 3, 4, 4, 4, 5))
    row_s = random.choice(_LONG if long else (4, 5, 6))
    stranger = random.random() < 0.22
    scene = Scene(
        seed=seed,
        instruments=instruments,
        row_ns=row_s * SECOND,
        rows=random.choice(_ROWS[instruments]),
        session_rows=random.choice((3, 5)),
        style=random.choice(("whole", "whole", "whole", "twap", "iceberg", "pov")),
        turn_ns=random.choice((400, 800, 1000)) * 1_000_000,
        crashes=random.choice((1, 1, 2, 3)),
        commands=random.random() < 0.3,
        stranger=stranger,
        views=_BUSY,
        ends=(*ENDS, *SYNCS, *SYNCS, SYNCS[1]),
        rate=0.4 if long else 0.6,
        takers=0.36,
        looks_s=random.choice((30, 60)),
        orders=ORDERS,
        bad_disk=random.choice(KINDS) if random.random() < 0.36 else "",
        segment_bytes=random.choice((1 << 14, 1 << 15, 1 << 18)),
        maker_bps=random.choice((1.0, 1.0, -0.5)),
        volatility=1.0,
        spread_bps=250.0,
        follow=0.6,
        quiet_s=100,
        stops=random.random() >= 0.08,
        adopts=stranger and random.random() < 0.55,
        ends_flat=random.random() < 0.15,
    )
    return _with_hours(scene, random) if random.random() < 0.14 else scene


def _with_hours(scene: Scene, random: Random) -> Scene:
    """The same with a share of an hour's volume that binds; an hour of the clock may end in it."""
    span = scene.rows * scene.row_ns // SECOND
    late = random.choice((0, _FULL_HOUR - int(span * random.random())))
    share = random.choice((2, 3)) * scene.row_ns / SECOND / _HOUR
    return msgspec.structs.replace(scene, late_s=late, hour_share=share)


@lru_cache(16)
def instruments_of(scene: Scene) -> tuple[Instrument, ...]:
    """Coins with ticks and lots of different sizes."""
    return tuple(
        Instrument(
            id=f"coin-{i}",
            symbol=f"C{i}USDT",
            venue="sim",
            asset_class=AssetClass.SPOT,
            base=f"C{i}",
            quote="USDT",
            settle="USDT",
            collateral="USDT",
            tick=Decimal("0.01"),
            lot=Decimal(str(LOT)),
            min_notional=Decimal(5),
            calendar="24/7",
            fees=FeeSchedule(scene.maker_bps, 2.0 + i),
            half_spread_bps=2.0,
        )
        for i in range(scene.instruments)
    )


@lru_cache(16)
def universe_of(scene: Scene) -> Universe:
    """One account at one venue."""
    instruments = instruments_of(scene)
    keys = tuple(Key("main", "sim", i.id) for i in instruments)
    every = tuple(range(len(keys)))
    strangers = Strangers.ADOPT if scene.adopts else Strangers.HALT
    lineage = f"{scene.seed % 2**32:08x}"
    return Universe(instruments, keys, every, every, scene.row_ns, lineage, strangers)


def hour_binds(desk: Desk, scene: Scene) -> bool:
    """Whether an hour's volume leaves less of an instrument to the step than a row's."""
    ints, floats = desk.book.state.I, desk.book.state.F
    hourly = scene.hour_share * _HOUR * SECOND / scene.row_ns
    left = hourly * floats[:, o.F_AV] - ints[:, o.I_USED]
    return bool((left < _PARTICIPATION * floats[:, o.F_AV]).any())


def program_of(scene: Scene) -> Program:
    """Rules under which a short world trades: quick to warm up, and with every limit on."""
    instruments = instruments_of(scene)
    n = len(instruments)
    terms = StrategyTerms(
        name="seeded",
        prior=1.0,
        horizon_ns=2 * scene.row_ns,
        half_life_ns=2 * scene.row_ns,
        expiry_ns=2 * scene.row_ns,
    )
    rules = Rules(
        capital=CAPITAL * 10**8,
        strategies=(terms,),
        horizon_ns=2 * scene.row_ns,
        horizon_sessions=1.0,
        sessions_per_year=365.0,
        confidence_gate=0.3,
        min_sessions=1,
        kelly_fraction=scene.kelly_fraction,
        volatility_target=5.0,
        var=0.5,
        expected_shortfall=0.8,
        daily_loss=0.5,
        consecutive_losses=1000,
        drawdown_stop=0.9,
        delisting_sessions=NEVER_DELISTED,
        participation=_PARTICIPATION,
        participation_hour=scene.hour_share,
        buffer_min=0.0,
        buffer_max=0.01,
        position_cap=(0.3,) * n,
        spread_limit_bps=(scene.spread_bps,) * n,
        slippage_limit_bps=(500.0,) * n,
        impact=(0.1,) * n,
    )
    return build_program(instruments, rules, "USDT", scene.row_ns)


@lru_cache(16)
def gate_rules(scene: Scene) -> tuple[GateRules, ...]:
    """The gate's limits: the step's own with some room for what the market did since."""
    return tuple(
        GateRules(
            num=i.value_ratio.numerator,
            den=i.value_ratio.denominator,
            max_notional=CAPITAL * 10**8,
            min_notional=5 * 10**8,
            fee=i.fees.taker_bps * 1e-4,
            position=scene.gate_position,
            gross=1.0,
            spread_bps=scene.spread_bps,
            slippage_bps=500.0,
            band_bps=1_000.0,
            impact=0.1,
            stale_ns=5 * SECOND,
            interval_ns=0,
            open_orders=10,
            participation=1.0,
            participation_hour=scene.hour_share,
            iceberg=True,
            stops=scene.stops,
            closes_dust=False,
        )
        for i in instruments_of(scene)
    )


class Sessions:
    """When the world's sessions open: one after the other, from its start."""

    def __init__(self, scene: Scene) -> None:
        self._start, self._length = start_of(scene), scene.session_rows * scene.row_ns

    def opened(self, at: int) -> int:
        """When the session opened that a row's end belongs to, ns UTC."""
        return at - 1 - (at - 1 - self._start) % self._length

    def usual_length(self, at: int) -> int:
        """Of every session, ns."""
        return self._length


@lru_cache(16)
def way_of(scene: Scene) -> Way:
    """How the world trades."""
    rules = gate_rules(scene)
    shape = SliceShape(
        interval_ns=scene.row_ns // 5, give_up_ns=scene.row_ns // 4, share=scene.follow
    )
    style = SlicedStyle(STYLES[scene.style], rules, shape, scene.row_ns)
    clock = Sessions(scene) if scene.style in LEARNED else None
    return Way(rules, Terms(), style, 60 * SECOND, ("seeded",), clock=clock)


@lru_cache(16)
def decision_of(scene: Scene) -> Decision:
    """The world's step; its forecasts come from no features."""
    plan: Any = types.SimpleNamespace(
        new_state=lambda: np.zeros(0), needs_clock=False, needs_book=False
    )
    return Decision(program_of(scene), (), plan, ())


def venue_of(scene: Scene) -> SimulatedVenue:
    """The exchange: a book a coin, moved by generated flow."""
    instruments = instruments_of(scene)
    crowd = Habits(rate=scene.rate, orders=30, takers=scene.takers, lots=4_000.0)
    streams = [
        Stream(i, Worth(ticks=OPENING + 2_500 * i, volatility=scene.volatility), crowd)
        for i in range(len(instruments))
    ]
    setup = Setup(
        listings=tuple(listed(i, each) for i, each in enumerate(instruments)),
        cash={"USDT": CAPITAL * 10**8},
        opening={i: OPENING + 2_500 * i for i in range(len(instruments))},
        start=start_of(scene),
        seed=scene.seed,
    )
    return SimulatedVenue(setup, flowing(streams, scene.seed, setup.start))
