"""From a file, ``.env``, the environment and overrides to one checked tree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from kedge.domain.errors import ConfigError
from kedge.settings.environment import process_environment, read_dotenv, read_environment
from kedge.settings.explain import explain
from kedge.settings.sources import Loc, Source, merge, nested, place
from kedge.settings.tree import Settings
from kedge.settings.yaml_file import read_file

DEFAULT_FILE: Final = "kedge.yaml"
"""The file a command reads when none is named and it exists."""


def load_settings(
    path: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    dotenv: Path = Path(".env"),
) -> Settings:
    """Parse the settings once.

    Later sources win: defaults, the file, ``.env``, the environment, overrides.
    Relative paths start from the file's folder; those given by the environment or
    an override start from the working directory.

    Args:
        path: a YAML file; None reads no file.
        overrides: values by dotted key, such as ``{"limits.position": 0.05}``.
        environment: variables to read; the process's own by default.
        dotenv: a ``.env`` file; it need not exist.

    Raises:
        ConfigError: file, line, key, value and remedy in one line.
    """
    variables = process_environment() if environment is None else environment
    here = (read_dotenv(dotenv), read_environment(variables), _overriding(overrides or {}))
    file = [] if path is None else [read_file(path)]
    sources = [*file, *(_seen_from_here(source) for source in here)]
    settings = _build(sources)
    places = tuple(place(sources, ("strategies", n)) for n in range(len(settings.strategies)))
    return settings.at(path.parent if path is not None else Path()).given_at(places)


def replace(settings: Settings, overrides: Mapping[str, object]) -> Settings:
    """The same settings with some values changed, checked again.

    Args:
        settings: what to start from.
        overrides: values by dotted key.

    Raises:
        ConfigError: a key is unknown or a value is refused.
    """
    changed = _build([Source(settings.model_dump(), {}), _overriding(overrides)])
    return changed.told_as(settings)


def with_params(settings: Settings, strategy: str, params: Mapping[str, object]) -> Settings:
    """The same settings with some of one strategy's parameters changed.

    Raises:
        ConfigError: the settings name no such strategy.
    """
    specs = [spec.model_dump() for spec in settings.strategies]
    chosen = next((spec for spec in specs if spec["name"] == strategy), None)
    if chosen is None:
        names = ", ".join(spec.name for spec in settings.strategies)
        raise ConfigError(f"no strategy {strategy!r}", "strategies", f"there are: {names}")
    chosen["params"] = {**chosen["params"], **params}
    return replace(settings, {"strategies": specs})


def find_file(given: Path | None, folder: Path = Path()) -> Path | None:
    """The configuration a command reads: the one named, else ``kedge.yaml`` if it exists."""
    standing = folder / DEFAULT_FILE
    return given if given is not None else (standing if standing.is_file() else None)


def _build(sources: list[Source]) -> Settings:
    try:
        return Settings.model_validate(merge(sources))
    except ValidationError as error:
        raise explain(error, Settings, sources) from None


def _overriding(overrides: Mapping[str, object]) -> Source:
    entries: dict[Loc, Any] = {tuple(key.split(".")): value for key, value in overrides.items()}
    places = {loc[:length]: "override" for loc in entries for length in range(1, len(loc) + 1)}
    return nested(entries, places)


def _seen_from_here(source: Source) -> Source:
    """The store's folder of a source that is no file, made absolute."""
    data = source.values.get("data")
    store = data.get("store") if isinstance(data, Mapping) else None
    if not isinstance(store, str | Path):
        return source
    absolute = {"data": {"store": Path(store).expanduser().absolute()}}
    return Source(merge([source, Source(absolute, {})]), source.places)
