"""The blended forecast of a row that was just decided, by the functions that decided it."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.compiled import entry
from kedge.domain.panel import F64
from kedge.domain.state import Params, State
from kedge.ensemble.blend import alone, blend


def blended(params: Params, before: F64, after: State, usable: np.ndarray) -> tuple[F64, F64]:
    """Edge and confidence of the instruments that a row decided, NaN without a live forecast.

    Args:
        params: of the step.
        before: the book's figures ``G`` before the row: track records learn at its end.
        after: the state after the row; not written to.
        usable: (N,) instruments that the row could decide.

    Returns:
        Edge at the common horizon in basis points and confidence, one per usable instrument.
    """
    said = np.full((2, len(usable)), np.nan)
    # the blend leaves weights behind; the replay goes on from a state that stays as it is
    _blend_all(params, after._replace(SF=after.SF.copy(), G=before), said)
    return said[0, usable], said[1, usable]


@entry
def _blend_all(p: Params, s: State, said: F64) -> None:
    for n in range(s.F.shape[0]):
        live, last = 0, 0
        for k in range(p.Q[o.Q_STRATEGIES]):
            b = k * o.SF_
            if s.SF[n, b + o.SF_AGE] >= 0.0:
                # an order has put the strategies' shares where their edges stood
                free = s.SI[n, k * o.SI_ + o.SI_BLOCKED] == 0
                edge = s.SF[n, b + o.SF_EDGE] if free else 0.0
                s.SF[n, b + o.SF_E] = edge * p.SP[k, o.SP_FACTOR]
                live += 1
                last = k
        if live == 1:
            edge, _, confidence, _, _ = alone(n, last, p, s)
            said[0, n], said[1, n] = edge, confidence
        elif live > 1:
            edge, _, confidence, _, _ = blend(n, p, s)
            said[0, n], said[1, n] = edge, confidence
