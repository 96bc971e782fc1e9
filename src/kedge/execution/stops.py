"""The protective stop of a net position: what to do about it now.

One stop per position, never widened. Where the venue does not itself keep an order from
opening a position, stop and reducing orders together never sell more than there is to
sell: a stop is made smaller by cancelling it, and its successor is placed once the venue
has confirmed the end of the first. So a replacement never doubles the exposure; the
price is a moment without a live stop, while one is on its way.

Where stops do not rest at the venue, and between two tries where it keeps refusing them,
the engine watches the quote itself and closes at the market when it touches.
"""

from typing import Final

import msgspec

from kedge.execution.tracked import (
    LIVE,
    Cancelling,
    Done,
    Ending,
    Placed,
    State,
    Unknown,
    Working,
    exposed,
)

REFUSALS: Final = 3
"""Stops in a row that may be refused before a pause, in which the engine watches the quote."""


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """A position and what stands around it, for one key.

    Attributes:
        position: signed lots.
        trigger: ticks at which it is to be closed; 0 where no level is known.
        stop: the latest protective order's state, None where there never was one.
        reducing: lots of all other orders on the stop's side that may still fill.
        asked: lots that execution wants to order against the position next.
        rests: stops rest at the venue.
        reduce_only: the venue itself keeps such an order from opening a position.
        bid, ask: ticks, 0 where not known.
        put_off: stops were refused so often that none is ordered for now.
        most: lots of the venue's largest order.
        step: ticks by which a level must have moved before a live stop is replaced for it.
    """

    position: int
    trigger: int
    stop: State | None
    reducing: int = 0
    asked: int = 0
    rests: bool = True
    reduce_only: bool = False
    bid: int = 0
    ask: int = 0
    put_off: bool = False
    most: int = 2**62
    step: int = 1


class Place(msgspec.Struct, frozen=True):
    """Order a stop: ``side`` -1 protects a long position. A trigger in ticks."""

    side: int
    lots: int
    trigger: int


class Cancel(msgspec.Struct, frozen=True):
    """Cancel the live stop; what follows is decided once the venue has confirmed it."""

    order: str


class Watch(msgspec.Struct, frozen=True):
    """Nothing rests at the venue: close ``lots`` at the market when the quote touches."""

    side: int
    lots: int
    trigger: int


class Close(msgspec.Struct, frozen=True):
    """Close ``lots`` at the market now: the quote has touched the level already.

    None where orders under way close all of it: they are not to wait for their price.
    """

    side: int
    lots: int


class Bare(msgspec.Struct, frozen=True):
    """``lots`` are without a stop and no level is known: whoever decides must give one."""

    lots: int


class Keep(msgspec.Struct, frozen=True):
    """Nothing to do: ``why`` in one line."""

    why: str


Action = Place | Cancel | Watch | Close | Bare | Keep

_NOTHING: Final = Keep("nothing is left to protect")
_AWAITED: Final = Keep("the venue's word on the last stop is awaited")
_FILLING: Final = Keep("the stop was touched and is being filled")
_COMING: Final = Keep("it is on its way")
_LIVE: Final = Keep("it is live")


def protect(g: Guarded) -> Action:
    """What to do about the protective stop now."""
    if g.stop is None or type(g.stop) is Done:
        return _without(g)
    return _with(g, g.stop)


def reducible(g: Guarded) -> int:
    """Lots that may be ordered against the position now, beside what already works.

    On a venue without reduce-only a live stop counts in full: to order more, `protect` is
    told so by ``asked`` and makes room first.
    """
    resting = 0 if g.stop is None or g.reduce_only else exposed(g.stop)
    return max(0, abs(g.position) - g.reducing - resting)


def touched(side: int, trigger: int, bid: int, ask: int) -> bool:
    """Whether a quote has reached the level of a stop; a missing side has touched nothing."""
    return 0 < bid <= trigger if side < 0 else ask >= trigger > 0


def _wanted(g: Guarded) -> int:
    """Lots that the stop is to cover."""
    others = 0 if g.reduce_only else g.reducing + g.asked
    return min(g.most, max(0, abs(g.position) - others))


def _without(g: Guarded) -> Action:
    lots, side = _wanted(g), -1 if g.position > 0 else 1
    if g.position and touched(side, g.trigger, g.bid, g.ask):
        return Close(side, max(0, abs(g.position) - g.reducing))
    if lots == 0:
        return _NOTHING
    if g.trigger <= 0:
        return Bare(lots)
    if not g.rests or g.put_off:
        return Watch(side, lots, g.trigger)
    return Place(side, lots, g.trigger)


def _with(g: Guarded, stop: Placed | Working | Cancelling | Unknown | Ending) -> Action:
    if type(stop) not in LIVE:
        return _AWAITED
    if type(stop) is Working and stop.triggered:
        return _FILLING
    order, lots = stop.order, _wanted(g)
    if g.position == 0 or order.side * g.position > 0 or lots == 0:
        return Cancel(order.id)
    resting = exposed(stop)
    if resting > lots:
        return Cancel(order.id)
    if type(stop) is Placed:
        return _COMING
    if resting < lots:
        return Cancel(order.id)
    tightened = order.side * (order.trigger - g.trigger) if g.trigger > 0 else 0
    return Cancel(order.id) if tightened >= g.step else _LIVE


def level(side: int, wanted: int, last: int) -> int:
    """The level of the next stop: the wanted one, but never wider than the last.

    Args:
        side: of the stop, -1 below a long position.
        wanted, last: ticks; 0 where there is none.
    """
    if wanted <= 0 or last <= 0:
        return max(wanted, last, 0)
    return max(wanted, last) if side < 0 else min(wanted, last)
