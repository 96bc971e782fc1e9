"""How long to wait before connecting again."""

import msgspec


class Backoff(msgspec.Struct, frozen=True):
    """Exponential back-off with full jitter: anything from nothing to the present ceiling.

    Full jitter spreads the clients that one outage has cut off together (M. Brooker,
    "Exponential Backoff And Jitter", 2015).

    Attributes:
        first_ns: ceiling of the first wait.
        most_ns: ceiling of any wait.
        stable_ns: a connection that lasted so long starts the count anew.
    """

    first_ns: int = 500_000_000
    most_ns: int = 60_000_000_000
    stable_ns: int = 60_000_000_000

    def wait(self, failures: int, uniform: float) -> int:
        """Ns to wait after so many failures in a row; ``uniform`` is drawn from [0, 1)."""
        ceiling = min(self.most_ns, self.first_ns << min(max(failures - 1, 0), 40))
        return int(uniform * ceiling)
