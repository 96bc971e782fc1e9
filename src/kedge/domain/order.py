"""An order: what a venue is asked for. Frozen; what becomes of it is told elsewhere."""

from enum import IntEnum

import msgspec


class OrderType(IntEnum):
    """Kinds of order. Codes are stable: they are stored in journals."""

    MARKET = 1
    LIMIT = 2
    STOP = 3
    STOP_LIMIT = 4


class TimeInForce(IntEnum):
    """How long an order lives. Codes are stable: they are stored in journals.

    ``BAR`` is the bar contract's: the order meets one bar and its remainder is cancelled.
    """

    GTC = 1
    IOC = 2
    FOK = 3
    DAY = 4
    BAR = 5


class Order(msgspec.Struct, frozen=True, array_like=True):
    """What is asked of a venue.

    Attributes:
        id: client order id, derived from the intent; unique for ever.
        key: place in the session's table of keys (account, venue, instrument).
        side: 1 buys, -1 sells.
        lots: above zero.
        type, tif: kind and life.
        limit: ticks of limit and stop-limit orders, else 0.
        trigger: ticks of stop and stop-limit orders, else 0.
        post_only: refused by the venue rather than filled on arrival.
        reduce_only: never opens or turns a position.
        display: lots of an iceberg that the venue shows; 0 shows all.
        reason: `kedge.domain.reason.Reason` of the target that it serves.
        stop: stop distance in ticks that a fill of it will place; 0 for none.
        intent: number of the intent that it serves, 0 for a protective stop.
    """

    id: str
    key: int
    side: int
    lots: int
    type: OrderType = OrderType.MARKET
    tif: TimeInForce = TimeInForce.GTC
    limit: int = 0
    trigger: int = 0
    post_only: bool = False
    reduce_only: bool = False
    display: int = 0
    reason: int = 0
    stop: int = 0
    intent: int = 0

    @property
    def protective(self) -> bool:
        """Whether it rests at the venue to close a position."""
        return self.reduce_only and self.trigger > 0


def order_id(lineage: str, intent: int, child: int) -> str:
    """The client order id of one child of an intent.

    At most 36 of ``[A-Za-z0-9-]``, which every supported venue takes. The same intent
    gives the same id, so what was sent before a crash can be asked for after it.

    Args:
        lineage: of the journal, 8 hexadecimal digits; two journals never share ids.
        intent: number of the intent, from 1; protective stops count their own.
        child: place among the intent's orders, from 0.
    """
    return f"k{lineage}-{intent:x}-{child:x}"
