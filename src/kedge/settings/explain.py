"""One line for people from what pydantic found wrong."""

import difflib
import json
from collections.abc import Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from kedge.domain.errors import ConfigError
from kedge.settings.fields import Node, unit_of
from kedge.settings.sources import Loc, Source, place

LONGEST: Final = 60  # characters of a value that a message repeats


def explain(error: ValidationError, root: type[Node], sources: Sequence[Source]) -> ConfigError:
    """The first problem as one line, with how many more there are.

    Args:
        error: what validation found.
        root: the tree that was validated.
        sources: where the values came from, later ones overriding earlier ones.
    """
    problems = _telling(error.errors(include_url=False))
    first = problems[0]
    loc = _given_loc(first, sources)
    what, remedy = _say(first, loc, root)
    where = ": ".join(part for part in (place(sources, loc), _dotted(loc)) if part)
    more = f"; {len(problems) - 1} more" if len(problems) > 1 else ""
    return ConfigError(what, where, remedy + more)


def _telling(problems: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without what merely follows from another problem; unknown keys come first."""
    locs = [problem["loc"] for problem in problems]
    own = [
        problem
        for problem in problems
        if not any(len(loc) > len(problem["loc"]) and _inside(loc, problem["loc"]) for loc in locs)
    ]
    return sorted(own, key=lambda problem: problem["type"] != "extra_forbidden")


def _inside(loc: Loc, section: Loc) -> bool:
    return loc[: len(section)] == section


def _given_loc(problem: ErrorDetails, sources: Sequence[Source]) -> Loc:
    """The key to point at: of several that clash, the one that somebody gave."""
    keys = str(problem.get("ctx", {}).get("keys", "")).split()
    locs: list[Loc] = [tuple(key.split(".")) for key in keys]
    given = [loc for loc in locs if any(source.depth(loc) == len(loc) for source in sources)]
    return (given or locs or [problem["loc"]])[0]


def _say(problem: ErrorDetails, loc: Loc, root: type[Node]) -> tuple[str, str]:
    """What is wrong, and the remedy."""
    context = problem.get("ctx", {})
    kind, value = problem["type"], _shown(problem["input"])
    if kind == "impossible":
        return str(context["what"]), str(context["remedy"])
    if kind == "wrong":
        return f"{value} {context['what']}", str(context["remedy"])
    if kind == "extra_forbidden":
        return f"unknown key {str(loc[-1])!r}", _did_you_mean(loc, root)
    if kind == "missing":
        return f"lacks {str(loc[-1])!r}", "add it"
    if kind == "path_type":
        return f"{value} must be a path", _usual(loc, root)
    if kind in ("model_type", "model_attributes_type"):
        return f"{value} must be a section", "indent its keys beneath it"
    said = problem["msg"].replace("Input should be", "must be", 1)
    said = said.replace("tuple", "list").replace("Tuple", "List").replace(" after validation", "")
    return f"{value}: {said[0].lower()}{said[1:]}", _usual(loc, root)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _dotted(loc: Loc) -> str:
    return ".".join(str(part) for part in loc)


def _did_you_mean(loc: Loc, root: type[Node]) -> str:
    """Nearest key of the same section, else a key of that name elsewhere, else the keys."""
    parent = _node_at(loc[:-1], root) or root
    key = str(loc[-1])
    near = difflib.get_close_matches(key, parent.model_fields, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    everywhere = {dotted.rsplit(".", 1)[-1]: dotted for dotted in _keys(root)}
    far = difflib.get_close_matches(key, everywhere, n=1, cutoff=0.8)
    if far:
        return f"did you mean {everywhere[far[0]]!r}?"
    return f"keys here: {', '.join(parent.model_fields)}"


def _usual(loc: Loc, root: type[Node]) -> str:
    """The default and the unit of the setting at a place."""
    while loc and isinstance(loc[-1], int):
        loc = loc[:-1]
    parent = _node_at(loc[:-1], root) if loc else None
    field = parent.model_fields.get(str(loc[-1])) if parent is not None else None
    if field is None or field.is_required() or field.default_factory is not None:
        return "see docs/reference/settings.md"
    default = json.dumps(field.default, default=_plain)
    if len(default) > LONGEST:
        return "see docs/reference/settings.md"
    return ", ".join(part for part in (f"the default is {default}", unit_of(field)) if part)


def _plain(value: object) -> object:
    return value.name if isinstance(value, Node) and hasattr(value, "name") else str(value)


def _node_at(loc: Loc, root: type[Node]) -> type[Node] | None:
    """The section at a place, None where there is none."""
    node: type[Node] | None = root
    for part in loc:
        if isinstance(part, int):
            continue
        field = node.model_fields.get(part) if node is not None else None
        node = node_of(field) if field is not None else None
    return node


def node_of(field: FieldInfo) -> type[Node] | None:
    """The section a field holds, itself or as items of a list; None for a plain value."""
    return _node_in(field.annotation)


def _node_in(annotation: Any) -> type[Node] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if issubclass(annotation, Node) else None
    return next((found for part in get_args(annotation) if (found := _node_in(part))), None)


def _keys(node: type[Node], above: str = "") -> list[str]:
    found: list[str] = []
    for name, field in node.model_fields.items():
        found.append(f"{above}{name}")
        inner = node_of(field)
        if inner is not None:
            found.extend(_keys(inner, f"{above}{name}."))
    return found
