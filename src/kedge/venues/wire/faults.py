"""Faults at the wire: which of them strike this request, this message, this moment.

The kinds are those of `kedge.venues.simulated.fault_plan`; here they are what a client of
a real exchange sees: a connection that closes, an answer that never comes, a 503.
"""

from collections import Counter
from random import Random
from typing import Final

import msgspec

from kedge.domain.errors import ConfigError
from kedge.venues.simulated.fault_plan import (
    OF_REPORTS,
    OF_REQUESTS,
    SPELLS,
    Fault,
    Plan,
    drawn,
)
from kedge.venues.simulated.spells import Spells

_FOR_EVER: Final = 2**62


class Faults:
    """A plan of faults as it unfolds.

    Args:
        plan: what goes wrong.
        seed: of all chance.
        start: ns UTC of the venue's clock.

    Attributes:
        plan: what goes wrong.
        counts: how often each kind struck.
    """

    def __init__(self, plan: Plan, seed: int, start: int) -> None:
        self.plan = plan
        self.counts: Counter[Fault] = Counter()
        self._requests = Random(f"{seed}/faults of requests")
        self._reports = Random(f"{seed}/faults of reports")
        self._spells = Spells(plan, Random(f"{seed}/spells"), start)

    def strike(self, fault: Fault, over: int) -> None:
        """Begin a spell now that lasts until an instant of the venue's clock."""
        self._spells.strike(fault, over)
        self.counts[fault] += 1

    def turned(self, now: int) -> list[tuple[Fault, bool]]:
        """Spells that began or ended up to now, in order."""
        found = []
        while self._spells.next_time <= now:
            turned = self._spells.turn()
            if turned is not None:
                self.counts[turned[0]] += bool(turned[1])
                found.append((turned[0], bool(turned[1])))
        return found

    def holds(self, fault: Fault) -> bool:
        """Whether a spell holds."""
        return fault in self._spells.active

    def of_request(self) -> Fault | None:
        """What goes wrong with a request that comes in."""
        return self._drawn(OF_REQUESTS, self._requests)

    def of_report(self) -> Fault | None:
        """What goes wrong with a message of the account's stream."""
        return self._drawn(OF_REPORTS, self._reports)

    def of_balances(self) -> bool:
        """Whether these balances are wrong."""
        return self._drawn((Fault.WRONG_BALANCES,), self._requests) is not None

    def late_s(self) -> float:
        """Seconds by which a late thing is late."""
        return self._reports.random() * self.plan.late * 1e-9

    def _drawn(self, kinds: tuple[Fault, ...], random: Random) -> Fault | None:
        u = random.random()
        for kind in kinds:
            u -= self.plan.chance.get(kind, 0.0)
            if u < 0.0:
                self.counts[kind] += 1
                return kind
        return None


def plan_of(words: str, seed: int) -> Plan:
    """A plan from words: ``none``, ``some``, or pairs such as ``answer-lost=0.05,outage=60``.

    A fault of a request or a report has its chance, one that lasts the mean seconds
    between its beginnings.

    Raises:
        ConfigError: no such fault, or no such chance.
    """
    if words in ("", "none"):
        return Plan()
    if words == "some":
        return drawn(Random(f"{seed}/plan"), _FOR_EVER)
    names = {fault.name.lower().replace("_", "-"): fault for fault in Fault}
    chance: dict[Fault, float] = {}
    every: dict[Fault, float] = {}
    for pair in words.split(","):
        name, _, figure = pair.strip().partition("=")
        if name not in names:
            raise ConfigError(f"no fault {name!r}", "--faults", f"one of {', '.join(names)}")
        spell = names[name] in SPELLS
        (every if spell else chance)[names[name]] = _figure(figure, name, spell=spell)
    return msgspec.structs.replace(Plan(), chance=chance, every_s=every)


def _figure(text: str, name: str, *, spell: bool) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if 0.0 < value <= (1e9 if spell else 1.0):
        return value
    remedy = f"{name}=SECONDS between" if spell else f"{name}=CHANCE, above 0 and up to 1"
    raise ConfigError(f"{name}={text}", "--faults", remedy)
