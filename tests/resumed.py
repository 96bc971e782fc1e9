"""A campaign that notes after every seed how far it came, and goes on from there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Tally = TypeVar("Tally", bound=Any)


def resumed(total: int, state: Path, kind: type[Tally], more: Callable[[int], Tally]) -> Tally:
    """The whole campaign, from where ``state`` says it stopped.

    Args:
        total: mutations.
        state: file that is kept; missing before the first seed.
        kind: a NamedTuple of what was seen, nothing by default, with ``mutated`` and ``plus``.
        more: what one seed adds.
    """
    seed, tally = 0, kind()
    if state.exists():
        kept = json.loads(state.read_text())
        seed, tally = kept["seed"], kind(*kept["tally"])
    while tally.mutated < total:
        tally, seed = tally.plus(more(seed)), seed + 1
        state.write_text(json.dumps({"seed": seed, "tally": list(tally)}))
    return tally
