"""The step's state as a value: new, copied, and to bytes and back."""

import numpy as np

from kedge.domain import reason
from kedge.domain import state as o
from kedge.domain.state import State
from kedge.engine.program import Program


def new_state(program: Program) -> State:
    """The state before the first row: capital in cash and nothing else."""
    N, S, C = program.instruments, program.strategies, len(program.currencies)
    F = np.zeros((N, o.F_))
    F[:, [o.F_QUALITY, o.F_VOL_FACTOR, o.F_BETA]] = 1.0
    F[:, o.F_COST] = program.params.A[:, o.A_COST0]
    I = np.zeros((N, o.I_BOOK + S), dtype=np.int64)  # noqa: E741
    I[:, o.I_GROUP] = np.arange(N)
    I[:, o.I_LAST_ORDER] = -(2**40)
    I[:, o.I_HOUR] = -1
    SF = np.zeros((N, S * o.SF_))
    SF[:, o.SF_AGE :: o.SF_] = -1.0
    G = np.zeros(o.G_ + 2 * C + 2 * S)
    G[o.G_HIGH], G[o.G_SHRINK], G[o.G_] = float(program.capital), 1.0, 1.0
    G[o.G_ + C : o.G_ + C + 2 * S] = 1.0
    G[o.G_ + C + 2 * S :] = program.fx_scale
    K = np.zeros(o.K_ + C + 2 * S, dtype=np.int64)
    K[o.K_EQUITY] = K[o.K_OPENING] = K[o.K_] = program.capital
    K[o.K_BAN_DAY] = K[o.K_BAN_LOSSES] = K[o.K_HALT_ROW] = -1
    slots = int(program.params.Q[o.Q_LATENCY]) + 1
    return State(
        F=F,
        I=I,
        SF=SF,
        SI=np.zeros((N, S * o.SI_), dtype=np.int64),
        G=G,
        K=K,
        cov=np.zeros((3 * N + 2, N)),
        scen=np.zeros((N + 2, o.SCENARIOS)),
        pend=np.zeros((o.PEND_ * slots, N), dtype=np.int64),
        bound=np.zeros(reason.COUNT, dtype=np.int64),
        worst=np.zeros(reason.COUNT),
    )


def snapshot(state: State) -> State:
    """An independent copy, from which a run continues with the same bits."""
    return State._make(array.copy() for array in state)


def to_bytes(state: State) -> bytes:
    """All arrays in field order; their shapes follow from the program."""
    return b"".join(array.tobytes() for array in state)


def from_bytes(raw: bytes, program: Program) -> State:
    """The inverse of `to_bytes` for the same program."""
    arrays: list[np.ndarray] = []
    at = 0
    for like in new_state(program):
        part = np.frombuffer(raw, like.dtype, like.size, at)
        arrays.append(part.reshape(like.shape).copy())
        at += like.nbytes
    return State._make(arrays)
