"""From forecasts to this row's orders, for the whole universe (sections 5 to 12)."""

from kedge.domain import state as o
from kedge.domain.compiled import inlined
from kedge.domain.panel import LEFT
from kedge.domain.reason import Reason
from kedge.domain.state import Out, Params, Rows, State
from kedge.engine.aim import aim, hear
from kedge.engine.lots import keep_pace, reach, to_lots
from kedge.ensemble.blend import learn
from kedge.execution.intents import order
from kedge.risk.exposure import NOTHING, weigh
from kedge.risk.shape import shape_book
from kedge.risk.verify import exceeds, verify_alone, verify_book

_OPEN_RISK = int(Reason.OPEN_RISK)
_INFEASIBLE = int(Reason.INFEASIBLE)


@inlined
def decide(t: int, equity: int, elapsed: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """Sections 5 to 12 for the whole universe."""
    N = s.F.shape[0]
    money = float(max(equity, 1))
    inverse = 1.0 / money
    active = 0
    sums = NOTHING
    for n in range(N):
        ok, left = x.flags[t, n] & 3 == 3, x.flags[t, n] & LEFT != 0
        to_price = p.A[n, o.A_TICK] * x.adjust[t, n]
        live, k = hear(t, n, ok, elapsed, to_price, p, s, x, out)
        if aim(n, ok, left, live, k, inverse, to_price, p, s):
            active += 1
        if s.F[n, o.F_W] != 0.0:
            sums = weigh(n, sums, s)
    fixed = sums.gross_fixed > 0.0
    mask = shape_book(fixed, sums, p, s)
    sums, held_back = NOTHING, False
    for n in range(N):
        if to_lots(n, money, p, s):
            verify_alone(n, inverse, p, s)
            held_back |= reach(n, x.ts[t], inverse, p, s)
            sums = weigh(n, sums, s)
    if held_back and exceeds(fixed, p, s):
        sums = keep_pace(inverse, s)
    mask |= verify_book(fixed, x.ts[t], inverse, sums, p, s)
    if mask != 0:
        for r in range(_OPEN_RISK, _INFEASIBLE + 1):
            s.bound[r] += (mask >> r) & 1
    if active > 0:
        s.K[o.K_ACTIVE_CELLS] += active
        s.K[o.K_ACTIVE_ROWS] += 1
    for n in range(N):
        if s.I[n, o.I_Q] != s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]:
            order(n, p, s)
        out.reasons[t, n] = s.I[n, o.I_REASON]
    ended = 0
    for k in range(p.Q[o.Q_STRATEGIES]):
        ended += out.ended[0, k]
    if ended > 0:
        learn(p, s, out)
