"""A movement of cash: what for, how much, when it was agreed and when it settles."""

from datetime import date
from enum import IntEnum

import msgspec

from kedge.domain import state as o


class PostingKind(IntEnum):
    """Kinds of posting. Codes are stable: they are stored in results and journals.

    The first six are written by the step; trade and fee follow from its fills;
    liquidation and transfer are written by nothing yet.
    """

    DIVIDEND = o.POSTING_DIVIDEND
    INTEREST = o.POSTING_INTEREST
    BORROW = o.POSTING_BORROW
    FUNDING = o.POSTING_FUNDING
    FX = o.POSTING_FX
    CASH_IN_LIEU = o.POSTING_CASH_IN_LIEU
    TRADE = 7
    FEE = 8
    LIQUIDATION = 9
    TRANSFER = 10


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of cash in one currency of one account.

    Attributes:
        account: whose cash.
        kind: what for.
        currency: of the amount.
        amount: minor units of the currency, above zero where cash comes in.
        instrument: entity id, None where no instrument is the cause.
        trade_date: session in which it came about.
        settle_date: day on which the cash moves.
    """

    account: str
    kind: PostingKind
    currency: str
    amount: int
    instrument: str | None
    trade_date: date
    settle_date: date

    def __post_init__(self) -> None:
        if self.settle_date < self.trade_date:
            raise ValueError(f"settles on {self.settle_date}, before {self.trade_date}")
