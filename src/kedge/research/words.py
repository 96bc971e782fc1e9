"""What codes are called in the files of a run."""

from collections.abc import Sequence

from kedge.domain.posting import PostingKind
from kedge.domain.reason import Reason

STEP_POSTINGS = (
    PostingKind.DIVIDEND,
    PostingKind.INTEREST,
    PostingKind.BORROW,
    PostingKind.FUNDING,
    PostingKind.FX,
    PostingKind.CASH_IN_LIEU,
)
POSTINGS = {int(kind): kind.name.lower() for kind in STEP_POSTINGS}
"""Names of the kinds of posting that the step writes, besides fills."""

SIGNAL = "signal"
"""Reason of a fill whose target nothing held back."""


def reason_name(code: int) -> str:
    """How a reason code is written in files: lower case, ``signal`` for none."""
    return SIGNAL if code == Reason.NONE else Reason(code).name.lower()


def judged_stricter(settings: Sequence[str]) -> str:
    """What stands beside a verdict that was not drawn at the default thresholds."""
    return f"judged more strictly than by default: {', '.join(settings)}" if settings else ""
