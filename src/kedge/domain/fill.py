"""An execution: what changed hands, at what price, and when it settles."""

from datetime import date
from enum import IntEnum

import msgspec

from kedge.domain.account import Key


class Side(IntEnum):
    """Sides of a fill; the code is the sign of its lots."""

    BUY = 1
    SELL = -1


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One fill of one order.

    Attributes:
        id: place in the account's fills, from 0.
        key: account, venue and instrument.
        side: bought or sold.
        lots: above zero.
        ticks: price, in the instrument's ticks.
        notional: value in minor units of the settlement currency, with the sign of the side.
        fee: minor units of the fee's currency; a rebate is below zero.
        fee_currency: currency of the fee.
        trade_date: session of the fill.
        settle_date: day on which cash and instrument change hands.
    """

    id: int
    key: Key
    side: Side
    lots: int
    ticks: int
    notional: int
    fee: int
    fee_currency: str
    trade_date: date
    settle_date: date

    def __post_init__(self) -> None:
        if self.lots <= 0:
            raise ValueError(f"fill {self.id}: {self.lots} lots; a side is given by side")
        if self.settle_date < self.trade_date:
            raise ValueError(f"fill {self.id}: settles before it was traded")
