"""Bar intervals as people write them: 30s, 1m, 5m, 1h, 1d."""

import re
from typing import Final

from kedge.domain.errors import DataError

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
UNITS: Final = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


def interval_ns(text: str) -> int:
    """Length of an interval in ns.

    Raises:
        DataError: for anything but a positive count of s, m, h or d (one day at most).
    """
    match = re.fullmatch(r"([1-9]\d*)([smhd])", text.strip())
    length = int(match[1]) * UNITS[match[2]] if match else 0
    if not match or length > DAY:
        raise DataError(
            f"{text!r} is no bar interval", "interval", "write 30s, 1m, 5m, 15m, 1h, 4h or 1d"
        )
    return length


def interval_text(length: int) -> str:
    """The shortest way to write an interval of ``length`` ns."""
    for unit, size in reversed(UNITS.items()):
        if length % size == 0:
            return f"{length // size}{unit}"
    raise DataError(f"{length} ns is no whole number of seconds", "interval", "use 1s or longer")
