"""The session's clock: of a market that waits for the machine, or of one that does not."""

from collections.abc import Callable
from typing import Final, Protocol

MISSED_NS: Final = 2_000_000_000
"""Beyond this, what was known of a market outside is old."""


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

    def missed(self, at: int) -> bool:
        """Whether so much has passed since an instant that nothing known then holds any more."""


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

    def missed(self, at: int) -> bool:
        """Never: its market waits as well."""
        return False


class WallClock:
    """Time as it is.

    A market outside goes on while the machine is slow or asleep, so nothing holds this clock.
    Where the machine's is set back, this one runs on from where it was until that is there.

    Args:
        real: ns UTC now, such as ``time.time_ns``; may be set.
        steady: ns that only grow, such as ``time.monotonic_ns``.
    """

    def __init__(self, real: Callable[[], int], steady: Callable[[], int]) -> None:
        self.speed = 1.0
        self._real, self._steady = real, steady
        self._last, self._since = real(), steady()

    def now(self) -> int:
        """Now, ns UTC."""
        since, self._since = self._since, self._steady()
        told, last = self._real(), self._last
        self._last = told if told >= last else last + self._since - since
        return self._last

    def until(self, at: int) -> float:
        """Seconds until an instant; zero or below where it has passed."""
        return (at - self.now()) * 1e-9

    def hold(self, at: int) -> None:
        """Nothing: who is a little late catches up, and who is more has `missed` something."""

    def missed(self, at: int) -> bool:
        """Whether the machine slept, hung or had its clock set since an instant."""
        return self.now() - at > MISSED_NS
