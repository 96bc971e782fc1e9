"""Reading ``result.json`` without trusting its shape.

A key that is absent, or holds something else than expected, reads as unknown.
"""

from collections.abc import Mapping
from typing import Any

from kedge.research.report.numbers import known

Node = Mapping[str, Any]


def section(node: Node, key: str) -> Node:
    """The mapping under a key; empty when there is none."""
    value = node.get(key)
    return value if isinstance(value, Mapping) else {}


def number(node: Node, key: str) -> float | None:
    """The finite number under a key."""
    return known(node.get(key))


def text(node: Node, key: str) -> str:
    """The text under a key; empty when there is none."""
    value = node.get(key)
    return value if isinstance(value, str) else ""


def texts(node: Node, key: str) -> tuple[str, ...]:
    """The strings in a list under a key."""
    value = node.get(key)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def rows(node: Node, key: str) -> tuple[Node, ...]:
    """The mappings in a list under a key."""
    value = node.get(key)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(item for item in value if isinstance(item, Mapping))


def span(node: Node, key: str) -> tuple[float, float] | None:
    """A pair of finite numbers, written ``[low, high]`` or ``{low, high}``."""
    value = node.get(key)
    if isinstance(value, Mapping):
        value = [value.get("low"), value.get("high")]
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    low, high = known(value[0]), known(value[1])
    return None if low is None or high is None else (low, high)
