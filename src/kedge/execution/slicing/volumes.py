"""Learning when the volume of sessions is traded, of all instruments at once.

A session is cut into buckets of equal length from its opening, and what rows say of volume
is counted in them. With the first row of the next session each instrument's shares go into the
exponentially weighted mean of those of the sessions before: a quiet session counts as much as
a busy one. Only a session that was watched as a whole does: not a half-day, not one in whose
midst watching began or was interrupted for long, not a day of which a single row tells; and of
one instrument no session in which its own book was lost for long.
"""

from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from kedge.domain.panel import F64
from kedge.execution.slicing.profile import BUCKETS, DAY_NS, Profile

Flags = npt.NDArray[np.bool_]
DECAY: Final = 0.9
"""Weight of the past when a session is learned."""
ROWS: Final = 2
"""Rows of a bucket at least: an exchange's last row is never seen, for nothing is decided at its
close, and must not leave a bucket unwatched."""
WATCHED: Final = 0.5
"""Of every bucket, for a session to be whole; what was missed is taken for like the rest of it."""


class SessionClock(Protocol):
    """When sessions open; `kedge.data.hours.Hours` knows."""

    def opened(self, at: int) -> int:
        """When the session opened that a row's end belongs to, ns UTC."""

    def usual_length(self, at: int) -> int:
        """Length of a session in the weeks before, ns; a half-day is not usual."""


class VolumesState(msgspec.Struct, frozen=True, array_like=True):
    """`Volumes` between two rows.

    Attributes:
        opened: when the session being counted opened, ns UTC.
        length_ns: of a usual session.
        cells: the arrays.
    """

    opened: int
    length_ns: int
    cells: bytes


class Volumes:
    """What was learned of N instruments, in B buckets.

    Args:
        clock: when sessions open.
        instruments: N.
        row_ns: length of a row.
    """

    def __init__(self, clock: SessionClock, instruments: int, row_ns: int) -> None:
        self.clock, self._n, self._row = clock, instruments, row_ns
        self._opened = -1
        self._cut(DAY_NS)

    def _cut(self, length_ns: int) -> None:
        """Begin anew with sessions of another length."""
        b, n = _buckets(length_ns, self._row), self._n
        self._length = length_ns
        self._shares = np.full((b, n), 1.0 / b)
        self._sessions = np.zeros(n)
        self._traded = np.zeros((b, n))
        self._watched = np.zeros((b, n))

    def add(self, at: int, volume: F64, watched: Flags | None = None) -> None:
        """Count a closed row.

        Args:
            at: its end, ns UTC.
            volume: (N,) in any unit that stays the same within a session; above zero, anything
                else is none.
            watched: (N,) whether no volume means that nothing was traded; None: everywhere.
        """
        opened = self.clock.opened(at)
        if opened != self._opened:
            self._begin(opened, self.clock.usual_length(at))
        end = at - opened
        seen = np.ones(self._n, np.bool_) if watched is None else watched
        self._count(max(0, end - self._row), end, volume, seen)

    def _begin(self, opened: int, length_ns: int) -> None:
        """What was counted is learned, and the next session counted from nothing."""
        self._learn()
        self._opened = opened
        if length_ns != self._length:
            self._cut(length_ns)
        self._traded[:], self._watched[:] = 0.0, 0.0

    def _count(self, start: int, end: int, volume: F64, watched: Flags) -> None:
        """Volume from ``start`` to ``end``, ns since the opening, spread evenly between them."""
        buckets = len(self._watched)
        first, last = start * buckets / self._length, end * buckets / self._length
        known = np.where((volume > 0.0) & np.isfinite(volume), volume, 0.0)
        for bucket in range(int(first), min(buckets, int(last) + 1)):
            part = min(last, bucket + 1.0) - max(first, float(bucket))
            self._watched[bucket] += part * (watched | (known > 0.0))
            self._traded[bucket] += known * (part / (last - first))

    def _learn(self) -> None:
        whole = self._watched.min(axis=0) >= WATCHED
        if not whole.any():
            return
        traded = self._traded / np.where(whole, self._watched, 1.0)
        total = traded.sum(axis=0)
        known = whole & (total > 0.0) & np.isfinite(total)
        # The first session replaces the flat guess; then each weighs 1 - DECAY.
        past = np.where(self._sessions > 0.0, DECAY, 0.0)
        mean = past * self._shares + (1.0 - past) * traded / np.where(known, total, 1.0)
        self._shares = np.where(known, mean, self._shares)
        self._sessions += known

    def profile(self, n: int) -> Profile:
        """Of one instrument, from the sessions that are over."""
        shares = tuple(self._shares[:, n].tolist())
        return Profile(self._length, shares, int(self._sessions[n]))

    def state(self) -> VolumesState:
        """Everything that was counted and learned."""
        cells = b"".join(each.tobytes() for each in self._arrays())
        return VolumesState(self._opened, self._length, cells)

    def restore(self, state: VolumesState) -> None:
        """The inverse of `state`."""
        self._cut(state.length_ns)
        self._opened, at = state.opened, 0
        for each in self._arrays():
            each[...] = np.frombuffer(state.cells, each.dtype, each.size, at).reshape(each.shape)
            at += each.nbytes

    def _arrays(self) -> tuple[F64, ...]:
        return self._shares, self._sessions, self._traded, self._watched


def fits(state: VolumesState, instruments: int, row_ns: int) -> bool:
    """Whether a state can be of so many instruments and of rows so long."""
    if state.length_ns <= 0:
        return False
    b = _buckets(state.length_ns, row_ns)
    return len(state.cells) == 8 * (3 * b * instruments + instruments)


def _buckets(length_ns: int, row_ns: int) -> int:
    return max(1, min(BUCKETS, length_ns // (ROWS * row_ns)))
