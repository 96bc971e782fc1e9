"""What the pre-trade gate and the slicing are told, from the settings.

The gate is the outer wall. The step aims at its own limits; between its row and an order
the market moves a little, so the gate's position and gross limits lie ``limits.gate_margin``
outside them. Whatever the step did wrong stops there.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from kedge.data.hours import Hours
from kedge.domain.instrument import Instrument
from kedge.domain.money import currency, to_minor
from kedge.engine.rules_of import impact_coefficient, position_cap
from kedge.engine.trading.styles import SlicedStyle, SliceShape
from kedge.engine.trading.way import Way
from kedge.execution.lifecycle import Terms
from kedge.execution.slicing.catalogue import LEARNED, style
from kedge.risk.gate import GateRules
from kedge.risk.gate_view import LARGEST
from kedge.settings import Settings
from kedge.venues.contract import Able

SECOND: Final = 1_000_000_000


def nanoseconds(seconds: float) -> int:
    """Seconds of a setting as whole nanoseconds."""
    return round(seconds * SECOND)


def gate_rules(
    settings: Settings, instruments: Sequence[Instrument], able: Able
) -> tuple[GateRules, ...]:
    """The gate's rules, one for each instrument.

    Args:
        settings: limits and execution.
        instruments: what is traded.
        able: what the venue can do.
    """
    return tuple(_rules(settings, each, able) for each in instruments)


def _rules(settings: Settings, each: Instrument, able: Able) -> GateRules:
    limits, execution = settings.limits, settings.execution
    unit, wider, ratio = currency(each.settle), 1.0 + limits.gate_margin, each.value_ratio
    largest = Decimal(str(settings.capital)) * Decimal(str(limits.order))
    return GateRules(
        num=ratio.numerator,
        den=ratio.denominator,
        max_notional=to_minor(largest, unit),
        min_notional=to_minor(each.min_notional, unit),
        max_lots=min(each.max_lots, LARGEST) if isinstance(each.max_lots, int) else LARGEST,
        fee=max(0.0, each.fees.taker_bps * 1e-4),
        margin=each.margin_initial if each.shortable else 1.0,
        position=position_cap(settings, each) * wider,
        gross=limits.gross * wider,
        spread_bps=float(limits.spread_bps.of(each.asset_class)),
        slippage_bps=float(limits.slippage_bps.of(each.asset_class)),
        band_bps=limits.price_band_bps,
        impact=impact_coefficient(settings, each),
        stale_ns=nanoseconds(limits.quote_age_s),
        interval_ns=nanoseconds(execution.min_interval_s),
        open_orders=execution.max_open_orders,
        participation=execution.participation,
        participation_hour=execution.participation_hour,
        short=each.shortable and able.short,
        stops=able.stops,
        stop_limit=able.stop_limit,
        post_only=able.post_only,
        ioc=able.ioc,
        fok=able.fok,
        iceberg=able.iceberg,
        reduce_only=able.reduce_only,
        client_ids=able.client_ids,
    )


def terms_of(settings: Settings) -> Terms:
    """How long is waited for what."""
    wait = settings.session
    return Terms(
        send_ns=nanoseconds(wait.send_s),
        ack_ns=nanoseconds(wait.ack_s),
        cancel_ns=nanoseconds(wait.cancel_s),
        cancel_tries=wait.cancel_tries,
        query_ns=nanoseconds(wait.query_s),
        query_max_ns=nanoseconds(wait.query_max_s),
        fills_ns=nanoseconds(wait.fills_s),
    )


def shape_of(settings: Settings) -> SliceShape:
    """How intents are cut."""
    execution = settings.execution
    return SliceShape(
        interval_ns=nanoseconds(execution.min_interval_s),
        gap_ns=execution.gap_ns,
        span_ns=execution.span_ns,
        share=execution.volume_share,
        shown=execution.shown,
        give_up_ns=nanoseconds(execution.give_up_s),
    )


def way_of(settings: Settings, instruments: Sequence[Instrument], able: Able,
           artifacts: tuple[str, ...]) -> Way:  # fmt: skip
    """How a session trades.

    Args:
        settings: the whole tree.
        instruments: what is traded, in the order of the keys.
        able: what the venue can do.
        artifacts: hash of each strategy's source.
    """
    rules, shape = gate_rules(settings, instruments, able), shape_of(settings)
    interval = settings.universe.interval_ns
    sliced = SlicedStyle(style(settings.execution.style), rules, shape, interval)
    compare = nanoseconds(settings.session.compare_s)
    learned = settings.execution.style in LEARNED
    clock = Hours(instruments[0].calendar) if learned else None
    return Way(rules, terms_of(settings), sliced, compare, artifacts, clock=clock)
