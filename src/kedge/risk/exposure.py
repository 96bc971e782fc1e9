"""Sums over the book that its limits are about: variance and net beta by group."""

from kedge.domain import state as o
from kedge.domain.compiled import inlined
from kedge.domain.state import State


@inlined
def variance(fixed: bool, s: State) -> tuple[float, float, float]:
    """F'SF, F'ST and T'ST of the weights in ``F[F_W]``, session returns.

    Whole rows of the covariance are added up, so that every sum keeps its order
    and the compiler may still use vector instructions without changing a bit.
    """
    n_instruments = s.F.shape[1]
    if n_instruments == 1 and not fixed:
        return 0.0, 0.0, s.F[o.F_W, 0] * s.F[o.F_W, 0] * s.cov[0, 0]
    for j in range(n_instruments):
        s.F[o.F_Y, j] = 0.0
        s.F[o.F_Z, j] = 0.0
    for i in range(n_instruments):
        w = s.F[o.F_W, i]
        if w == 0.0:
            continue
        if s.I[o.I_FREE, i] == 1:
            for j in range(n_instruments):
                s.F[o.F_Y, j] += w * s.cov[i, j]
        else:
            for j in range(n_instruments):
                s.F[o.F_Z, j] += w * s.cov[i, j]
    a = b = c = 0.0
    for i in range(n_instruments):
        w = s.F[o.F_W, i]
        if w == 0.0:
            continue
        if s.I[o.I_FREE, i] == 1:
            c += w * s.F[o.F_Y, i]
            b += w * s.F[o.F_Z, i]
        else:
            a += w * s.F[o.F_Z, i]
    return a, b, c


@inlined
def group_exposure(s: State) -> float:
    """Net beta exposure by group into scratch rows; returns the largest size."""
    n_instruments = s.F.shape[1]
    for n in range(n_instruments):
        s.F[o.F_GROUP, n] = 0.0
        s.F[o.F_GROUP_FREE, n] = 0.0
    for n in range(n_instruments):
        exposure = s.F[o.F_BETA, n] * s.F[o.F_W, n]
        if s.I[o.I_FREE, n] == 1:
            s.F[o.F_GROUP_FREE, s.I[o.I_GROUP, n]] += exposure
        else:
            s.F[o.F_GROUP, s.I[o.I_GROUP, n]] += exposure
    largest = 0.0
    for n in range(n_instruments):
        largest = max(largest, abs(s.F[o.F_GROUP, n] + s.F[o.F_GROUP_FREE, n]))
    return largest


@inlined
def sums(s: State) -> tuple[float, float, float, float, float]:
    """Fixed and free open risk, fixed and free gross, and the sum of |beta x weight|."""
    risk_fixed = risk_free = gross_fixed = gross_free = beta = 0.0
    for n in range(s.F.shape[1]):
        size = abs(s.F[o.F_W, n])
        beta += abs(s.F[o.F_BETA, n]) * size
        if s.I[o.I_FREE, n] == 1:
            gross_free += size
            risk_free += size * s.F[o.F_DIST, n]
        else:
            gross_fixed += size
            risk_fixed += size * s.F[o.F_DIST, n]
    return risk_fixed, risk_free, gross_fixed, gross_free, beta
