"""What a quality check says: findings with time, severity and remedy, and a summary."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import msgspec
import numpy as np

from kedge.domain.instrument import Instrument
from kedge.domain.panel import F64
from kedge.ports.store import Action, Bars
from kedge.settings import QualityChecks

MOST_EXAMPLES: Final = 20
"""Findings listed per check and instrument; the rest are counted in the last one."""
DEFAULTS: Final = QualityChecks()
"""What the checks go by where no configuration says otherwise."""


class Severity(Enum):
    """How much a finding matters: an error distorts results, a warning may."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found in the data.

    Attributes:
        check: the check's name.
        severity: how much it matters.
        symbol, interval: where.
        ts: first instant concerned, ISO 8601 UTC.
        count: bars concerned.
        what: the finding, with its values.
        remedy: what to do about it.
    """

    check: str
    severity: Severity
    symbol: str
    interval: str
    ts: str
    count: int
    what: str
    remedy: str


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """The check of one instrument at one interval.

    Attributes:
        symbol, interval: what was checked.
        rows: bars.
        first, last: first and last bar, ISO 8601 UTC.
        completeness: bars present over bars that the calendar expects, at most 1.
        counts: bars concerned by each check that found something.
        findings: in order of time.
    """

    symbol: str
    interval: str
    rows: int
    first: str
    last: str
    completeness: float
    counts: dict[str, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What every check is given: bars as floats, in the order of the file.

    Attributes:
        instrument: settings.
        interval: as text; ``length`` in ns.
        bars: as stored, T of them.
        prices: (T, 4) open, high, low, close in quote currency.
        actions: the instrument's dated events.
        as_of: the time of the check, ns UTC; None for recorded data.
        limits: from when on a check speaks up.
    """

    instrument: Instrument
    interval: str
    length: int
    bars: Bars
    prices: F64
    actions: tuple[Action, ...]
    as_of: int | None = None
    limits: QualityChecks = DEFAULTS

    def finding(
        self, check: str, severity: Severity, ts: int, count: int, what: str, remedy: str
    ) -> Finding:
        """A finding about this instrument."""
        return Finding(
            check=check,
            severity=severity,
            symbol=self.instrument.symbol,
            interval=self.interval,
            ts=iso(ts),
            count=count,
            what=what,
            remedy=remedy,
        )

    def each(
        self, check: str, severity: Severity, bad: np.ndarray, words: list[str], remedy: str
    ) -> list[Finding]:
        """One finding per bad bar, the surplus over `MOST_EXAMPLES` in one.

        Args:
            check: the check's name.
            severity: of each.
            bad: indices of bars.
            words: what to say about each of the first `MOST_EXAMPLES`.
            remedy: for all of them.
        """
        found = [
            self.finding(check, severity, int(self.bars.ts[at]), 1, what, remedy)
            for at, what in zip(bad[:MOST_EXAMPLES], words, strict=False)
        ]
        rest = len(bad) - len(found)
        if rest > 0:
            at = int(self.bars.ts[bad[MOST_EXAMPLES]])
            found.append(self.finding(check, severity, at, rest, f"{rest:,} more", remedy))
        return found


def iso(ns: int) -> str:
    """An instant as ISO 8601 UTC."""
    return str(np.datetime_as_string(np.datetime64(ns, "ns"), unit="s")) + "Z"
