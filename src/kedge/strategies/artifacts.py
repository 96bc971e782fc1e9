"""Which source a strategy's forecasts came from, as a hash that a journal can name."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from kedge.strategies.binding import BoundStrategy


def artifacts(strategies: Sequence[BoundStrategy]) -> tuple[str, ...]:
    """SHA-256 of the file that each strategy's function stands in, in order."""
    files = [Path(bound.strategy.function.__code__.co_filename) for bound in strategies]
    return tuple(sha256(path.read_bytes()).hexdigest() for path in files)
