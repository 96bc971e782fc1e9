"""What a simulated world is made of: instruments, rules, a venue and its faults."""

import types
from decimal import Decimal
from random import Random
from typing import Any, Final

import msgspec
import numpy as np

from kedge.domain.account import Key
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, STOP
from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument
from kedge.domain.panel import F64, Panel
from kedge.domain.rules import NEVER_DELISTED, Rules, StrategyTerms
from kedge.engine.pipeline import Decision
from kedge.engine.program import Program, build_program
from kedge.engine.trading.book import Book
from kedge.engine.trading.decide import Way
from kedge.engine.trading.desk import Universe
from kedge.engine.trading.styles import SlicedStyle, SliceShape
from kedge.execution.lifecycle import Terms
from kedge.execution.slicing.catalogue import STYLES
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
        takers: share of the crowd's actions that trade.
        looks_s: how often somebody looks, and resumes what held itself back; 0 for never.
        orders: that are sent before the world may end, faults or not.
        bad_disk: what is wrong with the journal's disk for a while, see `bad_disk`; or nothing.
        segment_bytes: of the journal.
        maker_bps: fee of who rests; below zero it is a rebate.
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
    takers: float = 0.25
    looks_s: int = 0
    orders: int = 0
    bad_disk: str = ""
    segment_bytes: int = 1 << 18
    maker_bps: float = 1.0


_BUSY: Final = Views(
    confidences=(0.2, 0.9, 0.9, 0.95, 0.95, 1.0, 1.0, 1.0), stops=(0.05, 0.5, 1.0, 1.0, 2.0, 2.0)
)
"""Fickle, and seldom stopped out at once, so that a short world trades much."""
_ROWS: Final = {1: (75, 95), 2: (42, 52), 3: (32, 38)}
"""Rows by instruments: the fewer there are, the longer it takes to send many orders."""


def draw(seed: int) -> Scene:
    """A world's choices from its seed."""
    random = Random(f"{seed}/scene")
    instruments = random.choice((1, 2, 2, 3))
    return Scene(
        seed=seed,
        instruments=instruments,
        row_ns=random.choice((4, 5, 6)) * SECOND,
        rows=random.choice(_ROWS[instruments]),
        session_rows=random.choice((5, 8)),
        style=random.choice(("whole", "whole", "twap", "iceberg", "pov")),
        turn_ns=random.choice((200, 400, 400)) * 1_000_000,
        crashes=random.choice((1, 1, 2, 3)),
        commands=random.random() < 0.3,
        stranger=random.random() < 0.1,
        views=_BUSY,
        ends=(*ENDS, *SYNCS, *SYNCS),
        takers=0.3,
        looks_s=random.choice((30, 60)),
        orders=ORDERS,
        bad_disk=random.choice(KINDS) if random.random() < 0.3 else "",
        segment_bytes=random.choice((1 << 14, 1 << 15, 1 << 18)),
        maker_bps=random.choice((1.0, 1.0, -0.5)),
    )


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
            lot=Decimal("0.001"),
            min_notional=Decimal(5),
            calendar="24/7",
            fees=FeeSchedule(scene.maker_bps, 2.0 + i),
            half_spread_bps=2.0,
        )
        for i in range(scene.instruments)
    )


def universe_of(scene: Scene) -> Universe:
    """One account at one venue."""
    instruments = instruments_of(scene)
    keys = tuple(Key("main", "sim", i.id) for i in instruments)
    every = tuple(range(len(keys)))
    return Universe(instruments, keys, every, every, scene.row_ns, f"{scene.seed % 2**32:08x}")


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
        participation=0.5,
        participation_hour=1e6,
        buffer_min=0.0,
        buffer_max=0.01,
        position_cap=(0.3,) * n,
        spread_limit_bps=(100.0,) * n,
        slippage_limit_bps=(500.0,) * n,
        impact=(0.1,) * n,
    )
    return build_program(instruments, rules, "USDT", scene.row_ns)


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
            spread_bps=100.0,
            slippage_bps=500.0,
            band_bps=1_000.0,
            impact=0.1,
            stale_ns=10 * SECOND,
            interval_ns=0,
            open_orders=10,
            participation=1.0,
            participation_hour=1e6,
            iceberg=True,
            closes_dust=False,
        )
        for i in instruments_of(scene)
    )


def way_of(scene: Scene) -> Way:
    """How the world trades."""
    rules = gate_rules(scene)
    shape = SliceShape(interval_ns=scene.row_ns // 5, give_up_ns=scene.row_ns // 4, share=0.3)
    style = SlicedStyle(STYLES[scene.style], rules, shape, scene.row_ns)
    return Way(rules, Terms(), style, 60 * SECOND, ("seeded",))


class SeededBook(Book):
    """A book whose forecasts follow from the seed and the row's instant: strong, and fickle."""

    def __init__(self, scene: Scene, decision: Decision) -> None:
        super().__init__(decision, instruments_of(scene), scene.row_ns)
        self._seed, self._views = scene.seed, scene.views

    def forecast(self, panel: Panel) -> F64:
        """One strategy's view of the row."""
        n, views = len(panel.instruments), self._views
        found = np.full((1, 1, n, FIELDS), np.nan)
        for i in range(n):
            random = Random(self._seed * 1_000_003 + int(panel.ts[0]) // SECOND * 31 + i)
            found[0, 0, i, EDGE_BPS] = random.choice(views.edges_bps)
            found[0, 0, i, SIGMA_BPS] = 50.0
            found[0, 0, i, CONFIDENCE] = random.choice(views.confidences)
            found[0, 0, i, STOP] = random.choice(views.stops)
        return found


def decision_of(scene: Scene) -> Decision:
    """The world's step; its forecasts come from no features."""
    plan: Any = types.SimpleNamespace(
        new_state=lambda: np.zeros(0), needs_clock=False, needs_book=False
    )
    return Decision(program_of(scene), (), plan, ())


def venue_of(scene: Scene) -> SimulatedVenue:
    """The exchange: a book a coin, moved by generated flow."""
    instruments = instruments_of(scene)
    crowd = Habits(rate=1.5, orders=30, takers=scene.takers, lots=4_000.0)
    streams = [
        Stream(i, Worth(ticks=OPENING + 2_500 * i, volatility=1.5), crowd)
        for i in range(len(instruments))
    ]
    setup = Setup(
        listings=tuple(listed(i, each) for i, each in enumerate(instruments)),
        cash={"USDT": CAPITAL * 10**8},
        opening={i: OPENING + 2_500 * i for i in range(len(instruments))},
        start=START,
        seed=scene.seed,
    )
    return SimulatedVenue(setup, flowing(streams, scene.seed, START))
