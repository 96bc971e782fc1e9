"""Iceberg: a small part shows, and the next comes when that is gone.

Where the venue hides the rest itself, one order for the whole that shows a part; elsewhere
children of the shown lots, one at a time.
"""

import msgspec

from kedge.domain.decided import Intent
from kedge.execution.slicing.plan import Scheduled, Shown, SliceTerms, base, scheduled


def plan(intent: Intent, terms: SliceTerms, now: int) -> Scheduled | Shown:
    """Never more than the shown lots in sight, never less than the venue's minimum."""
    common = base(intent.lots, intent.until, now, terms)
    shown = min(common.lots, max(terms.shown, common.min_lots))
    if terms.hidden:
        return scheduled(msgspec.structs.replace(common, display=shown), (now,), (common.lots,))
    return Shown(**msgspec.structs.asdict(common), shown=shown)
