"""The tree in writing: the reference page and the commented configuration."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, get_args

from annotated_types import BaseMetadata
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from kedge.settings.explain import node_of
from kedge.settings.fields import Node, unit_of
from kedge.settings.tree import Settings

ASKED_FIRST: Final = ("data", "universe", "strategies", "capital", "currency", "seed")
"""What a new user wants to set; the rest of the configuration is commented out."""

FOR_A_SESSION: Final = (
    "Its rows of a day are for a backtest (`kedge backtest`). A session (`kedge run`) warms up",
    "with 300 rows, so on paper it refuses them: write shorter ones, such as `interval: 10s`.",
)
"""What the default rows do not suit, in the configuration's head."""

EXPLAINED: Final = {
    "data": ("../how-to/data.md", "bring market data in"),
    "universe": ("../how-to/data.md#a-universe", "a universe"),
    "ensemble": ("../life-of-a-row.md#6-blend", "blend"),
    "sizing": ("../life-of-a-row.md#7-target", "target"),
    "limits": ("../life-of-a-row.md#8-limits-one-instrument", "limits"),
    "risk_model": ("../life-of-a-row.md#1-a-new-session", "a new session"),
    "costs": (
        "../life-of-a-row.md#3-orders-and-stops-meet-the-bar-the-numbered-bar-contract",
        "orders meet the bar",
    ),
    "execution": ("../life-of-an-order.md", "the life of an order"),
    "session": ("../operating.md", "operate a session"),
    "delisting": ("../life-of-a-row.md#1-a-new-session", "a new session"),
    "research": ("../how-to/research.md", "find out whether a result means anything"),
    "evidence": ("evidence.md#verdict", "the verdict"),
    "quality": ("data.md", "what is checked"),
}
"""Page, seen from the reference page, that says what each section does."""

_SIGNS: Final = {
    "ge": "≥ {}",
    "gt": "> {}",
    "le": "≤ {}",
    "lt": "< {}",
    "min_length": "at least {}",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting.

    Attributes:
        key: dotted key.
        field: its declaration.
        default: its default value.
    """

    key: str
    field: FieldInfo
    default: Any

    @property
    def text(self) -> str:
        """The default as it reads in YAML."""
        return plain(self.default)

    @property
    def accepts(self) -> str:
        """Bounds or choices in writing; empty where anything of the type goes."""
        choices = [a for a in get_args(self.field.annotation) if isinstance(a, str)]
        if choices:
            return ", ".join(choices)
        return ", ".join(_bounds(self.field))


def leaves(tree: Node, above: str = "") -> Iterator[Leaf]:
    """Every setting of a tree, in the order of declaration."""
    for name, field in type(tree).model_fields.items():
        value = getattr(tree, name)
        if isinstance(value, Node):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield Leaf(f"{above}{name}", field, value)


def plain(value: object) -> str:
    """A value as it reads in YAML, on one line."""
    if isinstance(value, Node):
        return str(getattr(value, "name", value))
    if isinstance(value, tuple) and value and all(isinstance(v, tuple) for v in value):
        return "{" + ", ".join(f"{name}: {plain(inner)}" for name, inner in value) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(plain(inner) for inner in value) + "]"
    if isinstance(value, float):
        return f"{value:g}" if value == float(f"{value:g}") else repr(value)
    ready = to_jsonable_python(value)
    return ready if isinstance(ready, str) else json.dumps(ready)


def page() -> str:
    """The reference page: every setting with default, bounds, unit and source."""
    lines = [
        "# Settings",
        "",
        "Every setting with its default. A configuration names only what differs; each key can",
        "also be an environment variable (`limits.position` is `KEDGE_LIMITS__POSITION`). How the",
        "sources combine is in [Configure kedge](../how-to/configure.md).",
        "",
        "This page is made from `src/kedge/settings` by `make docs`.",
    ]
    tree = Settings()
    lines += _table(
        "General", "What every run needs.", [leaf for leaf in leaves(tree) if "." not in leaf.key]
    )
    for name, field in Settings.model_fields.items():
        if isinstance(getattr(tree, name), Node):
            found = list(leaves(getattr(tree, name), f"{name}."))
            target, title = EXPLAINED[name]
            meaning = f"{field.description} More: [{title}]({target})."
            lines += _table(f"`{name}`", meaning, found)
    for entries in ("strategies", "venues"):
        spec = [Leaf(name, field, field.default) for name, field in _spec_fields(entries).items()]
        lines += _table(f"An entry of `{entries}`", "A bare text stands for its name alone.", spec)
    return "\n".join(lines) + "\n"


def template() -> str:
    """A commented configuration: what is asked first is set, the rest shows its default."""
    lines = [
        "# kedge's configuration. Only what differs from the defaults needs to stand here;",
        "# a line that is commented out shows its default.",
        "#",
        *(f"# {line}" for line in FOR_A_SESSION),
    ]
    tree = Settings()
    for name, field in Settings.model_fields.items():
        value = getattr(tree, name)
        mark = "" if name in ASKED_FIRST else "# "
        lines += ["", f"# {field.description}"]
        if isinstance(value, Node):
            lines.append(f"{mark}{name}:")
            lines += [f"{mark}{line}" for line in _beneath(value, "  ")]
        else:
            lines.append(f"{mark}{name}: {plain(value)}{_note(field, with_meaning=False)}")
    return "\n".join(lines) + "\n"


def _beneath(node: Node, indent: str) -> Iterator[str]:
    for name, field in type(node).model_fields.items():
        value = getattr(node, name)
        if isinstance(value, Node):
            yield f"{indent}{name}:  # {field.description}"
            yield from _beneath(value, f"{indent}  ")
        else:
            yield f"{indent}{name}: {plain(value)}{_note(field, with_meaning=True)}"


def _note(field: FieldInfo, *, with_meaning: bool) -> str:
    meaning = (field.description or "").rstrip(".") if with_meaning else ""
    unit = f"[{unit_of(field)}]" if unit_of(field) else ""
    said = " ".join(part for part in (meaning, unit) if part)
    return f"  # {said}" if said else ""


def _table(title: str, meaning: str, found: list[Leaf]) -> list[str]:
    head = [
        "",
        f"## {title}",
        "",
        meaning,
        "",
        "| key | default | accepts | unit | meaning |",
    ]
    rows = [
        f"| `{leaf.key}` | {_cell(leaf)} | {leaf.accepts} | {unit_of(leaf.field)} "
        f"| {leaf.field.description} |"
        for leaf in found
    ]
    return [*head, "|---|---|---|---|---|", *rows]


def _cell(leaf: Leaf) -> str:
    return "required" if leaf.field.is_required() else f"`{leaf.text}`"


def _spec_fields(entries: str) -> dict[str, FieldInfo]:
    spec = node_of(Settings.model_fields[entries])
    return {} if spec is None else spec.model_fields


def _bounds(field: FieldInfo) -> Iterator[str]:
    for part in field.metadata:
        if isinstance(part, BaseMetadata):
            for name, form in _SIGNS.items():
                bound = getattr(part, name, None)
                if bound is not None:
                    yield form.format(f"{bound:g}" if abs(bound) < 2**31 else "2^63")
