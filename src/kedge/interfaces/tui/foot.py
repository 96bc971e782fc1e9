"""Two lines for a terminal too small for every part: feeds, latencies, the newest of the log."""

from collections.abc import Iterator

from rich.text import Text

from kedge.domain.status import Status
from kedge.interfaces.tui.words import BAD, FAINT, GOOD, instant, micros, seconds

LINES = 2


def foot(status: Status) -> list[Text]:
    """The lines, in the number of `LINES`; each is cut at the edge of the terminal."""
    lines = [Text("  ").join(_health(status)), _newest(status)]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return lines


def _health(status: Status) -> Iterator[Text]:
    if status.banned_until:
        yield Text(f" ● banned until {instant(status.banned_until, '%H:%M:%S')}", BAD)
    trusted = sum(each.trusted for each in status.feeds)
    whole = trusted == len(status.feeds)
    ages = [each.age_s for each in status.feeds if each.age_s is not None]
    yield Text.assemble(
        (" ● ", GOOD if whole else BAD),
        f"{trusted} of {len(status.feeds)} streams trusted",
        (f", oldest {seconds(max(ages))}" if ages else "", FAINT),
    )
    for each in status.latencies:
        if each.p50_us is not None:
            yield Text.assemble((f"{each.name} ", FAINT), micros(each.p50_us))


def _newest(status: Status) -> Text:
    if not status.events:
        return Text(" nothing happened yet", FAINT)
    last = status.events[-1]
    return Text.assemble(
        (f" {instant(last.at, '%H:%M:%S')} ", FAINT), (last.text, BAD if last.grave else "")
    )
