"""Made-up trades and books around a panel's bars, as a row's inputs hold them."""

from dataclasses import replace

import numpy as np

from kedge.domain import micro as m
from kedge.domain.panel import CLOSE, F64, FRESH, OPEN, TRADABLE, Panel

_BATCHES = 12


def with_books(panel: Panel, rng: np.random.Generator) -> Panel:
    """The panel with inputs from trades and books; cells that are masked have none.

    Best prices lie around the close, bought and sold lots share the bar's volume, and
    prices move with what is bought, so that every input is one that rows could have.
    """
    live = (panel.flags & (TRADABLE | FRESH)) == (TRADABLE | FRESH)
    out = np.zeros((*live.shape, m.COUNT))
    _best(out, panel, rng)
    _depth(out, rng)
    _trades(out, panel, rng)
    _impact(out, rng)
    out[~live] = np.nan
    return replace(panel, micro=out)


def _best(out: F64, panel: Panel, rng: np.random.Generator) -> None:
    shape = out.shape[:2]
    close = panel.bars[:, CLOSE].astype(np.float64)
    out[..., m.BID] = np.maximum(close - rng.integers(0, 3, shape), 1.0)
    out[..., m.ASK] = out[..., m.BID] + rng.integers(1, 4, shape)
    out[..., m.BID_SIZE] = rng.geometric(0.02, shape)
    out[..., m.ASK_SIZE] = rng.geometric(0.02, shape)
    out[..., m.OPEN_MID] = panel.bars[:, OPEN] + 0.5
    out[..., m.MEAN_SPREAD] = rng.uniform(1.0, 4.0, shape)
    both = out[..., m.BID_SIZE] + out[..., m.ASK_SIZE]
    closing = (out[..., m.BID_SIZE] - out[..., m.ASK_SIZE]) / both
    out[..., m.MEAN_IMBALANCE] = rng.uniform(0.0, 1.0, shape) * closing


def _depth(out: F64, rng: np.random.Generator) -> None:
    shape = out.shape[:2]
    for best, depth, mean in (
        (m.BID_SIZE, m.BID_DEPTH, m.MEAN_BID_DEPTH),
        (m.ASK_SIZE, m.ASK_DEPTH, m.MEAN_ASK_DEPTH),
    ):
        out[..., depth] = out[..., best] + rng.poisson(450, shape)
        out[..., mean] = out[..., depth] * rng.uniform(0.7, 1.3, shape)
    out[..., m.DEPTH_FALLEN] = rng.poisson(60, shape)
    out[..., m.DEPTH_REGAINED] = np.floor(out[..., m.DEPTH_FALLEN] * rng.uniform(0, 1.2, shape))
    out[..., m.BOOK_UPDATES] = rng.poisson(80, shape)


def _trades(out: F64, panel: Panel, rng: np.random.Generator) -> None:
    shape = out.shape[:2]
    lot = np.array([float(each.lot) for each in panel.instruments])
    out[..., m.TRADED] = np.floor(np.nan_to_num(panel.volume) / lot)
    out[..., m.BOUGHT] = np.floor(out[..., m.TRADED] * rng.uniform(0.2, 0.8, shape))
    out[..., m.SOLD] = out[..., m.TRADED] - out[..., m.BOUGHT]
    out[..., m.TRADES] = np.minimum(out[..., m.TRADED], rng.poisson(40, shape))
    out[..., m.SECONDS] = panel.interval_ns / 1e9


def _impact(out: F64, rng: np.random.Generator) -> None:
    flow = np.rint(rng.normal(0.0, 40.0, (*out.shape[:2], _BATCHES)))
    move = np.rint(0.05 * flow + rng.normal(0.0, 1.0, flow.shape)) / 2
    root = np.sign(flow) * np.sqrt(np.abs(flow))
    out[..., m.ORDER_FLOW] = flow.sum(axis=-1) + rng.integers(-50, 51, out.shape[:2])
    out[..., m.IMPACT_COUNT] = _BATCHES
    for place, value in (
        (m.IMPACT_FLOW, flow),
        (m.IMPACT_MOVE, move),
        (m.IMPACT_FLOW_FLOW, flow * flow),
        (m.IMPACT_FLOW_MOVE, flow * move),
        (m.IMPACT_SIZE, np.abs(flow)),
        (m.IMPACT_ROOT, root),
        (m.IMPACT_ROOT_MOVE, root * move),
    ):
        out[..., place] = value.sum(axis=-1)
