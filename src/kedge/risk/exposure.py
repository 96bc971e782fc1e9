"""Sums over the book that its limits are about: variance and net beta by group."""

from typing import NamedTuple

from kedge.domain import state as o
from kedge.domain.compiled import inlined
from kedge.domain.state import State


@inlined
def variance(fixed: bool, s: State) -> tuple[float, float, float]:
    """F'SF, F'ST and T'ST of the weights in ``F[F_W]``, session returns.

    Whole rows of the covariance are added up, so that every sum keeps its order
    and the compiler may still use vector instructions without changing a bit.
    """
    n_instruments = s.F.shape[0]
    if n_instruments == 1 and not fixed:
        return 0.0, 0.0, s.F[0, o.F_W] * s.F[0, o.F_W] * s.cov[0, 0]
    y, z = 3 * n_instruments, 3 * n_instruments + 1
    for j in range(n_instruments):
        s.cov[y, j] = 0.0
        s.cov[z, j] = 0.0
    for i in range(n_instruments):
        w = s.F[i, o.F_W]
        if w == 0.0:
            continue
        if s.I[i, o.I_FREE] == 1:
            for j in range(n_instruments):
                s.cov[y, j] += w * s.cov[i, j]
        else:
            for j in range(n_instruments):
                s.cov[z, j] += w * s.cov[i, j]
    a = b = c = 0.0
    for i in range(n_instruments):
        w = s.F[i, o.F_W]
        if w == 0.0:
            continue
        if s.I[i, o.I_FREE] == 1:
            c += w * s.cov[y, i]
            b += w * s.cov[z, i]
        else:
            a += w * s.cov[z, i]
    return a, b, c


@inlined
def group_exposure(s: State) -> float:
    """Net beta exposure by group into scratch rows; returns the largest size."""
    n_instruments = s.F.shape[0]
    for n in range(n_instruments):
        s.F[n, o.F_GROUP] = 0.0
        s.F[n, o.F_GROUP_FREE] = 0.0
    for n in range(n_instruments):
        exposure = s.F[n, o.F_BETA] * s.F[n, o.F_W]
        if s.I[n, o.I_FREE] == 1:
            s.F[s.I[n, o.I_GROUP], o.F_GROUP_FREE] += exposure
        else:
            s.F[s.I[n, o.I_GROUP], o.F_GROUP] += exposure
    largest = 0.0
    for n in range(n_instruments):
        largest = max(largest, abs(s.F[n, o.F_GROUP] + s.F[n, o.F_GROUP_FREE]))
    return largest


class Sums(NamedTuple):
    """Sums over the target weights, fractions of equity; a fixed one cannot be scaled.

    Attributes:
        risk_fixed, risk_free: weight x stop distance.
        gross_fixed, gross_free: size of the weights.
        beta: size of beta x weight.
    """

    risk_fixed: float
    risk_free: float
    gross_fixed: float
    gross_free: float
    beta: float


NOTHING = Sums(0.0, 0.0, 0.0, 0.0, 0.0)


@inlined
def weigh(n: int, sums: Sums, s: State) -> Sums:
    """Add instrument ``n``."""
    size = abs(s.F[n, o.F_W])
    risk, beta = size * s.F[n, o.F_DIST], sums.beta + abs(s.F[n, o.F_BETA]) * size
    if s.I[n, o.I_FREE] == 1:
        free, gross = sums.risk_free + risk, sums.gross_free + size
        return Sums(sums.risk_fixed, free, sums.gross_fixed, gross, beta)
    fixed, gross = sums.risk_fixed + risk, sums.gross_fixed + size
    return Sums(fixed, sums.risk_free, gross, sums.gross_free, beta)


@inlined
def sums_of(s: State) -> Sums:
    """The sums over every instrument."""
    sums = NOTHING
    for n in range(s.F.shape[0]):
        sums = weigh(n, sums, s)
    return sums
