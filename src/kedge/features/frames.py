"""Names of bar frames, such as ``15m``, ``1h`` and ``1d``."""

import re
from typing import Final

from kedge.domain.errors import ExpressionError
from kedge.features.block import DAY_NS, HOUR_NS

_UNITS: Final = {
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": HOUR_NS,
    "d": DAY_NS,
    "w": 7 * DAY_NS,
}


def frame_ns(text: str) -> int:
    """Length of a frame in ns.

    Raises:
        ExpressionError: unless it divides a day, or is ``1d`` or ``1w``.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text)
    length = int(match[1]) * _UNITS[match[2]] if match else 0
    whole = length in (DAY_NS, _UNITS["w"]) or (0 < length < DAY_NS and DAY_NS % length == 0)
    if not whole:
        raise ExpressionError(
            f"'{text}' is not a frame", remedy='use a divisor of a day such as "1h", "1d" or "1w"'
        )
    return length


def frame_name(length: int) -> str:
    """Shortest name of a frame: ``1h`` rather than ``60m``."""
    unit = max((u for u in _UNITS if length % _UNITS[u] == 0), key=_UNITS.__getitem__)
    return f"{length // _UNITS[unit]}{unit}"


def bars_per_frame(length: int, interval_ns: int) -> int:
    """Rows in one bar of the frame.

    Raises:
        ExpressionError: when the frame is not a multiple of the rows' interval.
    """
    if length < interval_ns or length % interval_ns:
        raise ExpressionError(
            f"frame {frame_name(length)} cannot be built from rows of {interval_ns / 1e9:g} s",
            remedy="a frame is a whole multiple of the rows' interval",
        )
    return length // interval_ns
