"""Runs of the whole decision path that can be compared to the last bit."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from kedge.bootstrap import bind_strategies, decision_of
from kedge.domain.panel import Panel
from kedge.engine.pipeline import Decision, Memory, Pipeline, fresh, restore
from kedge.settings import Settings
from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, strategy
from kedge.strategies.binding import BoundStrategy, bind
from kedge.strategies.book_pressure import book_pressure


@strategy(needs=("close", "volatility(20)"), params={"scale": 0.2}, lookback=4)
def four_rows(window, params, out):
    """The move of the last three rows goes on: windows of several rows are carried over."""
    for i in range(window.shape[1]):
        first, last, volatility = window[0, i, 0], window[-1, i, 0], window[-1, i, 1]
        if first > 0.0 and volatility > 0.0:
            move = last / first - 1.0
            out[EDGE_BPS, i] = 1e4 * params[0] * move
            out[SIGMA_BPS, i] = 1e4 * volatility
            out[CONFIDENCE, i] = 0.5 + 0.4 * min(1.0, abs(move) / (2.0 * volatility))


@lru_cache
def _extra(interval_ns: int) -> BoundStrategy:
    return bind(four_rows.name, four_rows, {}, 0.1, interval_ns)


def decision_for(panel: Panel) -> Decision:
    """The default settings and their five strategies, and one that looks back four rows.

    And the one that reads order books, where the rows hold any.
    """
    strategies = [*bind_strategies(Settings(), panel.interval_ns), _extra(panel.interval_ns)]
    if panel.has_micro:
        strategies.append(bind(book_pressure.name, book_pressure, {}, 0.1, panel.interval_ns))
    return decision_of(Settings(), panel, strategies)


@dataclass(frozen=True)
class Market:
    """A recorded history, and the memory and row from which runs start."""

    panel: Panel
    decision: Decision
    first: int
    raw: bytes

    @classmethod
    def warmed(cls, panel: Panel, first: int) -> "Market":
        """A market whose first rows have been run already, so that limits let it trade."""
        decision = decision_for(panel)
        pipeline = Pipeline(decision, fresh(decision))
        if first:
            pipeline.run(panel, 0, first)
        return cls(panel, decision, first, pipeline.memory.to_bytes())


@dataclass
class Trace:
    """Everything a run leaves: records of every row, and the memory at its end."""

    records: dict[str, np.ndarray]
    memory: bytes

    def differences(self, other: "Trace") -> list[str]:
        """Names of what is not equal to the last bit."""
        names = [
            name
            for name, mine in self.records.items()
            if mine.shape != other.records[name].shape
            or mine.tobytes() != other.records[name].tobytes()
        ]
        return names + ([] if self.memory == other.memory else ["memory"])


class Recorder(Pipeline):
    """A pipeline that keeps what its strategies said as well."""

    def __init__(self, decision: Decision, memory: Memory) -> None:
        super().__init__(decision, memory, trace=True)
        self.said: list[np.ndarray] = []

    def forecast(self, panel: Panel, start: int, stop: int) -> np.ndarray:
        said = super().forecast(panel, start, stop)
        # Any NaN is the same nothing; all other values count with every bit.
        self.said.append(np.where(np.isnan(said), np.nan, said))
        return said

    def trace(self) -> Trace:
        """What was left so far."""
        kept = self.records
        records = {f.name: _joined(getattr(kept, f.name)) for f in fields(kept)}
        return Trace(records | {"forecasts": _joined(self.said)}, self.memory.to_bytes())


def whole(market: Market) -> Trace:
    """The whole history in one call."""
    return in_blocks(market, [market.panel.rows])


def row_by_row(market: Market) -> Trace:
    """As when trading: one call for each row."""
    return in_blocks(market, range(market.first + 1, market.panel.rows + 1))


def in_blocks(market: Market, cuts: Iterable[int]) -> Trace:
    """In blocks that end at the cuts; the last cut is the panel's end."""
    recorder = Recorder(market.decision, restore(market.raw, market.decision))
    start = market.first
    for stop in cuts:
        recorder.run(market.panel, start, stop)
        start = stop
    return recorder.trace()


def ahead(market: Market, size: int | None) -> Trace:
    """As a backtest: blocks of ``size`` rows, the next one forecast while the step works."""
    recorder = Recorder(market.decision, restore(market.raw, market.decision))
    recorder.history(market.panel.window(market.first, market.panel.rows), size)
    return recorder.trace()


def random_cuts(rng: np.random.Generator, market: Market, count: int) -> list[int]:
    """At most ``count`` random block ends, and the panel's own."""
    drawn = rng.integers(market.first + 1, market.panel.rows, count)
    return [*sorted(set(drawn.tolist())), market.panel.rows]


def restarted(market: Market, cuts: list[int]) -> Trace:
    """As `in_blocks`, but each block is run by a new pipeline from a snapshot's bytes.

    The decision is built anew as well, as a new process would.
    """
    raw, start = market.raw, market.first
    parts: list[Trace] = []
    for stop in cuts:
        decision = decision_for(market.panel)
        recorder = Recorder(decision, restore(raw, decision))
        recorder.run(market.panel, start, stop)
        parts.append(recorder.trace())
        raw, start = parts[-1].memory, stop
    records = {
        name: _joined([part.records[name] for part in parts if part.records[name].size])
        for name in parts[0].records
    }
    return Trace(records, raw)


def _joined(chunks: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(chunks) if chunks else np.zeros(0, np.int64)
