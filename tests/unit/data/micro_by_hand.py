"""A row's inputs computed from the list of its events, the slow and plain way.

Events are ``("trade", at, ticks, lots, aggressor)``, ``("quote", at, bid, bid_lots, ask,
ask_lots)``, ``("book", at, bid_ticks, bid_lots, ask_ticks, ask_lots)`` and ``("lose", at)``.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from kedge.domain.market import BookDelta, MarketEvent, Trade

Event = tuple
Quote = tuple[int, int, int, int] | None


def events_of(heard: Iterable[MarketEvent], key: int = 0) -> list[Event]:
    """What a market said of one key; its book is two dictionaries, believed once it came whole."""
    found, sides = [], None
    for each in (e for e in heard if e.key == key):
        at = each.available_time
        if isinstance(each, Trade):
            found.append(("trade", at, each.ticks, each.lots, each.aggressor))
        elif isinstance(each, BookDelta) and (each.snapshot or sides is not None):
            sides = ({}, {}) if each.snapshot or sides is None else sides
            for side, ticks, lots in each.levels.tolist():
                sides[side].pop(ticks, None)
                if lots:
                    sides[side][ticks] = lots
            found.append(("book", at, *columns(sides[0], True), *columns(sides[1], False)))
    return found


def columns(levels: dict[int, int], falling: bool) -> tuple[list[int], list[int]]:
    """Ticks and lots, best first."""
    ticks = sorted(levels, reverse=falling)
    return ticks, [levels[each] for each in ticks]


def best_of(event: Event, standing: Quote) -> Quote:
    """Bid, bid lots, ask, ask lots once the event has happened."""
    match event:
        case ("quote", _, *best):
            given = tuple(best)
        case ("book", _, bids, bid_lots, asks, ask_lots):
            if not len(bids) or not len(asks):
                return None
            given = (int(bids[0]), int(bid_lots[0]), int(asks[0]), int(ask_lots[0]))
        case ("lose", _):
            return None
        case _:
            return standing
    return given if min(given) > 0 and given[0] <= given[2] else None


def depth_of(event: Event, standing: tuple[int, int] | None) -> tuple[int, int] | None:
    """Size on the best ten levels of both sides once the event has happened."""
    match event:
        case ("book", _, _, bid_lots, _, ask_lots):
            return int(sum(bid_lots[:10])), int(sum(ask_lots[:10]))
        case ("lose", _):
            return None
    return standing


def mid_of(quote: Quote) -> float | None:
    return None if quote is None else (quote[0] + quote[2]) / 2


def mean_over(spans: Iterable[tuple[int, float | None]], last: float | None) -> float:
    """Mean by time of what is known; the last value where no time passed."""
    known = [(span, value) for span, value in spans if value is not None and span > 0]
    if not known:
        return np.nan if last is None else last
    return sum(s * v for s, v in known) / sum(s for s, _ in known)


def added(old: Quote, new: Quote) -> float:
    """Order flow of a change of the best prices."""
    if old is None or new is None:
        return 0.0
    bids = new[1] if new[0] > old[0] else -old[1] if new[0] < old[0] else new[1] - old[1]
    asks = new[3] if new[2] < old[2] else -old[3] if new[2] > old[2] else new[3] - old[3]
    return float(bids - asks)


def side_of(trade: Event, quote: Quote) -> int:
    _, _, ticks, _, aggressor = trade
    if aggressor or quote is None:
        return aggressor
    return int(np.sign(ticks - mid_of(quote)))


def rows_by_hand(opened: int, events: list[Event], closes: list[int]) -> list[dict[str, float]]:
    """Inputs by name of every row; an event at a close belongs to the row that closes."""
    rows, quote, depth, past = [], None, None, []
    begin = opened
    for close in closes:
        inside = [e for e in events if begin < e[1] <= close or (begin == opened == e[1])]
        row, quote, depth = one_row(begin, close, inside, quote, depth)
        past += inside
        rows.append(with_gaps(row, past))
        begin = close
    return rows


def one_row(begin, close, events, quote, depth):
    quotes, depths, edges = [quote], [depth], [begin]
    for event in events:
        edges.append(event[1])
        quotes.append(best_of(event, quotes[-1]))
        depths.append(depth_of(event, depths[-1]))
    spans = np.diff([*edges, close])
    row = {"seconds": (close - begin) / 1e9}
    row |= best_inputs(spans, quotes)
    row |= depth_inputs(spans, depths, events)
    row |= trade_inputs(events, quotes)
    row |= impact_inputs(events, quotes)
    return row, quotes[-1], depths[-1]


def best_inputs(spans, quotes):
    last = quotes[-1]
    bid, bid_size, ask, ask_size = last or (np.nan,) * 4
    spread = [None if q is None else q[2] - q[0] for q in quotes]
    queue = [None if q is None else (q[1] - q[3]) / (q[1] + q[3]) for q in quotes]
    known = [mid_of(q) for q in quotes if q is not None]
    changes = [(a, b) for a, b in pairwise(quotes) if a is not None and b is not None]
    return {
        "bid": bid,
        "ask": ask,
        "bid_size": bid_size,
        "ask_size": ask_size,
        "open_mid": known[0] if known else np.nan,
        "mean_spread": mean_over(zip(spans, spread, strict=True), spread[-1]),
        "mean_imbalance": mean_over(zip(spans, queue, strict=True), queue[-1]),
        "book_updates": sum(a != b for a, b in changes),
        "order_flow": sum(added(a, b) for a, b in changes),
    }


def depth_inputs(spans, depths, events):
    last = depths[-1]
    out = {"bid_depth": np.nan, "ask_depth": np.nan, "depth_fallen": np.nan}
    out["depth_regained"] = np.nan
    for side, name in enumerate(("mean_bid_depth", "mean_ask_depth")):
        series = [None if d is None else float(d[side]) for d in depths]
        out[name] = mean_over(zip(spans, series, strict=True), series[-1])
    if last is None:
        return out
    out["bid_depth"], out["ask_depth"] = last
    trades = [i for i, e in enumerate(events) if e[0] == "trade" and depths[i] is not None]
    since = [sum(d) for d in depths[trades[0] :] if d is not None] if trades else [sum(last)]
    out["depth_fallen"], out["depth_regained"] = since[0] - min(since), sum(last) - min(since)
    return out


def trade_inputs(events, quotes):
    found = [(side_of(e, quotes[i]), e[3]) for i, e in enumerate(events) if e[0] == "trade"]
    return {
        "trades": len(found),
        "traded": sum(lots for _, lots in found),
        "bought": sum(lots for side, lots in found if side > 0),
        "sold": sum(lots for side, lots in found if side < 0),
    }


def batches(events, quotes):
    """Signed size of each batch, and the mids before it and after it."""
    runs, done = [], True
    for i, event in enumerate(events):
        if event[0] == "lose":
            runs = [r for r in runs if r["after"] is not None]
        if event[0] != "trade":
            done = True
            continue
        side, mid = side_of(event, quotes[i]), mid_of(quotes[i])
        if side == 0 or mid is None:
            continue
        pending = bool(runs) and runs[-1]["after"] is None
        if pending and done:
            runs[-1]["after"] = mid
        if not pending or done:
            runs.append({"q": 0, "before": mid, "after": None})
        runs[-1]["q"] += side * event[3]
        done = False
    for run in runs:
        if run["after"] is None:
            run["after"] = mid_of(quotes[-1])
    return [(r["q"], r["after"] - r["before"]) for r in runs if r["after"] is not None]


def impact_inputs(events, quotes):
    q, y = np.array(batches(events, quotes), dtype=float).reshape(-1, 2).T
    root = np.sign(q) * np.sqrt(np.abs(q))
    return {
        "impact_count": len(q),
        "impact_flow": q.sum(),
        "impact_move": y.sum(),
        "impact_flow_flow": (q * q).sum(),
        "impact_flow_move": (q * y).sum(),
        "impact_size": np.abs(q).sum(),
        "impact_root": root.sum(),
        "impact_root_move": (root * y).sum(),
    }


def with_gaps(row, past):
    """What was never heard of is missing: trades before the first, changes before a quote."""
    if not any(e[0] == "trade" for e in past):
        told = ("trade", "bought", "sold", "depth_", "impact_")
        row = {k: np.nan if k.startswith(told) else v for k, v in row.items()}
    if not any(best_of(e, None) for e in past):
        row["book_updates"] = row["order_flow"] = np.nan
    return row
