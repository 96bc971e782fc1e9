"""Value at risk and expected shortfall of historical scenarios."""

from kedge.domain import state as o
from kedge.domain.compiled import compiled
from kedge.domain.state import Params, State


@compiled
def historical_tail(p: Params, s: State) -> tuple[float, float]:
    """Historical VaR and ES of the weights in ``F[F_W]`` over the kept scenarios.

    Returns:
        With m scenarios, the ``floor(tail * m) + 1``-th largest loss and the mean
        of as many largest losses.
    """
    n_instruments = s.scen.shape[0] - 2
    m = min(s.K[o.K_SCENARIOS], o.SCENARIOS)
    loss, worst = n_instruments, n_instruments + 1
    for j in range(m):
        s.scen[loss, j] = 0.0
    for i in range(n_instruments):
        w = s.F[i, o.F_W]
        if w != 0.0:
            for j in range(m):
                s.scen[loss, j] -= w * s.scen[i, j]
    keep = int(p.P[o.P_TAIL] * m) + 1
    filled = 0
    for j in range(m):
        x = s.scen[loss, j]
        if filled == keep and x <= s.scen[worst, keep - 1]:
            continue
        at = min(filled, keep - 1)
        while at > 0 and s.scen[worst, at - 1] < x:
            s.scen[worst, at] = s.scen[worst, at - 1]
            at -= 1
        s.scen[worst, at] = x
        filled = min(filled + 1, keep)
    total = 0.0
    for j in range(keep):
        total += s.scen[worst, j]
    return s.scen[worst, keep - 1], total / keep
