"""What a running session looks like from outside: one immutable value, swapped as a whole.

Plain data for people and programs: names instead of codes, quantities and prices as they
are spoken of, not lots and ticks. ``None`` stands for what is not known; there is no NaN.
Times are ns UTC of the engine's clock.
"""

import msgspec

from kedge.domain.reason import MEANING, Reason


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """One net position.

    Attributes:
        symbol: of the instrument; with the venue where several hold it.
        quantity: units, signed.
        average: price that the open lots had cost on average, fees left out.
        price: last price it is valued at, None without one.
        value: reporting currency, signed.
        unrealised: profit if it were closed at ``price``, reporting currency.
        stop: price of its protective stop, None while there is none.
        stop_live: whether the venue has confirmed that stop.
    """

    symbol: str
    quantity: float
    average: float
    price: float | None
    value: float
    unrealised: float
    stop: float | None = None
    stop_live: bool = False


class WorkingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is not over yet.

    Attributes:
        id: client order id.
        symbol: of the instrument.
        side: ``buy`` or ``sell``.
        kind: as people call it: ``limit``, ``stop``, ``market``.
        quantity, filled: units.
        price: limit or trigger, None for a market order.
        state: name of its state: ``working``, ``sent``, ``unknown``.
        age_s: seconds since it was approved.
    """

    id: str
    symbol: str
    side: str
    kind: str
    quantity: float
    filled: float
    price: float | None
    state: str
    age_s: float


class LastDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What the last row decided for an instrument; make it with `last_decision`.

    Attributes:
        symbol: of the instrument.
        edge_bps: blended edge, basis points; None without a view.
        confidence: of the blend, 0 to 1; None without a view.
        target, position: units, signed.
        reason: name of the code that bound, ``NONE`` where nothing did.
        meaning: the same in words.
    """

    symbol: str
    edge_bps: float | None
    confidence: float | None
    target: float
    position: float
    reason: str
    meaning: str


class LimitUse(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a limit is used; make it with `limit_use`.

    Attributes:
        name: as in the settings.
        used, limit: in the limit's own unit.
        share: ``used / limit``; 1 is at the limit.
    """

    name: str
    used: float
    limit: float
    share: float


class FeedHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of market data.

    Attributes:
        name: venue and stream.
        age_s: seconds since its last message, None before the first.
        trusted: whether its book or prices may be decided on.
        resyncs: how often it had to start anew.
        skew_ms: venue's clock minus ours, None while not measured.
        per_second: messages a second of late, None while not measured.
    """

    name: str
    age_s: float | None
    trusted: bool
    resyncs: int = 0
    skew_ms: float | None = None
    per_second: float | None = None


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long something takes.

    Attributes:
        name: ``event``, ``decide``, ``journal sync``, ``submit to ack``.
        p50_us, p99_us: microseconds; None before the first.
        count: how many were measured.
    """

    name: str
    p50_us: float | None
    p99_us: float | None
    count: int


class Happened(msgspec.Struct, frozen=True):
    """A line of the session's log.

    Attributes:
        at: ns UTC.
        text: one line, no secrets.
        grave: whether somebody should look.
    """

    at: int
    text: str
    grave: bool = False


class BackedUp(msgspec.Struct, frozen=True):
    """The newest backup of a session.

    Attributes:
        at: when it was made, ns UTC of the machine's clock.
        record: the last one in it.
    """

    at: int
    record: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A session at one instant.

    Attributes:
        session: name of the session.
        version: of kedge.
        venue: where it trades.
        real: whether orders reach a real exchange.
        at: the engine's time.
        started: engine's time of the first start, 0 where it is not known.
        speed: seconds of the engine in a second of ours; 1 is real time.
        row: rows decided so far.
        mode: name of `kedge.domain.control.Mode`.
        killed: halted until somebody resumes it.
        why: why it is in that mode, and which breakers forbid new risk in it; one line.
        currency: reporting currency of every amount.
        equity, cash, gross: amounts.
        profit: equity since the first start less its capital.
        profit_session: equity since the trading session opened.
        drawdown: below the highest equity, share of it, 0 to 1.
        positions, orders, decisions, limits, feeds, latencies: see their types.
        banned_until: until when the venue refuses every request, since there were too many of
            them; ns UTC, 0 while it does not.
        backup: the newest, None where there is none.
        counters: counts by name: ``rows``, ``orders``, ``fills``, ``refusals``.
        events: the last lines of the log, oldest first; before them the last grave ones.
    """

    session: str
    version: str
    venue: str
    at: int
    mode: str
    equity: float
    cash: float
    gross: float
    currency: str
    real: bool = False
    started: int = 0
    speed: float = 1.0
    row: int = 0
    killed: bool = False
    why: str = ""
    profit: float = 0.0
    profit_session: float = 0.0
    drawdown: float = 0.0
    positions: tuple[Position, ...] = ()
    orders: tuple[WorkingOrder, ...] = ()
    decisions: tuple[LastDecision, ...] = ()
    limits: tuple[LimitUse, ...] = ()
    feeds: tuple[FeedHealth, ...] = ()
    latencies: tuple[Latency, ...] = ()
    banned_until: int = 0
    backup: BackedUp | None = None
    counters: dict[str, int] = {}
    events: tuple[Happened, ...] = ()


def last_decision(
    symbol: str,
    target: float,
    position: float,
    reason: Reason,
    edge_bps: float | None = None,
    confidence: float | None = None,
) -> LastDecision:
    """A decision with its reason in words.

    Args:
        symbol: of the instrument.
        target: units, signed.
        position: units, signed.
        reason: code that bound.
        edge_bps: of the blend, None without a view.
        confidence: of the blend, None without a view.
    """
    return LastDecision(
        symbol=symbol,
        edge_bps=edge_bps,
        confidence=confidence,
        target=target,
        position=position,
        reason=reason.name,
        meaning=MEANING[reason],
    )


def limit_use(name: str, used: float, limit: float) -> LimitUse:
    """A limit with the share of it that is used; a limit of zero is full once anything is.

    Args:
        name: as in the settings.
        used: not negative, in the limit's own unit.
        limit: not negative, in its own unit.
    """
    share = used / limit if limit > 0.0 else float(used > 0.0)
    return LimitUse(name=name, used=used, limit=limit, share=share)
