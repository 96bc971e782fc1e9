"""Time-weighted: equal children at equal distances."""

from kedge.domain.decided import Intent
from kedge.execution.slicing.plan import Base, Scheduled, SliceTerms, base, scheduled


def plan(intent: Intent, terms: SliceTerms, now: int) -> Scheduled:
    """Equal lots over the span, the last child taking the remainder."""
    common = base(intent.lots, intent.until, now, terms)
    times = slots(common, terms)
    goals = tuple(common.lots * (i + 1) // len(times) for i in range(len(times)))
    return scheduled(common, times, goals)


def slots(common: Base, terms: SliceTerms) -> tuple[int, ...]:
    """When children are due, ns UTC: as far apart as wanted, closer if volume asks for it.

    No more of them than minimal children fit into the lots, none closer than the interval.
    """
    span = max(0, min(common.until - common.start, terms.span_ns))
    wanted = span // max(1, common.gap_ns)
    needed = -(-common.lots // common.most) if common.most > 0 else 1
    fitting = min(span // max(1, common.interval_ns), common.lots // common.min_lots)
    count = max(1, min(max(wanted, needed), fitting))
    return tuple(common.start + i * span // count for i in range(count))
