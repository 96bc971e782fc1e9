"""Percentage of volume: a share of what the market trades, as it happens.

It follows volume and promises no end: what is left when time is up is given up.
"""

import msgspec

from kedge.domain.decided import Intent
from kedge.execution.slicing.plan import Following, SliceTerms, base


def plan(intent: Intent, terms: SliceTerms, now: int) -> Following:
    """``terms.share`` of the volume traded from ``now`` on."""
    common = base(intent.lots, intent.until, now, terms)
    return Following(**msgspec.structs.asdict(common), share=terms.share)
