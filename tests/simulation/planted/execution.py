"""Bugs in intents, slices, stops and the closing of positions."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from kedge.domain.decided import IntentEnded
from kedge.domain.reason import Reason
from kedge.engine.trading import decide, engine, styles, views
from kedge.execution import stops
from kedge.execution.tracked import LIVE, Cancelling, exposed
from simulation.planting import Planter, bug

_replace: Final = msgspec.structs.replace
_CLOSES: Final = (int(Reason.STOP), int(Reason.HALTED))


@bug(2, "lots too many")
def cancel_replace_doubles_exposure(p: Planter) -> None:
    """Lots whose cancel was asked for are ordered anew before it is confirmed."""

    def progress(real: Any) -> Any:
        def wrong(desk: Any, work: Any, plan: Any) -> Any:
            states = [desk.orders[name] for name in work.children]
            gone = sum(exposed(each) for each in states if not isinstance(each, LIVE))
            found = real(desk, work, plan)
            return _replace(found, worked=found.worked - gone, open=found.open - gone)

        return wrong

    p.swap(styles, "_progress", progress)


@bug(0, "sells more than there is")
def stop_replaced_before_its_end(p: Planter) -> None:
    """What is being cancelled counts no more, so the next stop is placed beside it."""

    def with_(real: Any) -> Any:
        def wrong(g: Any, stop: Any) -> Any:
            return stops._without(g) if isinstance(stop, Cancelling) else real(g, stop)

        return wrong

    def at_work(real: Any) -> Any:
        return lambda state: 0 if isinstance(state, Cancelling) else real(state)

    p.swap(stops, "_with", with_)
    p.swap(views, "exposed", at_work)


@bug(0, "neither stop nor")
def no_stop(p: Planter) -> None:
    """A position is left to itself."""
    p.swap(decide, "protect", lambda real: lambda g: stops.Keep("it is fine"))


@bug(2, "neither stop nor|adds risk")
def wrong_side_on_close(p: Planter) -> None:
    """What is to close a position adds to it."""

    def intent(real: Any) -> Any:
        def wrong(desk: Any, way: Any, n: int, lots: int, ticks: int, stop: int, why: int) -> Any:
            return real(desk, way, n, -lots if why in _CLOSES else lots, ticks, stop, why)

        return wrong

    p.swap(decide, "_intent", intent)


@bug(0, "has not ended")
def intents_never_ended(p: Planter) -> None:
    """An intent that is over is kept."""

    def ended(real: Any) -> Any:
        def wrong(desk: Any, event: Any, way: Any) -> Iterator[Any]:
            return (out for out in real(desk, event, way) if not isinstance(out[0], IntentEnded))

        return wrong

    p.swap(engine, "decide", ended)


@bug(0, "neither stop nor")
def watched_stop_that_closes_nothing(p: Planter) -> None:
    """Where no stop rests at the venue a touch of its level is only noted."""

    def protect(real: Any) -> Any:
        def wrong(g: Any) -> Any:
            found = real(g)
            return stops.Keep("noted") if isinstance(found, stops.Close) else found

        return wrong

    p.swap(decide, "protect", protect)


@bug(10, "after a flatten$")
def flatten_of_one_instrument(p: Planter) -> None:
    """A flatten closes the first position and no other."""

    def close(real: Any) -> Any:
        def wrong(
            desk: Any, n: int, key: int, lots: int, reason: Reason, way: Any
        ) -> Iterator[Any]:
            if n == 0 or reason is not Reason.HALTED:
                yield from real(desk, n, key, lots, reason, way)

        return wrong

    p.swap(decide, "_close_at_once", close)
