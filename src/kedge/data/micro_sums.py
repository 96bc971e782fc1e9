"""The running sums behind `kedge.data.samplers_micro`, compiled.

One flat array per instrument: the row's inputs under construction, then what stands
in the book. Sums of whole numbers times whole nanoseconds are exact, so they do not
depend on how events are spread over the row.
"""

import math

import numpy as np

from kedge.domain import micro as m
from kedge.domain.compiled import entry, inlined
from kedge.domain.panel import F64, I64

(
    LAST,  # ns since the row opened, of the last event
    QUOTED,  # whether best bid and ask stand
    MID,
    IMBALANCE,
    QUOTED_NS,  # of the row, with a best bid and ask
    DEEP,  # whether depth stands
    DEEP_NS,  # of the row, with depth
    HAD_QUOTE,  # since the reset
    HAD_DEPTH,
    HAD_TRADE,
    SAW_DEPTH,  # depth is known before a trade of this row
    DEPTH_BEFORE,
    DEPTH_LEAST,
    BATCH,  # whether a batch is open
    BATCH_DONE,  # whether the book moved since its last trade
    BATCH_FLOW,
    BATCH_MID,
    STATE_,
) = range(m.COUNT, m.COUNT + 18)


@entry
def begin(s: F64) -> None:
    """Nothing is known."""
    for k in range(s.shape[0]):
        s[k] = 0.0
    s[m.OPEN_MID] = np.nan


@entry
def trade(s: F64, at: int, ticks: int, lots: int, aggressor: int) -> None:
    """Add a trade."""
    _pass_time(s, at)
    s[HAD_TRADE] = 1.0
    s[m.TRADES] += 1.0
    s[m.TRADED] += lots
    side = float(aggressor)
    if side == 0.0 and s[QUOTED] == 1.0:
        side = float(np.sign(ticks - s[MID]))
    if s[SAW_DEPTH] == 0.0 and s[DEEP] == 1.0:
        s[SAW_DEPTH] = 1.0
        s[DEPTH_BEFORE] = s[DEPTH_LEAST] = s[m.BID_DEPTH] + s[m.ASK_DEPTH]
    if side > 0.0:
        s[m.BOUGHT] += lots
    elif side < 0.0:
        s[m.SOLD] += lots
    if side != 0.0 and s[QUOTED] == 1.0:
        if s[BATCH_DONE] == 1.0:
            _end_batch(s)
        if s[BATCH] == 0.0:
            s[BATCH], s[BATCH_FLOW], s[BATCH_MID] = 1.0, 0.0, s[MID]
        s[BATCH_FLOW] += side * lots


@entry
def quote(s: F64, at: int, bid: int, bid_lots: int, ask: int, ask_lots: int) -> None:
    """Replace the best prices."""
    _pass_time(s, at)
    _best(s, bid, bid_lots, ask, ask_lots)


@entry
def book(s: F64, at: int, bids: I64, bid_lots: I64, asks: I64, ask_lots: I64) -> None:
    """Replace best prices and depth."""
    _pass_time(s, at)
    if len(bids) == 0 or len(asks) == 0:
        _best(s, 0, 0, 0, 0)
    else:
        _best(s, bids[0], bid_lots[0], asks[0], ask_lots[0])
    _depth(s, _total(bid_lots), _total(ask_lots))


@entry
def ranked(s: F64, at: int, ranks: I64, lots: I64, counts: I64) -> None:
    """Replace best prices and depth by levels as `kedge.data.books.levels` keeps them."""
    _pass_time(s, at)
    bids, asks = counts[0], counts[1]
    if bids == 0 or asks == 0:
        _best(s, 0, 0, 0, 0)
    else:
        _best(s, ranks[0, bids - 1], lots[0, bids - 1], -ranks[1, asks - 1], lots[1, asks - 1])
    _depth(s, _last(lots, 0, bids), _last(lots, 1, asks))


@entry
def lose(s: F64, at: int) -> None:
    """The book is unknown from here on."""
    _pass_time(s, at)
    s[QUOTED] = s[DEEP] = s[BATCH] = s[BATCH_DONE] = 0.0


@entry
def end(s: F64, at: int, row: F64) -> None:
    """Write the row, (K,), and begin the next one with the book that stands."""
    _pass_time(s, at)
    if s[QUOTED] == 1.0:
        _end_batch(s)
    for k in range(m.COUNT):
        row[k] = s[k]
    row[m.SECONDS] = s[LAST] / 1e9
    _write_best(s, row)
    _write_depth(s, row)
    if s[HAD_TRADE] == 0.0:
        for k in range(m.TRADES, m.COUNT):
            row[k] = np.nan
    for k in range(m.OPEN_MID, m.COUNT):
        s[k] = 0.0
    s[m.OPEN_MID] = s[MID] if s[QUOTED] == 1.0 else np.nan
    s[LAST] = s[QUOTED_NS] = s[DEEP_NS] = s[SAW_DEPTH] = 0.0
    s[BATCH] = s[BATCH_DONE] = 0.0


@inlined
def _pass_time(s: F64, at: int) -> None:
    """Weigh what stood until now by the time it stood."""
    span = at - s[LAST]
    if not span > 0.0:
        return
    s[LAST] = at
    if s[QUOTED] == 1.0:
        s[QUOTED_NS] += span
        s[m.MEAN_SPREAD] += span * (s[m.ASK] - s[m.BID])
        s[m.MEAN_IMBALANCE] += span * s[IMBALANCE]
    if s[DEEP] == 1.0:
        s[DEEP_NS] += span
        s[m.MEAN_BID_DEPTH] += span * s[m.BID_DEPTH]
        s[m.MEAN_ASK_DEPTH] += span * s[m.ASK_DEPTH]


@inlined
def _best(s: F64, bid: int, bid_lots: int, ask: int, ask_lots: int) -> None:
    s[BATCH_DONE] = s[BATCH]
    if not (0 < bid <= ask and bid_lots > 0 and ask_lots > 0):
        s[QUOTED] = 0.0
        return
    if s[QUOTED] == 1.0:
        _count_change(s, bid, bid_lots, ask, ask_lots)
    s[m.BID], s[m.BID_SIZE], s[m.ASK], s[m.ASK_SIZE] = bid, bid_lots, ask, ask_lots
    s[MID] = 0.5 * (s[m.BID] + s[m.ASK])
    s[IMBALANCE] = (s[m.BID_SIZE] - s[m.ASK_SIZE]) / (s[m.BID_SIZE] + s[m.ASK_SIZE])
    s[QUOTED] = s[HAD_QUOTE] = 1.0
    if math.isnan(s[m.OPEN_MID]):
        s[m.OPEN_MID] = s[MID]


@inlined
def _count_change(s: F64, bid: int, bid_lots: int, ask: int, ask_lots: int) -> None:
    """Order flow of one change, e of Cont, Kukanov and Stoikov 2014."""
    flow = 0.0
    if bid >= s[m.BID]:
        flow += bid_lots
    if bid <= s[m.BID]:
        flow -= s[m.BID_SIZE]
    if ask <= s[m.ASK]:
        flow -= ask_lots
    if ask >= s[m.ASK]:
        flow += s[m.ASK_SIZE]
    s[m.ORDER_FLOW] += flow
    same_bid = bid == s[m.BID] and bid_lots == s[m.BID_SIZE]
    if not (same_bid and ask == s[m.ASK] and ask_lots == s[m.ASK_SIZE]):
        s[m.BOOK_UPDATES] += 1.0


@inlined
def _end_batch(s: F64) -> None:
    """Count the open batch, with the mid's move since before it; needs a mid."""
    if s[BATCH] == 1.0:
        flow, move = s[BATCH_FLOW], s[MID] - s[BATCH_MID]
        root = math.copysign(math.sqrt(abs(flow)), flow)
        s[m.IMPACT_COUNT] += 1.0
        s[m.IMPACT_FLOW] += flow
        s[m.IMPACT_MOVE] += move
        s[m.IMPACT_FLOW_FLOW] += flow * flow
        s[m.IMPACT_FLOW_MOVE] += flow * move
        s[m.IMPACT_SIZE] += abs(flow)
        s[m.IMPACT_ROOT] += root
        s[m.IMPACT_ROOT_MOVE] += root * move
    s[BATCH] = s[BATCH_DONE] = 0.0


@inlined
def _depth(s: F64, bids: float, asks: float) -> None:
    s[m.BID_DEPTH], s[m.ASK_DEPTH] = bids, asks
    s[DEEP] = s[HAD_DEPTH] = 1.0
    if s[SAW_DEPTH] == 1.0:
        s[DEPTH_LEAST] = min(s[DEPTH_LEAST], bids + asks)


@inlined
def _last(lots: I64, side: int, count: int) -> float:
    """What rests on the best levels of a side whose best is the last."""
    total = 0.0
    for k in range(max(0, count - m.LEVELS), count):
        total += lots[side, k]
    return total


@inlined
def _total(lots: I64) -> float:
    """What rests on the best levels."""
    total = 0.0
    for k in range(min(len(lots), m.LEVELS)):
        total += lots[k]
    return total


@inlined
def _write_best(s: F64, row: F64) -> None:
    if s[QUOTED] == 0.0:
        row[m.BID] = row[m.ASK] = row[m.BID_SIZE] = row[m.ASK_SIZE] = np.nan
    if s[QUOTED_NS] > 0.0:
        row[m.MEAN_SPREAD] /= s[QUOTED_NS]
        row[m.MEAN_IMBALANCE] /= s[QUOTED_NS]
    else:
        row[m.MEAN_SPREAD] = s[m.ASK] - s[m.BID] if s[QUOTED] == 1.0 else np.nan
        row[m.MEAN_IMBALANCE] = s[IMBALANCE] if s[QUOTED] == 1.0 else np.nan
    if s[HAD_QUOTE] == 0.0:
        row[m.BOOK_UPDATES] = row[m.ORDER_FLOW] = np.nan


@inlined
def _write_depth(s: F64, row: F64) -> None:
    if s[DEEP] == 0.0:
        row[m.BID_DEPTH] = row[m.ASK_DEPTH] = np.nan
    if s[DEEP_NS] > 0.0:
        row[m.MEAN_BID_DEPTH] /= s[DEEP_NS]
        row[m.MEAN_ASK_DEPTH] /= s[DEEP_NS]
    else:
        row[m.MEAN_BID_DEPTH] = s[m.BID_DEPTH] if s[DEEP] == 1.0 else np.nan
        row[m.MEAN_ASK_DEPTH] = s[m.ASK_DEPTH] if s[DEEP] == 1.0 else np.nan
    if s[DEEP] == 0.0:
        row[m.DEPTH_FALLEN] = row[m.DEPTH_REGAINED] = np.nan
    elif s[SAW_DEPTH] == 1.0:
        row[m.DEPTH_FALLEN] = s[DEPTH_BEFORE] - s[DEPTH_LEAST]
        row[m.DEPTH_REGAINED] = s[m.BID_DEPTH] + s[m.ASK_DEPTH] - s[DEPTH_LEAST]
