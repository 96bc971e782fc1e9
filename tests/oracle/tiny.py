"""Worlds small enough to be worked out by hand.

One session a row, a capital of 100,000 USD, 0.01 USD ticks, whole shares, no
spread, no impact, limits out of reach. Rows 0 and 1 teach the risk estimates;
row 2 makes the first order. A stop of ``d`` ticks risks 1 % of the capital, so
that order is for ``trunc(100,000 · 1 % / (d · 0.01))`` lots.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, STOP
from kedge.domain.instrument import FeeSchedule, Instrument
from kedge.domain.panel import EVENT, FRESH, TRADABLE, Panel
from kedge.domain.rules import Rules, StrategyTerms

DAY = 86_400 * 10**9
CAPITAL = 100_000 * 10**6
CENT = 10**4
"""Minor units of one lot times one tick."""

SHARE = Instrument(
    id="share", symbol="SHARE", shortable=True, fees=FeeSchedule(-2.0, 10.0), half_spread_bps=0.0
)
WON = msgspec.structs.replace(
    SHARE, id="won", symbol="WON", quote="KRW", settle="KRW", collateral="KRW", tick=Decimal(1)
)
STRATEGY = StrategyTerms(name="s", prior=1.0, horizon_ns=DAY, half_life_ns=DAY, expiry_ns=5 * DAY)
LOOSE = Rules(
    capital=CAPITAL,
    strategies=(STRATEGY,),
    horizon_ns=DAY,
    horizon_sessions=1.0,
    sessions_per_year=252.0,
    volatility_target=99.0,
    risk_per_trade=9.0,
    open_risk=9.0,
    gross=9.0,
    group=9.0,
    var=9.0,
    expected_shortfall=9.0,
    drawdown_start=0.8,
    drawdown_stop=0.9,
    daily_loss=0.9,
    consecutive_losses=99,
    min_sessions=1,
    participation=1.0,
    participation_hour=1.0,
    position_cap=(9.0,),
    spread_limit_bps=(99.0,),
    slippage_limit_bps=(99.0,),
    impact=(0.0,),
)

Bar = tuple[int, int, int, int]
WARM_UP: list[Bar] = [(10000, 10000, 10000, 10000), (10100, 10100, 10100, 10100)]
"""A first close and a return of 1 %."""


def flat(ticks: int) -> Bar:
    """A bar that never moves."""
    return (ticks, ticks, ticks, ticks)


def panel(
    bars: Sequence[Bar | None],
    *,
    instrument: Instrument = SHARE,
    volume: Sequence[float] | None = None,
    events: Sequence[tuple[int, int, int, int, int, float]] = (),
    count: int = 1,
) -> Panel:
    """A panel of daily bars, the same for ``count`` instruments; None is a masked cell."""
    rows = len(bars)
    ticks = np.array([bar or (0, 0, 0, 0) for bar in bars], dtype=np.int64)
    live = np.array([bar is not None for bar in bars])
    units = np.where(live, np.array(volume if volume is not None else [1e6] * rows), 0.0)
    return Panel(
        instruments=tuple(
            msgspec.structs.replace(instrument, id=f"{instrument.id}-{n}") for n in range(count)
        ),
        interval_ns=DAY,
        ts=(np.arange(rows, dtype=np.int64) + 20_000) * DAY,
        session=np.arange(rows, dtype=np.int64),
        bars=np.repeat(ticks[:, :, None], count, axis=2),
        volume=np.repeat(units[:, None], count, axis=1),
        flags=np.repeat(np.where(live, TRADABLE | FRESH, 0)[:, None], count, axis=1).astype(
            np.uint8
        ),
        age_ns=np.zeros((rows, count), dtype=np.int64),
        adjust=np.ones((rows, count)),
        events=np.array(list(events), dtype=EVENT),
        point_in_time=True,
        fingerprint="by hand",
        sessions_per_year=252.0,
    )


def forecasts(
    edges: Sequence[float], stop: float, *, strategies: int = 1, count: int = 1
) -> npt.NDArray[np.float64]:
    """One certain view after the other: an edge per row, the stop in price units."""
    out = np.full((len(edges), strategies, count, FIELDS), np.nan)
    out[..., EDGE_BPS] = np.array(edges, dtype=np.float64)[:, None, None]
    out[..., SIGMA_BPS] = 1.0
    out[..., CONFIDENCE] = 1.0
    out[..., STOP] = stop
    return out


def rules(**changes: Any) -> Rules:
    """Loose rules but for ``changes``."""
    return msgspec.structs.replace(LOOSE, **changes)
