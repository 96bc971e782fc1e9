"""How many business days after its trade date a fill settles."""

from datetime import date
from typing import Final

from kedge.domain.instrument import AssetClass, Instrument

US_CALENDARS: Final = frozenset({"XNYS", "XNAS"})
US: Final = ((date(2024, 5, 28), 1), (date(2017, 9, 5), 2), (date(1995, 6, 7), 3))
"""First trade date of each cycle, newest first: SEC rule 15c6-1 as amended by releases
34-96930 (T+1), 34-80295 (T+2) and 33-7177 (T+3)."""
US_BEFORE: Final = 5
"""The custom before there was a rule (release 33-7177)."""
ELSEWHERE: Final = 2
"""Shares of other exchanges, XKRX among them: KRX settles the second day after the trade."""


def settle_days(instrument: Instrument, traded: date) -> int:
    """Business days from trade to settlement.

    Spot coins and perpetuals settle at once. Shares settle after the cycle that their
    exchange had on the trade date.
    """
    if instrument.asset_class is not AssetClass.EQUITY:
        return 0
    if instrument.calendar not in US_CALENDARS:
        return ELSEWHERE
    return next((days for since, days in US if traded >= since), US_BEFORE)
