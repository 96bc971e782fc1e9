"""Somebody else trades through the book to a price."""

from kedge.domain.order import TimeInForce
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.working import CROWD, Working

_OUTSIDER = -(1 << 60)
"""Numbers from here down belong to outsiders, far from any market's own."""


def cross(matcher: Matcher, side: int, ticks: int, lots: int) -> None:
    """Take everything better than a price, then trade ``lots`` at it.

    Whatever rests at the price is met in its turn; what is missing there is met by
    another outsider at the end of the queue, so that the last trade is at the price.
    Where the taker's own side already stands beyond the price, it is that side that is
    met. In a halted book nothing happens.

    Args:
        matcher: the book.
        side: of the one who takes.
        ticks: the last price of the trade.
        lots: above zero.
    """
    half, number = matcher.halves[-side], _OUTSIDER - 2 * matcher.trades
    while not matcher.halted and half.best and side * (ticks - half.best) > 0:
        _take(matcher, number, side, half.best_lots(), half.best)
    if matcher.halves[side].reached(ticks):
        _take(matcher, number, -side, lots, ticks)
    elif not matcher.halted:
        maker = Working(number - 1, CROWD, -side, lots, ticks, left=lots)
        matcher.rest(maker)
        _take(matcher, number, side, lots, ticks)
        matcher.cancel(maker.number)


def _take(matcher: Matcher, number: int, side: int, lots: int, ticks: int) -> None:
    matcher.submit(Working(number, CROWD, side, lots, ticks, tif=TimeInForce.IOC))
