"""The wall clock, for what is stamped outside the engine: requests at the control socket."""

from time import CLOCK_REALTIME, clock_gettime_ns


def wall_ns() -> int:
    """Now, ns UTC, as this machine has it."""
    return clock_gettime_ns(CLOCK_REALTIME)
