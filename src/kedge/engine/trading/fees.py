"""Fees that a venue takes in a coin, where a booking takes them in cash.

A spot exchange takes the fee of a purchase out of what was bought, or out of a coin of its
own that lies in the account. Either way the cash that was booked for it is still there:

- Taken out of what was bought, the position is smaller: by whole lots, each begun one at
  once, since less than a lot cannot be sold. The cash comes back.
- Taken out of another coin, it was taken from what is set aside and not the session's. The
  session owes its worth, so that much of the venue's cash is not its own any more.
"""

from kedge.domain.instrument import lots_begun
from kedge.domain.report import Filled
from kedge.engine.trading.desk import Desk


def pay_in_kind(desk: Desk, fill: Filled) -> None:
    """Put right what a fill's booking took, for a fee that was taken in a coin."""
    n = desk.universe.instrument[fill.key]
    instrument = desk.universe.instruments[n]
    if fill.paid_in != instrument.base:
        owed = desk.owed.get(instrument.settle, 0)
        desk.owed[instrument.settle] = owed + fill.fee
        return
    before = desk.paid[fill.key]
    after = desk.paid[fill.key] = before + fill.paid
    lots = lots_begun(after, instrument.lot) - lots_begun(before, instrument.lot)
    desk.positions[fill.key] -= lots
    desk.book.pay_in_lots(n, instrument.settle, lots, fill.fee)
