"""How long things took of late."""

from collections import deque
from typing import Final

from kedge.domain.status import Latency

KEPT: Final = 512
"""Measurements that percentiles are made of."""


class Timings:
    """Durations by name, ns."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[int]] = {}
        self._counts: dict[str, int] = {}

    def note(self, name: str, ns: int) -> None:
        """One more."""
        self._kept.setdefault(name, deque(maxlen=KEPT)).append(ns)
        self._counts[name] = self._counts.get(name, 0) + 1

    def latencies(self) -> tuple[Latency, ...]:
        """Percentiles of each, in order of first appearance."""
        return tuple(self._latency(name) for name in self._kept)

    def _latency(self, name: str) -> Latency:
        kept = sorted(self._kept[name])
        return Latency(
            name=name,
            p50_us=kept[len(kept) // 2] / 1e3,
            p99_us=kept[min(len(kept) - 1, len(kept) * 99 // 100)] / 1e3,
            count=self._counts[name],
        )
