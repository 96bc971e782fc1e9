"""Which source a strategy's forecasts came from, as a hash that a journal can name."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from kedge.strategies.binding import BoundStrategy


def source_of(bound: BoundStrategy) -> Path:
    """The file that a strategy's function stands in."""
    return Path(bound.strategy.function.__code__.co_filename)


def artifacts(strategies: Sequence[BoundStrategy]) -> tuple[str, ...]:
    """SHA-256 of the file of each strategy, in order."""
    return tuple(sha256(source_of(bound).read_bytes()).hexdigest() for bound in strategies)
