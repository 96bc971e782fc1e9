"""Where settings come from, and which of them speaks for a key.

A source is a nested mapping of values with the place each was given at. Later
sources override earlier ones: file, ``.env``, environment, overrides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Loc = tuple[str | int, ...]
"""Path of a key: names, and positions in lists."""


@dataclass(frozen=True, slots=True)
class Source:
    """Values of one source.

    Attributes:
        values: nested values, keyed as the tree is.
        places: for each given key its place, as people find it.
    """

    values: Mapping[str, Any]
    places: Mapping[Loc, str]

    def depth(self, loc: Loc) -> int:
        """How much of a key's path this source gave: its length in parts, -1 for nothing."""
        for length in range(len(loc), 0, -1):
            if loc[:length] in self.places:
                return length
        return -1


def merge(sources: Sequence[Source]) -> dict[str, Any]:
    """The sources' values, later ones first; mappings are merged, lists replaced."""
    merged: dict[str, Any] = {}
    for source in sources:
        merged = _over(merged, source.values)
    return merged


def place(sources: Sequence[Source], loc: Loc) -> str:
    """Where a key was given; empty where no source gave it."""
    best = max(reversed(sources), key=lambda source: source.depth(loc), default=None)
    if best is None or best.depth(loc) < 0:
        return ""
    return best.places[loc[: best.depth(loc)]]


def nested(entries: Mapping[Loc, Any], places: Mapping[Loc, str]) -> Source:
    """A source from flat entries such as ``("limits", "position"): 0.05``."""
    values: dict[str, Any] = {}
    for loc, value in entries.items():
        inner = values
        for part in loc[:-1]:
            below = inner.get(str(part))
            inner[str(part)] = inner = dict(below) if isinstance(below, Mapping) else {}
        inner[str(loc[-1])] = value
    return Source(values, places)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            merged[key] = _over(under, value)
        else:
            merged[key] = value
    return merged
