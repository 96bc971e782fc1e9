"""The session's clock: of a market that waits for the machine, or of one that does not."""

from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Tells a session what time it is.

    Attributes:
        speed: seconds of the engine in one of ours.
    """

    speed: float

    def now(self) -> int:
        """Now, ns UTC; it never runs backward."""

    def until(self, at: int) -> float:
        """Seconds of ours until an instant; zero or below where it has passed."""

    def hold(self, at: int) -> None:
        """The machine has only come so far."""


class SessionClock:
    """Real time times a speed, which stands still while the machine cannot keep up.

    Args:
        at: ns UTC at which it begins.
        speed: seconds of the engine in one of ours, above zero.
        real: ns that only grow, such as ``time.monotonic_ns``.
    """

    def __init__(self, at: int, speed: float, real: Callable[[], int]) -> None:
        self.speed = speed
        self._real = real
        self._at, self._since = at, real()

    def now(self) -> int:
        """Now, ns UTC."""
        return self._at + int((self._real() - self._since) * self.speed)

    def until(self, at: int) -> float:
        """Seconds of ours until an instant; zero or below where it has passed."""
        return (at - self.now()) / self.speed * 1e-9

    def hold(self, at: int) -> None:
        """Go on from an instant: the machine has only come so far."""
        self._at, self._since = at, self._real()


class WallClock:
    """Time as it is.

    A market outside goes on while the machine is slow or asleep, so nothing holds this clock.
    Where the machine's is set back, it stands until that is there again.

    Args:
        real: ns UTC now, such as ``time.time_ns``.
    """

    def __init__(self, real: Callable[[], int]) -> None:
        self.speed = 1.0
        self._real, self._last = real, 0

    def now(self) -> int:
        """Now, ns UTC."""
        self._last = max(self._last, self._real())
        return self._last

    def until(self, at: int) -> float:
        """Seconds until an instant; zero or below where it has passed."""
        return (at - self.now()) * 1e-9

    def hold(self, at: int) -> None:
        """Nothing: who is late catches up, step by step."""
