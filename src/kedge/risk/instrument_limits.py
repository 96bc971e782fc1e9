"""Limits that look at one instrument alone (section 8)."""

from kedge.domain import state as o
from kedge.domain.arithmetic import clip
from kedge.domain.compiled import inlined
from kedge.domain.reason import Reason
from kedge.domain.state import Params, State

_LEFT = int(Reason.LEFT)
_INPUT = int(Reason.INPUT)
_SHORT = int(Reason.SHORT)
_SPREAD = int(Reason.SPREAD)
_SLIPPAGE = int(Reason.SLIPPAGE)
_DRAWDOWN = int(Reason.DRAWDOWN)
_DAILY_LOSS = int(Reason.DAILY_LOSS)
_LOSSES = int(Reason.LOSSES)
_TRADE_RISK = int(Reason.TRADE_RISK)
_POSITION = int(Reason.POSITION)


@inlined
def bind(n: int, reason: int, s: State) -> None:
    """Record that a limit made the target of ``n`` smaller."""
    s.I[n, o.I_REASON] = reason
    s.I[n, o.I_HELD] = 0
    s.bound[reason] += 1


@inlined
def _blind(n: int, p: Params, s: State) -> bool:
    """Whether a risk input of ``n`` is missing or not yet warmed up."""
    return (
        s.I[n, o.I_OBS] < p.Q[o.Q_MIN_SESSIONS]
        or not s.F[n, o.F_SIGMA] > 0.0
        or not s.F[n, o.F_ADV] > 0.0
        or not s.G[o.G_ + p.J[n, o.J_CURRENCY]] > 0.0
    )


@inlined
def _throttled(size: float, held: float, p: Params, s: State) -> float:
    """Full size up to the drawdown's start, linear to no new risk at its stop."""
    span = p.P[o.P_DD_STOP] - p.P[o.P_DD_START]
    throttle = clip((p.P[o.P_DD_STOP] - s.G[o.G_DRAWDOWN]) / span, 0.0, 1.0)
    return max(throttle * size, min(size, held))


@inlined
def limit_instrument(
    n: int,
    left: bool,
    size: float,
    side: int,
    current: float,
    distance: float,
    p: Params,
    s: State,
) -> float:
    """Largest size of a free target under which its own limits hold.

    A clamp allows no more than the current weight on the same side and nothing
    on the other: no new risk, while every reduction passes.

    Args:
        n: instrument.
        left: whether it is no longer a member of the universe.
        size: wanted, fraction of equity, not negative.
        side: 1 long, -1 short.
        current: weight of position and pending orders, signed.
        distance: to the stop, fraction of the last price.
        p: parameters.
        s: state; a limit that binds is recorded.
    """
    if size == 0.0:
        return 0.0
    held = max(0.0, side * current)
    if size > held and left:
        size = held
        bind(n, _LEFT, s)
    if size > held and _blind(n, p, s):
        size = held
        bind(n, _INPUT, s)
    if side < 0 and p.J[n, o.J_SHORTABLE] == 0 and size > 0.0:
        size = 0.0
        bind(n, _SHORT, s)
    if size > held and p.A[n, o.A_SPREAD_BPS] > p.A[n, o.A_SPREAD_LIMIT]:
        size = held
        bind(n, _SPREAD, s)
    if size > held and 0.5 * s.F[n, o.F_COST] - p.A[n, o.A_TAKER_BPS] > p.A[n, o.A_SLIP_LIMIT]:
        size = held
        bind(n, _SLIPPAGE, s)
    if s.G[o.G_DRAWDOWN] > p.P[o.P_DD_START]:
        throttled = _throttled(size, held, p, s)
        if throttled < size:
            size = throttled
            bind(n, _DRAWDOWN, s)
    if size > held and s.K[o.K_BAN_DAY] >= s.K[o.K_ENDED]:
        size = held
        bind(n, _DAILY_LOSS, s)
    if size > held and s.K[o.K_BAN_LOSSES] >= s.K[o.K_ENDED]:
        size = held
        bind(n, _LOSSES, s)
    if size * distance > p.P[o.P_TRADE_RISK]:
        size = p.P[o.P_TRADE_RISK] / distance
        bind(n, _TRADE_RISK, s)
    if size > p.A[n, o.A_CAP]:
        size = p.A[n, o.A_CAP]
        bind(n, _POSITION, s)
    return size
