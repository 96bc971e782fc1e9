"""A YAML file as plain values, each with the line it stands on.

The scalars are those of YAML 1.2: the ticker ON is a text and not a boolean,
000660 is a text and not an octal number, and 1e-6 is a number. Dates stay texts.
"""

import re
from pathlib import Path
from typing import Any, Final

import yaml

from kedge.domain.errors import ConfigError
from kedge.settings.sources import Loc, Source


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML carries no types
    """SafeLoader without the surprises of YAML 1.1."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_SCALARS: Final = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+0123456789."),
    ),
    ("merge", r"<<", ["<"]),
)
for _tag, _form, _first in _SCALARS:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_form})\Z"), _first
    )


def read_scalar(text: str) -> Any:
    """A value as it would read in a YAML file: for environment variables and flags.

    Raises:
        ValueError: the text is not one YAML value.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(text) from error


def read_file(path: Path) -> Source:
    """Read a configuration file.

    Raises:
        ConfigError: it cannot be read, is not YAML, repeats a key, or is not a mapping.
    """
    text = _text(path)
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        places: dict[Loc, str] = {(): str(path)}
        if root is not None:
            _locate(root, (), path, places, ())
        values = {} if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f":{error.problem_mark.line + 1}"
        problem = error.problem or error.context or "does not parse"
        raise ConfigError(f"not YAML: {problem}", f"{path}{line}", "see `kedge init`") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"not YAML: {error}", str(path), "see `kedge init`") from None
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ConfigError(
            f"holds {type(values).__name__} where sections are expected",
            str(path),
            "start from the file that `kedge init` writes",
        )
    return Source(values, places)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError("is not a text file", str(path), "give a YAML file") from None
    except FileNotFoundError:
        raise ConfigError("no such file", str(path), "`kedge init` writes one") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path), "mend that") from None


def _locate(
    node: yaml.Node, at: Loc, path: Path, places: dict[Loc, str], above: tuple[yaml.Node, ...]
) -> None:
    """Note the line of every key beneath ``node``; refuse repeated keys and loops."""
    if any(node is other for other in above):
        raise ConfigError(
            "contains itself", f"{path}:{node.start_mark.line + 1}", "remove the alias"
        )
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            places[*at, index] = f"{path}:{child.start_mark.line + 1}"
            _locate(child, (*at, index), path, places, (*above, node))
    elif isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            here, line = (*at, str(key.value)), f"{path}:{key.start_mark.line + 1}"
            if key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
                raise ConfigError("the key is not a name", f"{line}: {key.value}", "quote it")
            if here in places:
                dotted = ".".join(str(part) for part in here)
                raise ConfigError("the key is given twice", f"{line}: {dotted}", "keep one of them")
            places[here] = line
            _locate(child, here, path, places, (*above, node))
