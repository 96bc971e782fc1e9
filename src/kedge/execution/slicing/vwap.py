"""Volume-weighted: children sized by when the session's volume is expected."""

from kedge.domain.decided import Intent
from kedge.execution.slicing.plan import Scheduled, SliceTerms, base, scheduled
from kedge.execution.slicing.profile import share
from kedge.execution.slicing.twap import slots


def plan(intent: Intent, terms: SliceTerms, now: int) -> Scheduled:
    """Lots in proportion to the profile over the span, the last child taking the remainder.

    Where the profile expects no volume in the span at all, equal children.
    """
    common = base(intent.lots, intent.until, now, terms)
    times = slots(common, terms)
    end = min(intent.until, now + terms.span_ns)
    start = now - terms.opened
    total = share(terms.profile, start, end - terms.opened)
    goals = []
    for i, at in enumerate((*times[1:], end)):
        passed = (i + 1) / len(times)
        if total > 0.0:
            passed = min(1.0, share(terms.profile, start, at - terms.opened) / total)
        goals.append(int(common.lots * passed))
    goals[-1] = common.lots
    return scheduled(common, times, tuple(goals))
