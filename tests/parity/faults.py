"""One-line faults for the step: each must be seen by the oracle."""

from typing import NamedTuple


class Fault(NamedTuple):
    """Replace ``old``, which occurs exactly once in ``file``, by ``new``."""

    name: str
    file: str
    old: str
    new: str


FAULTS = (
    Fault(
        "the stop of a long never follows the close",
        "engine/mark.py",
        "s.I[n, o.I_STOP] = max(s.I[n, o.I_STOP], close - s.I[n, o.I_STOP_DIST])",
        "s.I[n, o.I_STOP] = s.I[n, o.I_STOP]",
    ),
    Fault(
        "the daily loss is measured from the first session's opening",
        "engine/row_open.py",
        "    s.K[o.K_OPENING] = s.K[o.K_EQUITY]\n",
        "",
    ),
    Fault(
        "a dividend is paid by whoever should receive it",
        "engine/row_open.py",
        "amount = int(np.rint(lots * p.A[n, o.A_UNIT_AMOUNT] * rate))",
        "amount = -int(np.rint(lots * p.A[n, o.A_UNIT_AMOUNT] * rate))",
    ),
    Fault(
        "funding has the wrong sign",
        "engine/row_open.py",
        "post(_POSTING_FUNDING, currency, -int(",
        "post(_POSTING_FUNDING, currency, int(",
    ),
    Fault(
        "a split leaves the stop where it was",
        "engine/row_open.py",
        "for field in (o.I_LAST, o.I_STOP, o.I_STOP_DIST, o.I_ORDER_STOP):",
        "for field in (o.I_LAST, o.I_ORDER_STOP):",
    ),
    Fault(
        "a session of another exchange counts towards a delisting",
        "engine/row_open.py",
        "        if due == 0:\n",
        "        if False:\n",
    ),
    Fault(
        "buys fill before sells",
        "engine/row_fills.py",
        "for side in (-1, 1):",
        "for side in (1, -1):",
    ),
    Fault(
        "an order is cancelled where its exchange is closed",
        "engine/row_fills.py",
        "            if x.flags[t, n] & CLOSED != 0:\n",
        "            if False:\n",
    ),
    Fault(
        "an order that waits is lost in the one due after it",
        "engine/row_fills.py",
        "s.pend[after, n] = lots + later",
        "s.pend[after, n] = later if later != 0 else lots",
    ),
    Fault(
        "an order that waits takes up no open risk",
        "engine/aim.py",
        "    if current != 0:\n        ticks",
        "    if s.I[n, o.I_LOTS] != 0:\n        ticks",
    ),
    Fault(
        "participation takes the volume of the bar before",
        "engine/row_fills.py",
        "execute(n, want, base, x.volume[t, n],",
        "execute(n, want, base, x.volume[t - 1, n],",
    ),
    Fault(
        "a stop that is gapped through fills at the stop",
        "engine/row_fills.py",
        "base = min(start, stop) if lots > 0 else max(start, stop)",
        "base = stop",
    ),
    Fault(
        "a resting buy fills when its price is only touched",
        "engine/row_fills.py",
        "x.bars[t, n, LOW] < base if want > 0",
        "x.bars[t, n, LOW] <= base if want > 0",
    ),
    Fault(
        "cash does not limit a buy",
        "engine/row_fills.py",
        "    if lots <= most:\n",
        "    if lots <= most or lots > 0:\n",
    ),
    Fault(
        "a lock ends by itself",
        "engine/aim.py",
        "    if side != s.I[n, o.I_LOCK]:\n",
        "    if True:\n",
    ),
    Fault(
        "a lock stays once the forecast has crossed zero",
        "engine/aim.py",
        "    if side != s.I[n, o.I_LOCK]:\n",
        "    if False:\n",
    ),
    Fault(
        "the edge is not reduced by its costs",
        "engine/aim.py",
        "net = abs(edge) - share",
        "net = abs(edge)",
    ),
    Fault(
        "confidence is applied twice",
        "portfolio/sizing.py",
        "return weight * confidence",
        "return weight * confidence * confidence",
    ),
    Fault(
        "the blend ignores the prior",
        "ensemble/blend.py",
        "by_prior = s.G[o.G_SHRINK] / priors",
        "by_prior = 0.0",
    ),
    Fault(
        "a missing forecast does not decay",
        "ensemble/forecasts.py",
        "s.SF[n, b + o.SF_EDGE] *= 2.0 ** (-elapsed * p.SP[k, o.SP_DECAY])",
        "s.SF[n, b + o.SF_EDGE] *= 1.0",
    ),
    Fault(
        "an exit does not block its side",
        "ensemble/forecasts.py",
        "        blocked = position\n",
        "        blocked = 0\n",
    ),
    Fault(
        "covariance takes a missing return for zero",
        "risk/estimates.py",
        "x = s.F[j, o.F_RETURN]\n",
        "x = s.F[j, o.F_RETURN] if s.F[j, o.F_RETURN] == s.F[j, o.F_RETURN] else 0.0\n",
    ),
    Fault(
        "a session of another exchange parts the ones around it",
        "risk/estimates.py",
        "if s.I[n, o.I_DUE] == 1:",
        "if True:",
    ),
    Fault(
        "groups part where they join",
        "risk/estimates.py",
        "rho += p.P[o.P_JOIN] - p.P[o.P_PART]",
        "rho += 0.0",
    ),
    Fault(
        "the group limit ignores beta",
        "risk/exposure.py",
        "exposure = s.F[n, o.F_BETA] * s.F[n, o.F_W]",
        "exposure = s.F[n, o.F_W]",
    ),
    Fault(
        "what left the universe is bought again",
        "risk/instrument_limits.py",
        "    if size > held and left:\n",
        "    if False:\n",
    ),
    Fault(
        "the drawdown throttle is off",
        "risk/instrument_limits.py",
        "    if s.G[o.G_DRAWDOWN] > p.P[o.P_DD_START]:\n",
        "    if False:\n",
    ),
    Fault(
        "expected shortfall uses the factor of value at risk",
        "risk/shape.py",
        "es = p.P[o.P_ES] / p.P[o.P_ES_Y]",
        "es = p.P[o.P_ES] / p.P[o.P_VAR_Z]",
    ),
    Fault(
        "a target that keeps its lots is not verified",
        "risk/verify.py",
        "    if s.I[n, o.I_FREE] == 0 or s.I[n, o.I_Q] == 0:\n",
        "    still = s.I[n, o.I_Q] == s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]\n"
        "    if s.I[n, o.I_FREE] == 0 or s.I[n, o.I_Q] == 0 or still:\n",
    ),
    Fault(
        "drift of the book is not cured",
        "risk/verify.py",
        "return _cure(fixed, k, reason, ts, inverse, p, s) if exceeded else 0",
        "return 0",
    ),
    Fault(
        "a leg runs ahead of the one that is sliced",
        "engine/decide.py",
        "    if held_back and exceeds(fixed, p, s):\n",
        "    if False:\n",
    ),
    Fault(
        "the interval between orders is one row too long",
        "execution/intents.py",
        "if row - s.I[n, o.I_LAST_ORDER] < p.Q[o.Q_MIN_ROWS]:",
        "if row - s.I[n, o.I_LAST_ORDER] <= p.Q[o.Q_MIN_ROWS]:",
    ),
    Fault(
        "impact grows with the volume it hides in",
        "execution/bar_fill.py",
        "sqrt(share)",
        "sqrt(1.0 - share)",
    ),
    Fault(
        "a fee is paid twice",
        "ledger/booking.py",
        "b.K[o.K_ + b.J[n, o.J_CURRENCY]] -= notional + fee",
        "b.K[o.K_ + b.J[n, o.J_CURRENCY]] -= notional + 2 * fee",
    ),
    Fault(
        "a protective stop may widen",
        "ledger/booking.py",
        "stop = max(stop, old) if side > 0 else min(stop, old)",
        "stop = min(stop, old) if side > 0 else max(stop, old)",
    ),
    Fault(
        "a flip keeps the trade open",
        "ledger/booking.py",
        "        _close_trade(n, side, b)\n        _part(n, True, True,",
        "        _part(n, True, True,",
    ),
    Fault(
        "internal crosses pay fees",
        "execution/attribution.py",
        "part[k] = change if change * filled > 0 else 0",
        "part[k] = change",
    ),
)
