"""Numbers, dates and durations as people read them; unknown is an em dash."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

DASH: Final = "\N{EM DASH}"
MINUS: Final = "\N{MINUS SIGN}"
THIN: Final = "\N{NARROW NO-BREAK SPACE}"

Format = Callable[[float | None], str]


def known(value: object) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _fixed(value: float, digits: int, sign: bool = False) -> str:
    text = f"{abs(value):,.{digits}f}"
    if not any(c in "123456789" for c in text):
        return text
    return (MINUS if value < 0 else "+" if sign else "") + text


def decimal(digits: int, sign: bool = False, unit: str = "") -> Format:
    """A format with fixed decimals, a real minus and an optional unit."""

    def show(value: float | None) -> str:
        number = known(value)
        return DASH if number is None else _fixed(number, digits, sign) + unit

    return show


def percent(digits: int = 1, sign: bool = False) -> Format:
    """A format that shows a fraction as per cent."""

    def show(value: float | None) -> str:
        number = known(value)
        return DASH if number is None else _fixed(100.0 * number, digits, sign) + "%"

    return show


ratio = decimal(2)
signed_ratio = decimal(2, sign=True)
count = decimal(0)
money = decimal(0)
signed_money = decimal(0, sign=True)
bps = decimal(1, unit=f"{THIN}bps")
times = decimal(1, unit="\N{MULTIPLICATION SIGN}")


def price(value: float | None) -> str:
    """A price with as many decimals as its size calls for."""
    number = known(value)
    if number is None:
        return DASH
    size = abs(number)
    return _fixed(number, 2 if size >= 10 else 4 if size >= 0.1 else 8)


def quantity(value: float | None) -> str:
    """A quantity without trailing zeros."""
    number = known(value)
    if number is None:
        return DASH
    text = _fixed(number, 8 if abs(number) < 1 else 4)
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float | None) -> str:
    """A span in its two largest units."""
    number = known(seconds)
    if number is None:
        return DASH
    if number < 60:
        return f"{number:.0f}{THIN}s"
    units = ((86400.0 * 365.25, "y"), (86400.0, "d"), (3600.0, "h"), (60.0, "min"))
    for (size, name), (smaller, minor) in zip(units, (*units[1:], (1.0, "s")), strict=True):
        if number >= size:
            whole = int(number // size)
            rest = int((number - whole * size) // smaller)
            tail = f" {rest}{THIN}{minor}" if rest else ""
            return f"{whole}{THIN}{name}{tail}"
    return DASH


def moment(ns: int | None, clock: bool = True) -> str:
    """An instant in UTC, to the minute or the day."""
    if ns is None:
        return DASH
    when = datetime.fromtimestamp(ns // 1_000_000_000, UTC)
    return when.strftime("%Y-%m-%d %H:%M" if clock else "%Y-%m-%d")


def words(name: str) -> str:
    """An identifier as words: ``buy_and_hold`` is ``Buy and hold``."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]
