"""Volume-weighted: children sized by when the session's volume is expected."""

from typing import Final

import msgspec

from kedge.domain.decided import Intent
from kedge.execution.slicing import twap
from kedge.execution.slicing.plan import Scheduled, SliceTerms, Weighted, base
from kedge.execution.slicing.profile import share

_ROUNDED: Final = 1e-9
"""Of a lot: less than that is missing from a whole one by rounding alone."""


def plan(intent: Intent, terms: SliceTerms, now: int) -> Scheduled:
    """Lots in proportion to the profile over the span, the last child taking the remainder.

    Where no session was learned yet, or none of the volume is expected in the span, equal
    children; only a plan that rests on sessions is `Weighted`.
    """
    profile, opened = terms.profile, terms.opened
    end = min(intent.until, now + terms.span_ns)
    total = share(profile, now - opened, end - opened) if profile.sessions else 0.0
    if total <= 0.0:
        return twap.plan(intent, terms, now)
    common = base(intent.lots, intent.until, now, terms)
    times = twap.slots(common, terms)
    goals = [
        int(common.lots * share(profile, now - opened, at - opened) / total + _ROUNDED)
        for at in times[1:]
    ]
    return Weighted(
        **msgspec.structs.asdict(common), times=times, goals=(*goals, common.lots),
        sessions=profile.sessions,
    )  # fmt: skip
