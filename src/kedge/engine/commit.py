"""Group commit: commands wait for their records, and are let out once those are durable.

Sans-I/O: the shell appends what was decided, pushes its commands, writes and syncs for
many at once, and draws what is due. A simulation drives the same object.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from kedge.domain.report import Unsent
from kedge.risk.approved import Approved

KILLED: Final = "the session was killed before it was sent"


class CommandPump:
    """Commands in the order of their records; the only way out is `due`.

    Args:
        killed: the kill latch, asked for each order at the moment it is drawn: one
            that adds risk is held back then, and never sent.
    """

    __slots__ = ("_held", "_killed", "_last")

    def __init__(self, killed: Callable[[], bool]) -> None:
        self._killed = killed
        self._held: deque[tuple[int, object]] = deque()
        self._last = 0

    def __len__(self) -> int:
        """Commands that are still held."""
        return len(self._held)

    def push(self, seq: int, command: object) -> None:
        """Hold a command until record ``seq``, which says that it is sent, is durable.

        Raises:
            ValueError: a later record's command is held already, or there is no such record.
        """
        if seq < max(self._last, 1):
            raise ValueError(f"a command of record {seq} after one of record {self._last}")
        self._last = seq
        self._held.append((seq, command))

    def due(self, durable: int, at: int) -> Iterator[object]:
        """Let out what may be sent, one by one: send each before drawing the next.

        A command is gone from here once it is drawn, so nothing is let out twice; what is
        not drawn stays. Once the latch is set, orders come out as `Unsent` unless they are
        verified reductions or protective stops; cancels and questions pass.

        Args:
            durable: the journal's `durable`.
            at: ns UTC, for `Unsent`.
        """
        held = self._held
        while held and held[0][0] <= durable:
            command = held.popleft()[1]
            if isinstance(command, Approved) and not command.reduces and self._killed():
                order = command.order
                yield Unsent(key=order.key, order=order.id, at=at, received=at, why=KILLED)
            else:
                yield command
