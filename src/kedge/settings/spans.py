"""Lengths of time as people write them: ``5m``, ``1h``, ``1d``."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from kedge.settings.fields import wrong

NS: Final = {
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}
"""Nanoseconds of each unit."""

DAY: Final = NS["d"]

_FORM = re.compile(r"([1-9][0-9]{0,5})([smhdw])")


def span_ns(text: str) -> int:
    """Nanoseconds of a length of time.

    Args:
        text: a count and a unit: ``30s``, ``5m``, ``4h``, ``1d``, ``1w``.

    Raises:
        ValueError: the text has another form.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * NS[match[2]]


def _check(text: str) -> str:
    try:
        span_ns(text)
    except ValueError:
        raise wrong("must be a count and a unit", "write 30s, 5m, 1h, 1d or 1w") from None
    return text


def _check_or_auto(text: str) -> str:
    return text if text == "auto" else _check(text)


Span = Annotated[str, AfterValidator(_check)]
"""A length of time such as ``5m``."""

AutoSpan = Annotated[str, AfterValidator(_check_or_auto)]
"""A length of time, or ``auto``."""
