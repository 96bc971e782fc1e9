"""What a row knows of the trades and the order book inside it, per instrument.

A row that is closed from live trades and books carries one float64 for each of
`INPUTS`, in this order; NaN is missing. Prices are in ticks and sizes in lots, as
everywhere in the domain: `Input.price` and `Input.size` say which powers of tick and
lot turn an input into quote currency and base units.

Means are weighted by the time for which a value stood. *Best* is the best bid and
ask, *depth* what rests on the best `LEVELS` levels of a side. A *batch* is a run of
trades with no change of the book between them, taken as one order; its move is the
change of the mid from before it to before the next batch, or to the row's close.
"""

from typing import Final

import msgspec

LEVELS: Final = 10
"""Levels of each side that count as depth."""


class Input(msgspec.Struct, frozen=True):
    """One column of a row's inputs.

    Attributes:
        name: as expressions write it.
        doc: one line for the reference page.
        price, size: powers of tick and of lot in its unit; ``size`` may be a half.
    """

    name: str
    doc: str
    price: int = 0
    size: float = 0.0


INPUTS: Final = (
    Input("bid", "best bid at the close of the row", price=1),
    Input("ask", "best ask at the close", price=1),
    Input("bid_size", "size at the best bid at the close", size=1),
    Input("ask_size", "size at the best ask at the close", size=1),
    Input("bid_depth", "depth of the bids at the close", size=1),
    Input("ask_depth", "depth of the asks at the close", size=1),
    Input("open_mid", "mid at the opening of the row, or the first one in it", price=1),
    Input("mean_spread", "mean of ask less bid", price=1),
    Input("mean_imbalance", "mean of (bid size - ask size) / (bid size + ask size)"),
    Input("mean_bid_depth", "mean depth of the bids", size=1),
    Input("mean_ask_depth", "mean depth of the asks", size=1),
    Input("book_updates", "changes of a best price or of the size at it"),
    Input("order_flow", "sum of what each of these changes added to bids, less asks", size=1),
    Input("seconds", "length of the row"),
    Input("trades", "number of trades"),
    Input("traded", "their size", size=1),
    Input("bought", "size of trades in which the buyer crossed the spread", size=1),
    Input("sold", "size of trades in which the seller did", size=1),
    Input("depth_fallen", "both sides' depth before the first trade, less its least since", size=1),
    Input("depth_regained", "depth at the close, less that least", size=1),
    Input("impact_count", "batches of trades"),
    Input("impact_flow", "sum over batches: bought less sold, q", size=1),
    Input("impact_move", "sum over batches: move of the mid, m", price=1),
    Input("impact_flow_flow", "sum of q x q", size=2),
    Input("impact_flow_move", "sum of q x m", price=1, size=1),
    Input("impact_size", "sum of the size of q", size=1),
    Input("impact_root", "sum of the signed root of q", size=0.5),
    Input("impact_root_move", "sum of the signed root of q x m", price=1, size=0.5),
)
"""The columns, in order."""

COUNT: Final = len(INPUTS)
"""K, the number of columns."""

NAMES: Final = tuple(each.name for each in INPUTS)
"""The columns' names, in order."""

(
    BID,
    ASK,
    BID_SIZE,
    ASK_SIZE,
    BID_DEPTH,
    ASK_DEPTH,
    OPEN_MID,
    MEAN_SPREAD,
    MEAN_IMBALANCE,
    MEAN_BID_DEPTH,
    MEAN_ASK_DEPTH,
    BOOK_UPDATES,
    ORDER_FLOW,
    SECONDS,
    TRADES,
    TRADED,
    BOUGHT,
    SOLD,
    DEPTH_FALLEN,
    DEPTH_REGAINED,
    IMPACT_COUNT,
    IMPACT_FLOW,
    IMPACT_MOVE,
    IMPACT_FLOW_FLOW,
    IMPACT_FLOW_MOVE,
    IMPACT_SIZE,
    IMPACT_ROOT,
    IMPACT_ROOT_MOVE,
) = range(COUNT)
"""Places of the columns; each is its name in capitals (a test holds them together)."""
