"""Numbers as a trader reads them: short, aligned, signed where the sign matters."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from rich.text import Text

TICKS: Final = "▁▂▃▄▅▆▇█"
FULL, EMPTY = "━", "─"
NONE: Final = "-"
GOOD, BAD, WARN, CALM, FAINT = "green", "red", "yellow", "cyan", "dim"
"""The terminal's own colours: they suit a dark background and a light one."""

NEAR: Final = 0.8
"""Share of a limit from which its bar warns."""


def money(amount: float) -> str:
    """An amount with two digits and thousands parted."""
    return f"{amount:,.2f}"


def signed(amount: float) -> Text:
    """An amount with its sign, green above zero and red below."""
    style = GOOD if amount > 0 else BAD if amount < 0 else ""
    return Text(f"{amount:+,.2f}", style)


def plain(value: float | None) -> str:
    """A quantity or a price: as many digits as it needs, at most eight that count."""
    if value is None:
        return NONE
    if abs(value) >= 1e9:
        return f"{value:.4g}"
    digits = 2 if abs(value) >= 1000 else 4 if abs(value) >= 1 else 8
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(value: float | None) -> str:
    """A price: two digits at least."""
    text = plain(value)
    _, _, after = text.partition(".")
    return text if value is None or len(after) >= 2 else f"{value:,.2f}"


def percent(share: float, digits: int = 1) -> str:
    """A share in per cent."""
    return f"{100 * share:.{digits}f} %"


def seconds(age: float | None) -> str:
    """An age or a span, in the unit that suits it."""
    if age is None:
        return NONE
    if age < 1:
        return f"{1000 * age:.0f} ms"
    if age < 60:
        return f"{age:.1f} s"
    if age < 3600:
        return f"{age // 60:.0f} m {age % 60:02.0f} s"
    return f"{age // 3600:.0f} h {age % 3600 // 60:02.0f} m"


def micros(value: float | None) -> str:
    """A latency given in microseconds."""
    if value is None:
        return NONE
    if value < 1000:
        return f"{value:.1f} µs"
    return f"{value / 1000:.1f} ms" if value < 1e6 else f"{value / 1e6:.2f} s"


def instant(at: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A time given in ns UTC."""
    return datetime.fromtimestamp(at // 10**9, UTC).strftime(form)


def spark(values: Sequence[float], width: int) -> str:
    """A line of small columns, one for each of ``width`` spans of the values.

    Args:
        values: oldest first.
        width: characters at most.
    """
    if not values or width < 1:
        return ""
    count = min(width, len(values))
    ends = [values[(place + 1) * len(values) // count - 1] for place in range(count)]
    low, high = min(ends), max(ends)
    if high <= low:
        return TICKS[0] * count
    top = len(TICKS) - 1
    return "".join(TICKS[round(top * (each - low) / (high - low))] for each in ends)


def bar(share: float, width: int) -> Text:
    """How much of something is used, as a bar that warns near its end.

    Args:
        share: 1 is full; more is drawn as full.
        width: characters.
    """
    filled = min(width, max(0, round(share * width)))
    if share > 0 and not filled:
        filled = 1
    style = BAD if share > 1 else WARN if share >= NEAR else CALM
    return Text.assemble((FULL * filled, style), (EMPTY * (width - filled), FAINT))
