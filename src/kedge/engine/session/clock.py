"""The session's clock: real time times a speed, from the instant at which it goes on."""

from collections.abc import Callable


class SessionClock:
    """Engine time. It stands still while the machine cannot keep up, and never runs backward.

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
