"""A session's state as people read it: the desk, the books and the chronicle in one value."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from kedge import __version__
from kedge.domain import state as o
from kedge.domain.instrument import AssetClass, Instrument
from kedge.domain.money import currency
from kedge.domain.order import OrderType
from kedge.domain.reason import Reason
from kedge.domain.status import (
    FeedHealth,
    LastDecision,
    LimitUse,
    Position,
    Status,
    WorkingOrder,
    last_decision,
    limit_use,
)
from kedge.engine.session.breakers import breaker_words
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.timings import Timings
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.market import MarketSide
from kedge.execution.tracked import Placed, State, Working
from kedge.risk.gate import GateRules

_KINDS = {OrderType.MARKET: "market", OrderType.LIMIT: "limit", OrderType.STOP: "stop",
          OrderType.STOP_LIMIT: "stop-limit"}  # fmt: skip


class Told(NamedTuple):
    """What does not change while a session runs.

    Attributes:
        session: its name.
        venue: where it trades.
        real: whether orders reach a real exchange.
        speed: of its clock.
        capital: reporting minor units at the first start.
    """

    session: str
    venue: str
    real: bool
    speed: float
    capital: int


class Watcher:
    """Makes statuses.

    Args:
        told: what does not change.
        desk, market: of the session.
        rules: of the gate, by key.
        chronicle, timings: of this process.
        banned_until: when the venue takes requests again, ns UTC; the past or 0: it does.
    """

    def __init__(
        self,
        told: Told,
        desk: Desk,
        market: MarketSide,
        rules: tuple[GateRules, ...],
        chronicle: Chronicle,
        timings: Timings,
        banned_until: Callable[[], int] = lambda: 0,
    ) -> None:
        self._told, self._desk, self._market, self._rules = told, desk, market, rules
        self._chronicle, self._timings, self._banned = chronicle, timings, banned_until
        self._code = desk.book.decision.program.currencies[0]
        self._unit = 10.0 ** -currency(self._code).digits
        kinds = {each.asset_class for each in desk.universe.instruments}
        codes = desk.book.decision.program.currencies
        self._paid_in_full = len(codes) == 1 and kinds <= {AssetClass.SPOT, AssetClass.EQUITY}
        self.started = 0

    def status(self, now: int) -> Status:
        """The session at an instant, ns UTC; costs some tenths of a millisecond."""
        desk, told, unit = self._desk, self._told, self._unit
        state = desk.book.state
        equity = self._equity() if state.K[o.K_STARTED] else told.capital
        cash = int(state.K[o.K_])
        decided = self._chronicle.decided
        counters = {"fills": 0, **self._chronicle.counts}
        return Status(
            session=told.session,
            version=__version__,
            venue=told.venue,
            real=told.real,
            at=now,
            started=self.started,
            speed=told.speed,
            row=desk.rows,
            mode=desk.mode.name,
            killed=desk.killed,
            why="; ".join(filter(None, (desk.why, breaker_words(desk)))),
            currency=self._code,
            equity=equity * unit,
            cash=cash * unit,
            gross=self._gross() * unit,
            profit=(equity - told.capital) * unit,
            profit_session=(equity - int(state.K[o.K_OPENING])) * unit,
            drawdown=float(state.G[o.G_DRAWDOWN]),
            positions=tuple(self._positions()),
            orders=tuple(self._order(each, now) for each in desk.orders.values()),
            decisions=tuple(self._decisions(decided)) if decided is not None else (),
            limits=self._limits(equity),
            feeds=tuple(self._feeds(now)),
            latencies=self._timings.latencies(),
            banned_until=until if (until := self._banned()) > now else 0,
            counters=counters,
            events=self._chronicle.last(),
        )

    def _instrument(self, key: int) -> Instrument:
        universe = self._desk.universe
        return universe.instruments[universe.instrument[key]]

    def _equity(self) -> int:
        """As of now: the last row's, and what has been booked and marked since."""
        state = self._desk.book.state
        cash, lots, unit = int(state.K[o.K_]), state.I[:, o.I_LOTS], state.F[:, o.F_UNIT]
        if not self._paid_in_full:
            return int(state.K[o.K_EQUITY])
        return cash + round(float((lots * unit).sum()))

    def _gross(self) -> float:
        state = self._desk.book.state
        lots, unit = state.I[:, o.I_LOTS], state.F[:, o.F_UNIT]
        return float(np.abs(lots * unit).sum())

    def _positions(self) -> Iterator[Position]:
        desk, state = self._desk, self._desk.book.state
        for key, held in enumerate(desk.positions):
            if not held:
                continue
            n, each = desk.universe.instrument[key], self._instrument(key)
            unit = float(state.F[n, o.F_UNIT]) * self._unit
            last = int(state.I[n, o.I_LAST])
            quantity = float(each.lot * held)
            value = held * unit
            average = float(each.tick) * desk.book.entry(n)
            stop = desk.orders.get(desk.stops[key])
            level = int(state.I[n, o.I_STOP])
            yield Position(
                symbol=each.symbol,
                quantity=quantity,
                average=average,
                price=float(each.tick * last) if last else None,
                value=value,
                unrealised=(float(each.tick * last) - average) * quantity * each.multiplier,
                stop=float(each.tick * level) if level else None,
                stop_live=isinstance(stop, Working),
            )

    def _order(self, state: State, now: int) -> WorkingOrder:
        order = state.order
        each = self._instrument(order.key)
        price = order.limit or order.trigger
        filled = 0 if isinstance(state, Placed) else state.filled
        return WorkingOrder(
            id=order.id,
            symbol=each.symbol,
            side="buy" if order.side > 0 else "sell",
            kind=_KINDS[order.type],
            quantity=float(each.lot * order.lots),
            filled=float(each.lot * filled),
            price=float(each.tick * price) if price else None,
            state="sent" if isinstance(state, Placed) else type(state).__name__.lower(),
            age_s=max(0.0, (now - state.at) * 1e-9),
        )

    def _decisions(self, decided: object) -> Iterator[LastDecision]:
        desk, state = self._desk, self._desk.book.state
        row = self._chronicle.decided
        if row is None:
            return
        reasons, targets = np.frombuffer(row.reasons, np.int8), np.frombuffer(row.targets, np.int64)
        for n, each in enumerate(desk.universe.instruments):
            lot, reason = float(each.lot), Reason(int(reasons[n]))
            silent = reason in (Reason.NO_FORECAST, Reason.MASKED, Reason.HALTED, Reason.EXITING)
            yield last_decision(
                each.symbol,
                float(targets[n]) * lot,
                float(state.I[n, o.I_LOTS]) * lot,
                reason,
                None if silent else float(state.F[n, o.F_EDGE]),
            )

    def _limits(self, equity: int) -> tuple[LimitUse, ...]:
        """The largest use of each limit that a session can see at a glance."""
        desk, state = self._desk, self._desk.book.state
        p = desk.book.decision.program.params
        worth = np.abs(state.I[:, o.I_LOTS] * state.F[:, o.F_UNIT]) / max(1, equity)
        opening = int(state.K[o.K_OPENING])
        loss = max(0.0, 1.0 - equity / opening) if opening > 0 else 0.0
        busiest = max(
            (sum(1 for n in names if not desk.orders[n].order.protective) for names in desk.by_key),
            default=0,
        )
        caps = p.A[:, o.A_CAP]
        fullest = int(np.argmax(worth / caps))
        return (
            limit_use("position", float(worth[fullest]), float(caps[fullest])),
            limit_use("gross", float(worth.sum()), float(p.P[o.P_GROSS])),
            limit_use("drawdown_stop", float(state.G[o.G_DRAWDOWN]), float(p.P[o.P_DD_STOP])),
            limit_use("daily_loss", loss, float(p.P[o.P_DAILY_LOSS])),
            limit_use("consecutive_losses", float(state.K[o.K_LOSSES]), float(p.Q[o.Q_LOSSES])),
            limit_use("open_orders", float(busiest), float(self._rules[0].open_orders)),
        )

    def _feeds(self, now: int) -> Iterator[FeedHealth]:
        for book in self._market.books:
            each = self._instrument(book.key)
            yield FeedHealth(
                name=f"{self._told.venue} {each.symbol}",
                age_s=None if book.seen < 0 else max(0.0, (now - book.seen) * 1e-9),
                trusted=book.trusted,
                resyncs=book.resyncs,
            )
