"""What of a plan is due now, when to ask again, and why nothing more will come of it."""

from bisect import bisect_right
from typing import assert_never

from kedge.execution.slicing.plan import (
    FOREVER,
    HOUR_NS,
    Following,
    Plan,
    Progress,
    Scheduled,
    Shown,
)


def due(plan: Plan, now: int, progress: Progress) -> int:
    """Lots to order at ``now``, ns UTC; 0 for none.

    ``progress.used`` counts the clock hour of ``now``.
    """
    if now < earliest(plan, progress.last) or over(plan, now, progress):
        return 0
    wanted = _goal(plan, now, progress) - progress.worked
    return _fitted(plan, wanted, progress)


def next_due(plan: Plan, now: int, progress: Progress) -> int:
    """When to ask again if nothing is reported before, ns UTC; `FOREVER` for never."""
    if over(plan, now, progress):
        return FOREVER
    at = max(now, earliest(plan, progress.last), _slot(plan, now, progress))
    if at == FOREVER or at >= plan.until:
        return plan.until
    room = plan.hourly - (progress.used if at // HOUR_NS == now // HOUR_NS else 0)
    if room < _least(plan, progress):
        at = (at // HOUR_NS + 1) * HOUR_NS
    return min(at, plan.until)


def over(plan: Plan, now: int, progress: Progress) -> str:
    """Why nothing more will be ordered, in one line; empty while something may be."""
    left = plan.lots - progress.worked
    if left <= 0 and not progress.open:
        return "all of it is done"
    if now >= plan.until:
        return "its time is up"
    if left <= 0:
        return ""
    if left < plan.min_lots and not plan.closes and not progress.open:
        return "the rest is below the venue's minimum"
    if min(plan.most, plan.hourly) < _least(plan, progress):
        return "its share of volume is below the venue's minimum"
    return ""


def _least(plan: Plan, progress: Progress) -> int:
    """The smallest child that could come next: the last of a position may be any size."""
    left = plan.lots - progress.worked
    return min(plan.min_lots, left) if plan.closes and left > 0 else plan.min_lots


def earliest(plan: Plan, last: int) -> int:
    """Before when no child is due, ns UTC.

    Args:
        plan: of the intent.
        last: as in `Progress`.
    """
    return last + plan.interval_ns if last >= 0 else plan.start


def _goal(plan: Plan, now: int, progress: Progress) -> int:
    """Lots that should have been ordered by now."""
    match plan:
        case Scheduled(times=times, goals=goals):
            passed = bisect_right(times, now)
            return goals[passed - 1] if passed else 0
        case Following(share=share, lots=lots):
            return min(lots, int(share * progress.traded))
        case Shown(shown=shown, lots=lots):
            return progress.worked if progress.open else min(lots, progress.worked + shown)
    assert_never(plan)


def _slot(plan: Plan, now: int, progress: Progress) -> int:
    """From when on the plan itself may want something more."""
    least = _least(plan, progress)
    match plan:
        case Scheduled(times=times, goals=goals):
            for at, goal in zip(times, goals, strict=True):
                if goal - progress.worked >= least:
                    return at
            return FOREVER
        case Following():
            ready = _goal(plan, now, progress) - progress.worked >= least
            return now if ready else now + plan.interval_ns
        case Shown():
            return FOREVER if progress.open else now
    assert_never(plan)


def _fitted(plan: Plan, wanted: int, progress: Progress) -> int:
    """As many of the wanted lots as the rules allow, in a child that leaves no dust behind."""
    left = plan.lots - progress.worked
    room = min(plan.most, plan.hourly - progress.used)
    lots = min(wanted, left, room)
    if lots < max(1, _least(plan, progress)):
        return 0
    if 0 < left - lots < plan.min_lots:
        if left <= room:
            lots = left
        elif left >= 2 * plan.min_lots:
            lots = left - plan.min_lots
    return lots
