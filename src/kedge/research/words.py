"""What codes are called in the files of a run."""

from kedge.domain import state as o
from kedge.domain.reason import Reason

POSTINGS = {
    o.POSTING_DIVIDEND: "dividend",
    o.POSTING_INTEREST: "interest",
    o.POSTING_BORROW: "borrow",
    o.POSTING_FUNDING: "funding",
    o.POSTING_FX: "fx",
    o.POSTING_CASH_IN_LIEU: "cash_in_lieu",
}
"""Names of the kinds of posting besides fills."""

SIGNAL = "signal"
"""Reason of a fill whose target nothing held back."""


def reason_name(code: int) -> str:
    """How a reason code is written in files: lower case, ``signal`` for none."""
    return SIGNAL if code == Reason.NONE else Reason(code).name.lower()
