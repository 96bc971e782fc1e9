"""What an order must be before the matching engine sees it."""

from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.venues.simulated import codes
from kedge.venues.simulated.codes import Refused
from kedge.venues.simulated.listing import MOST_TICKS, Listing

_LONGEST_ID = 36
_LIMIT = OrderType.LIMIT
_LIMITED = (_LIMIT, OrderType.STOP_LIMIT)
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_NOW = (TimeInForce.IOC, TimeInForce.FOK)


def broken(order: Order, listing: Listing, last: int) -> Refused | None:
    """The first rule that an order breaks, None for none.

    Args:
        order: as it arrived.
        listing: of its instrument.
        last: ticks of the last trade, 0 for none.
    """
    return _terms(order) or _size(order, listing) or _prices(order, listing, last)


def _terms(order: Order) -> Refused | None:
    if not _is_id(order.id):
        return codes.CHARACTERS
    kind, limited = order.type, order.type in _LIMITED
    wrong = (
        order.side not in (1, -1)
        or limited != (order.limit != 0)
        or (kind in _STOPS) != (order.trigger != 0)
        or (order.post_only and (kind is not _LIMIT or order.tif in _NOW))
        or (order.display != 0 and (not limited or order.tif in _NOW))
    )
    return codes.PARAMETER if wrong else None


def _is_id(text: str) -> bool:
    """1 to 36 of ``[A-Za-z0-9-]``."""
    return len(text) <= _LONGEST_ID and text.isascii() and text.replace("-", "0").isalnum()


def _size(order: Order, listing: Listing) -> Refused | None:
    if not listing.min_lots <= order.lots <= listing.max_lots or order.lots % listing.lot_step:
        return codes.LOTS
    return None if 0 <= order.display <= order.lots else codes.ICEBERG


def _prices(order: Order, listing: Listing, last: int) -> Refused | None:
    limit, trigger, step = order.limit, order.trigger, listing.tick_step
    if (
        not 0 <= limit < MOST_TICKS
        or limit % step
        or not 0 <= trigger < MOST_TICKS
        or trigger % step
    ):
        return codes.PRICE
    if limit and last and abs(limit - last) > listing.band * last:
        return codes.BAND
    price = limit or trigger or last
    if not price or (order.reduce_only and listing.margin > 0.0):
        return None
    small = listing.notional(order.lots, price) < listing.min_notional
    return codes.NOTIONAL if small else None
