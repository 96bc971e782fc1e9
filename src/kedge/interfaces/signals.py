"""Ctrl-C and SIGTERM: the first asks for a graceful end, the second ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Stop:
    """What a signal asked for.

    Attributes:
        asked: set by the first signal, and by `ask`.
        by: who asked, empty while nobody has.
    """

    def __init__(self) -> None:
        self.asked = Event()
        self.by = ""

    def ask(self, by: str) -> None:
        """Ask for a graceful end."""
        self.by = self.by or by
        self.asked.set()


@contextmanager
def graceful() -> Iterator[Stop]:
    """Turn the first signal into a request while the block runs.

    Raises:
        KeyboardInterrupt: inside the block, at the second signal.
    """
    stop = Stop()

    def hear(number: int, frame: FrameType | None) -> None:
        if stop.asked.is_set():
            raise KeyboardInterrupt
        stop.ask(NAMES.get(signal.Signals(number), "a signal"))

    before = {each: signal.signal(each, hear) for each in NAMES}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
