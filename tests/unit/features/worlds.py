"""Random bars, and every registered feature as a small example expression."""

from itertools import pairwise

import numpy as np

from kedge.domain import micro as m
from kedge.features.block import DAY_NS, BarBlock
from kedge.features.plan import FeaturePlan
from kedge.features.registry import FEATURES
from kedge.features.spec import Feature, Param

MINUTES_5 = 300_000_000_000
START = 1_699_920_000_000_000_000  # 2023-11-14 00:00 UTC
SYMBOLS = ("AAA", "BBB", "CCC")
PRICES = ("open", "high", "low", "close", "volume")
SERIES = (*PRICES, "micro")
CLOCK = ("ts", "session", "session_open", "session_length")


def bars(n: int, rows: int, seed: int, masked: float = 0.0) -> BarBlock:
    """Random walks, around the clock, with a share of masked cells."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (n, rows)), axis=1))
    open_ = close * np.exp(rng.normal(0, 0.003, (n, rows)))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.003, (n, rows))))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.003, (n, rows))))
    volume = rng.lognormal(5, 1, (n, rows))
    hidden = rng.random((n, rows)) < masked
    for series in (open_, high, low, close, volume):
        series[hidden] = np.nan
    ts = START + MINUTES_5 * np.arange(1, rows + 1)
    opens = (ts - 1) // DAY_NS * DAY_NS
    clock = (ts, opens // DAY_NS, opens, np.full(rows, DAY_NS))
    return BarBlock(open_, high, low, close, volume, *clock, books(close, seed))


def books(close: np.ndarray, seed: int) -> np.ndarray:
    """Inputs from trades and books around closes (N, B); they lack what the closes lack."""
    rng = np.random.default_rng((seed, 1))
    out = np.abs(rng.normal(5, 2, (m.COUNT, *close.shape))) + 0.1
    out[m.BID] = close * (1 - rng.uniform(1e-5, 1e-3, close.shape))
    out[m.ASK] = close * (1 + rng.uniform(1e-5, 1e-3, close.shape))
    out[m.OPEN_MID] = close * (1 + rng.normal(0, 1e-3, close.shape))
    out[m.MEAN_IMBALANCE] = rng.uniform(-1, 1, close.shape)
    out[m.ORDER_FLOW] = rng.normal(0, 9, close.shape)
    flow, moves = batches(close.shape, seed)
    root = np.sign(flow) * np.sqrt(np.abs(flow))
    out[m.IMPACT_COUNT] = flow.shape[-1]
    out[m.IMPACT_FLOW], out[m.IMPACT_MOVE] = flow.sum(-1), moves.sum(-1)
    out[m.IMPACT_FLOW_FLOW], out[m.IMPACT_SIZE] = (flow**2).sum(-1), np.abs(flow).sum(-1)
    out[m.IMPACT_FLOW_MOVE], out[m.IMPACT_ROOT] = (flow * moves).sum(-1), root.sum(-1)
    out[m.IMPACT_ROOT_MOVE] = (root * moves).sum(-1)
    out[:, np.isnan(close)] = np.nan
    return out


def batches(shape: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Signed sizes and moves of the mid of seven batches of trades a cell."""
    rng = np.random.default_rng((seed, 2))
    flow = rng.normal(0, 3, (*shape, 7))
    return flow, 0.004 * flow + rng.normal(0, 0.01, flow.shape)


def rows_of(block: BarBlock, pick: slice | np.ndarray) -> BarBlock:
    """Some rows of a block, copied."""
    *prices, book = (getattr(block, name)[..., pick].copy(order="C") for name in SERIES)
    return BarBlock(*prices, *(getattr(block, name)[pick].copy() for name in CLOCK), book)


def plan_of(*expressions: str, n: int = 3) -> FeaturePlan:
    return FeaturePlan.build(expressions, n, MINUTES_5, SYMBOLS[:n])


def run(plan: FeaturePlan, block: BarBlock, cuts: tuple[int, ...] = ()) -> np.ndarray:
    """Features (B, N, F), the block being given in pieces that end at the cuts."""
    state = plan.new_state()
    out = np.empty((block.rows, plan.instruments, len(plan.names)))
    edges = [0, *sorted({c for c in cuts if 0 < c < block.rows}), block.rows]
    for start, stop in pairwise(edges):
        plan.advance(state, rows_of(block, slice(start, stop)), out[start:stop])
    return out


def value(expression: str, block: BarBlock) -> np.ndarray:
    """One feature of the first instrument, (B,)."""
    plan = plan_of(expression, n=len(block.close))
    return run(plan, block)[:, 0, 0]


def examples(feature: Feature, shrink: int = 6) -> list[str]:
    """Expressions for every output of a feature, with windows a sixth of their defaults."""
    series = ["returns(1)", "market(returns(2))"][: len(feature.series)]
    shown = [] if all(s.default for s in feature.series) else series
    arguments = ", ".join(shown + [f"{_small(p, shrink):g}" for p in feature.params])
    tails = [""] if feature.outputs == ("value",) else [f".{o}" for o in feature.outputs]
    return [f"{feature.name}({arguments}){tail}" for tail in tails]


def _small(param: Param, shrink: int) -> float:
    if param.default is None:
        return {"low": -0.005, "high": 0.005}[param.name]
    if not param.integer:
        return param.default
    return max(param.low, -(-param.default // shrink))


ALL = tuple(FEATURES)
