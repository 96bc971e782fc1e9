"""How an intent becomes orders: the style that a session is given.

A style plans when an intent is made, says what to order now, what to call back, and when
it wants to be asked again. The bar contract's gives one order that meets one bar.
"""

from math import ceil
from typing import Final, Protocol

import msgspec

from kedge.domain import state as o
from kedge.domain.decided import Intent
from kedge.domain.order import Order, OrderType, TimeInForce, order_id
from kedge.domain.reason import Reason
from kedge.engine.trading.desk import Desk, Work, shrinks
from kedge.execution.slicing.catalogue import Planner, whole
from kedge.execution.slicing.plan import HOUR_NS, Plan, Progress, SliceTerms
from kedge.execution.slicing.pricing import Pricing, outdated, priced
from kedge.execution.slicing.profile import FLAT
from kedge.execution.slicing.work import due, earliest, next_due, over
from kedge.execution.tracked import LIVE, exposed
from kedge.risk.gate import GateRules

LATER: Final = 2**63 - 1
_STOP: Final = int(Reason.STOP)
_GTC, _MARKET = TimeInForce.GTC, OrderType.MARKET
_NO_LIMIT: Final = 2**62
_AGAIN_NS: Final = 1_000_000_000
"""Between two tries to close at once: what nobody takes now is not taken a moment later."""
AT_ONCE: Final = frozenset((int(Reason.STOP), int(Reason.HALTED)))
"""Reasons for which a position is closed without waiting between children."""


class Style(Protocol):
    """How intents are worked off; a pure reader of the desk."""

    def until(self, at: int) -> int:
        """When what is left of an intent made at ``at`` is given up, ns UTC."""

    def plan(self, desk: Desk, intent: Intent) -> bytes:
        """The intent's plan as the journal keeps it."""

    def next(self, desk: Desk, work: Work, room: int) -> Order | None:
        """The order to make now, None for none.

        Args:
            desk: the session.
            work: whose.
            room: lots that may be ordered; what resting stops hold is not there.
        """

    def stale(self, desk: Desk, work: Work) -> list[str]:
        """Orders to call back, so that their lots are ordered anew or given up."""

    def due(self, desk: Desk, work: Work) -> int:
        """When to ask again, ns UTC."""

    def over(self, desk: Desk, work: Work) -> str:
        """Why nothing more will be ordered; empty while something may be."""


class BarStyle:
    """The bar contract: one order for the whole, which lives one bar.

    Args:
        limit: rest at the price of the decision instead of going to the market.
    """

    def __init__(self, limit: bool) -> None:
        self._limit = limit

    def until(self, at: int) -> int:
        """Never: the venue ends it."""
        return LATER

    def plan(self, desk: Desk, intent: Intent) -> bytes:
        """None: one order at once."""
        return b""

    def next(self, desk: Desk, work: Work, room: int) -> Order | None:
        """The whole intent, once."""
        intent = work.intent
        if work.made:
            return None
        return Order(
            order_id(desk.universe.lineage, intent.number, 0),
            intent.key,
            1 if intent.lots > 0 else -1,
            abs(intent.lots),
            OrderType.LIMIT if self._limit else OrderType.MARKET,
            TimeInForce.BAR,
            intent.ticks if self._limit else 0,
            reason=intent.reason,
            stop=intent.stop,
            intent=intent.number,
        )

    def stale(self, desk: Desk, work: Work) -> list[str]:
        """None: the venue ends it."""
        return []

    def due(self, desk: Desk, work: Work) -> int:
        """Never."""
        return LATER

    def over(self, desk: Desk, work: Work) -> str:
        """Once its one order is gone."""
        return "its bar is over" if work.made or work.refused else ""


class SliceShape(msgspec.Struct, frozen=True, kw_only=True):
    """What slicing is told beside the gate's rules.

    Attributes:
        interval_ns: shortest time between two children.
        gap_ns: time between children that a schedule aims for.
        span_ns: time that a schedule spreads over.
        share: of the traded volume, to follow it.
        shown: share of an intent that an iceberg shows.
        give_up_ns: how long before the end of its row an intent is given up.
    """

    interval_ns: int = 30_000_000_000
    gap_ns: int = 60_000_000_000
    span_ns: int = 1_800_000_000_000
    share: float = 0.05
    shown: float = 0.2
    give_up_ns: int = 2_000_000_000


class SlicedStyle:
    """Children by a planner of `kedge.execution.slicing.catalogue`.

    Args:
        planner: the style.
        rules: of the gate, by key.
        shape: of the slices.
        interval_ns: length of a row.
    """

    def __init__(
        self, planner: Planner, rules: tuple[GateRules, ...], shape: SliceShape, interval_ns: int
    ) -> None:
        self._planner, self._rules, self._shape = planner, rules, shape
        self._pricing = tuple(map(_pricing, rules))
        self._life = max(interval_ns - shape.give_up_ns, interval_ns // 2)
        self._interval = interval_ns

    def until(self, at: int) -> int:
        """Shortly before the next row decides anew."""
        return at + self._life

    def plan(self, desk: Desk, intent: Intent) -> bytes:
        """The planner's."""
        terms = self._terms(desk, intent)
        if intent.reason == _STOP:
            # A stop that rested at the venue would not have waited for its share of volume.
            terms = msgspec.structs.replace(
                terms, per_order=self._rules[intent.key].max_lots, per_hour=_NO_LIMIT
            )
        if intent.reason in AT_ONCE:
            terms = msgspec.structs.replace(terms, interval_ns=_AGAIN_NS)
            return msgspec.msgpack.encode(whole(intent, terms, intent.at))
        return msgspec.msgpack.encode(self._planner(intent, terms, intent.at))

    def _terms(self, desk: Desk, intent: Intent) -> SliceTerms:
        rules, shape, n = self._rules[intent.key], self._shape, intent.instrument
        volume = float(desk.book.state.F[n, o.F_AV])
        hourly = volume * max(1.0, HOUR_NS / self._interval)
        lots, held = intent.lots, desk.positions[intent.key]
        worth = max(1, intent.ticks) * rules.num / rules.den
        volumes = desk.volumes
        return SliceTerms(
            min_lots=max(1, ceil(rules.min_notional / worth)),
            per_order=int(rules.participation * volume),
            per_hour=int(rules.participation_hour * hourly),
            reduces=shrinks(lots, held),
            largest=rules.max_lots,
            closes=lots == -held,
            interval_ns=shape.interval_ns,
            gap_ns=shape.gap_ns,
            span_ns=min(shape.span_ns, self._life),
            share=shape.share,
            shown=max(1, int(shape.shown * abs(lots))),
            hidden=rules.iceberg,
            profile=FLAT if volumes is None else volumes.profile(n),
            opened=0 if volumes is None else volumes.clock.opened(intent.at),
        )

    def next(self, desk: Desk, work: Work, room: int) -> Order | None:
        """The child that is due."""
        plan, intent = work.plan, work.intent
        if plan is None or desk.at < earliest(plan, _last(desk, work)):
            return None
        lots = min(room, due(plan, desk.at, _progress(desk, work, plan)))
        if lots <= 0 or lots < min(plan.min_lots, abs(work.left)):
            return None
        quote = desk.quotes[intent.key]
        price = priced(plan, lots, desk.at, quote.bid, quote.ask, self._pricing[intent.key])
        return Order(
            order_id(desk.universe.lineage, intent.number, work.made),
            intent.key,
            plan.side,
            lots,
            price.type,
            price.tif,
            price.limit,
            post_only=price.post_only,
            # The venue would not let a stop that fills at the same time turn the position.
            reduce_only=work.reduces and self._rules[intent.key].reduce_only,
            display=price.display,
            reason=intent.reason,
            stop=intent.stop,
            intent=intent.number,
        )

    def stale(self, desk: Desk, work: Work) -> list[str]:
        """Children that have rested for long enough."""
        if work.plan is None or not work.children:
            return []
        found = []
        for name in sorted(work.children):
            state = desk.orders[name]
            if type(state) in LIVE and rests(state.order):
                passive = state.order.post_only
                if outdated(work.plan, desk.at, state.at, passive):
                    found.append(name)
        return found

    def due(self, desk: Desk, work: Work) -> int:
        """When the plan may want something more, or a child is stale."""
        plan = work.plan
        if plan is None:
            return LATER
        soonest = next_due(plan, desk.at, _progress(desk, work, plan))
        for name in work.children:
            state = desk.orders[name]
            if type(state) in LIVE and rests(state.order):
                wait = plan.gap_ns if state.order.post_only else plan.interval_ns
                soonest = min(soonest, max(desk.at + 1, state.at + wait))
        return soonest

    def over(self, desk: Desk, work: Work) -> str:
        """As the plan has it, or once nothing more is tried."""
        if work.refused:
            return "it was refused, or a stop was touched"
        if work.plan is None:
            return "it has no plan"
        return over(work.plan, desk.at, _progress(desk, work, work.plan))


def _pricing(rules: GateRules) -> Pricing:
    return Pricing(
        slippage_bps=rules.slippage_bps,
        tick_step=rules.tick_step,
        post_only=rules.post_only,
        ioc=rules.ioc,
    )


def rests(order: Order) -> bool:
    """Whether an order stays in a book until it is called back."""
    return order.tif is _GTC and order.type is not _MARKET


def _last(desk: Desk, work: Work) -> int:
    """When the last child before the next was made, ns UTC; -1 for never."""
    intent, sent = work.intent, work.sent_at if work.made else -1
    return sent if intent.reason in AT_ONCE else max(sent, desk.paces[intent.instrument].last)


def _progress(desk: Desk, work: Work, plan: Plan) -> Progress:
    at_work = 0
    for name in work.children:
        at_work += exposed(desk.orders[name])
    pace = desk.paces[work.intent.instrument]
    return Progress(
        worked=plan.lots - abs(work.left) + at_work,
        open=at_work,
        last=_last(desk, work),
        used=pace.used if pace.hour == desk.at // HOUR_NS else 0,
        traded=desk.traded[work.intent.key] - work.traded,
    )
