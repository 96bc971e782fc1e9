"""Execution styles by name."""

from collections.abc import Callable
from typing import Final

import msgspec

from kedge.domain.decided import Intent
from kedge.domain.errors import ConfigError
from kedge.execution.slicing import iceberg, pov, twap, vwap
from kedge.execution.slicing.plan import Plan, Scheduled, SliceTerms, base, scheduled

Planner = Callable[[Intent, SliceTerms, int], Plan]
"""From an intent, terms and the time to a plan."""


def whole(intent: Intent, terms: SliceTerms, now: int) -> Scheduled:
    """All at once and across the spread, as far as the shares of volume let it."""
    common = base(intent.lots, intent.until, now, terms)
    return scheduled(msgspec.structs.replace(common, urgent=now), (now,), (common.lots,))


STYLES: Final[dict[str, Planner]] = {
    "whole": whole,
    "twap": twap.plan,
    "vwap": vwap.plan,
    "pov": pov.plan,
    "iceberg": iceberg.plan,
}


LEARNED: Final = frozenset({"vwap"})
"""Styles that go by what was learned of a session's volume."""


def style(name: str) -> Planner:
    """The planner of a name.

    Raises:
        ConfigError: there is none.
    """
    if name not in STYLES:
        raise ConfigError(
            f"execution style {name!r} does not exist", "execution", f"use {', '.join(STYLES)}"
        )
    return STYLES[name]
