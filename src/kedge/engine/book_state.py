"""The state of the decision step: a handful of arrays that copy and serialise."""

from dataclasses import dataclass, fields

import numpy as np

from kedge.domain import reason
from kedge.domain import state as o
from kedge.domain.panel import F64, I64
from kedge.engine.program import Program


@dataclass(frozen=True, slots=True)
class BookState:
    """Everything the step remembers between rows.

    The arrays are written in place by the step; `copy` is a snapshot from which
    a run continues with the same bits.
    """

    F: F64
    I: I64  # noqa: E741 - the step's name for it
    SF: F64
    SI: I64
    G: F64
    K: I64
    cov: F64
    scen: F64
    pend: I64
    bound: I64
    worst: F64

    def copy(self) -> "BookState":
        """An independent snapshot."""
        return BookState(*(getattr(self, f.name).copy() for f in fields(self)))

    def to_bytes(self) -> bytes:
        """All arrays in declaration order; shapes follow from the program."""
        return b"".join(getattr(self, f.name).tobytes() for f in fields(self))

    @classmethod
    def from_bytes(cls, raw: bytes, program: Program) -> "BookState":
        """The inverse of `to_bytes` for the same program."""
        template, arrays, at = new_state(program), [], 0
        for f in fields(cls):
            like = getattr(template, f.name)
            part = np.frombuffer(raw, like.dtype, like.size, at)
            arrays.append(part.reshape(like.shape).copy())
            at += like.nbytes
        return cls(*arrays)


def new_state(program: Program) -> BookState:
    """The state before the first row: capital in cash and nothing else."""
    N, S, C = program.instruments, program.strategies, len(program.currencies)
    F = np.zeros((o.F_, N))
    F[o.F_QUALITY] = F[o.F_VOL_FACTOR] = F[o.F_BETA] = 1.0
    F[o.F_COST] = program.A[o.A_COST0]
    I = np.zeros((o.I_BOOK + S, N), dtype=np.int64)  # noqa: E741
    I[o.I_GROUP] = np.arange(N)
    I[o.I_LAST_ORDER] = -(2**40)
    I[o.I_HOUR] = -1
    SF = np.zeros((S * o.SF_, N))
    for s in range(S):
        SF[s * o.SF_ + o.SF_AGE] = -1.0
    G = np.zeros(o.G_ + 2 * C + 2 * S)
    G[o.G_HIGH], G[o.G_SHRINK], G[o.G_] = float(program.capital), 1.0, 1.0
    G[o.G_ + C : o.G_ + C + 2 * S] = 1.0
    G[o.G_ + C + 2 * S :] = program.fx_scale
    K = np.zeros(o.K_ + C + 2 * S, dtype=np.int64)
    K[o.K_EQUITY] = K[o.K_OPENING] = K[o.K_] = program.capital
    K[o.K_BAN_DAY] = K[o.K_BAN_LOSSES] = K[o.K_HALT_ROW] = -1
    slots = int(program.Q[o.Q_LATENCY]) + 1
    return BookState(
        F=F,
        I=I,
        SF=SF,
        SI=np.zeros((S * o.SI_, N), dtype=np.int64),
        G=G,
        K=K,
        cov=np.zeros((3 * N, N)),
        scen=np.zeros((N + 2, o.SCENARIOS)),
        pend=np.zeros((3 * slots, N), dtype=np.int64),
        bound=np.zeros(reason.COUNT, dtype=np.int64),
        worst=np.zeros(reason.COUNT),
    )
