"""The figures that ``make bench`` must reach, and what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Floor:
    """One figure.

    Attributes:
        what: it is.
        sign: ``>=`` or ``<=``.
        wanted: the floor, or the ceiling.
        measured: in this run.
        unit: of both.
    """

    what: str
    sign: str
    wanted: float
    measured: float
    unit: str = ""

    @property
    def met(self) -> str:
        """Whether it is reached."""
        if self.sign == ">=":
            return "yes" if self.measured >= self.wanted else "no"
        return "yes" if self.measured <= self.wanted else "no"


@dataclass(frozen=True)
class _Wanted:
    """Floors of one world: millions a second, and ratios of times by peer."""

    rate: float
    unit: str
    ratios: Mapping[str, float]


WANTED = {
    "single": _Wanted(8.0, "M rows/s", {"vectorbt": 3.0, "nautilus": 150.0}),
    "panel": _Wanted(15.0, "M cells/s", {"vectorbt": 7.0}),
    "sweep": _Wanted(25.0, "M bar-parameters/s", {"vectorbt": 6.0}),
}
STEP = 20.0
MEMORY = 0.5
SECONDS = {
    "cold_backtest": ("first `kedge backtest` with robustness, nothing compiled", 60.0),
    "first_row": ("warm start to first row", 3.0),
    "help": ("`kedge --help`", 0.5),
}


def floors_of(found: Raw) -> list[Floor]:
    """Every floor that this run can speak of."""
    floors = [floor for name, world in found["worlds"].items() for floor in _world(name, world)]
    seconds = found.get("start_up", {})
    for name, (what, most) in SECONDS.items():
        if name in seconds:
            floors.append(Floor(what, "<=", most, seconds[name], "s"))
    return floors


def _world(name: str, world: Raw) -> Iterator[Floor]:
    wanted, seconds = WANTED[name], world["seconds"]
    own = median(seconds["kedge"])
    yield Floor(
        f"{name}: kedge, whole call", ">=", wanted.rate, world["cells"] / own / 1e6, wanted.unit
    )
    for peer, ratio in wanted.ratios.items():
        yield Floor(f"{name}: {peer}'s time over kedge's", ">=", ratio, median(seconds[peer]) / own)
    if name == "single":
        rate = world["cells"] / median(world["phases"]["step"]) / 1e6
        yield Floor("single: the compiled step alone", ">=", STEP, rate, wanted.unit)
    memory = world["memory"]
    share = memory["kedge"]["peak"] / memory["vectorbt"]["peak"]
    yield Floor(f"{name}: peak memory over vectorbt's", "<=", MEMORY, share)
