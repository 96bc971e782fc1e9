"""Settings from environment variables: ``KEDGE_LIMITS__POSITION=0.05``.

The value is read as YAML would read it, so lists work too:
``KEDGE_UNIVERSE__SYMBOLS=[AAA, BBB]``.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values

from kedge.domain.errors import ConfigError
from kedge.settings.sources import Loc, Source, nested
from kedge.settings.yaml_file import read_scalar

PREFIX: Final = "KEDGE_"
BETWEEN: Final = "__"

NOT_SETTINGS: Final = (
    "KEDGE_CACHE_DIR",
    "KEDGE_DEBUG",
    "KEDGE_REQUIRE",
    "KEDGE_SECRETS_FILE",
    "KEDGE_SECRETS_KEY_FILE",
    "KEDGE_SECRETS_PASSPHRASE",
    "KEDGE_TEST_DATA",
)
"""Variables of the process and of the tests, which no configuration file knows."""


def read_environment(variables: Mapping[str, str], label: str = "environment") -> Source:
    """Settings among environment variables; those without the prefix are not ours.

    Args:
        variables: names and texts, as in ``os.environ``.
        label: what error messages call the place.

    Raises:
        ConfigError: a value is not YAML.
    """
    entries: dict[Loc, Any] = {}
    places: dict[Loc, str] = {}
    for name in sorted(variables):
        if not name.upper().startswith(PREFIX) or name.upper() in NOT_SETTINGS:
            continue
        loc = tuple(name[len(PREFIX) :].lower().split(BETWEEN))
        place = f"{label} {name}"
        try:
            entries[loc] = read_scalar(variables[name])
        except ValueError:
            raise ConfigError("is not a YAML value", place, "quote it") from None
        for length in range(1, len(loc) + 1):
            places[loc[:length]] = place
    return nested(entries, places)


def read_dotenv(path: Path) -> Source:
    """Settings from a ``.env`` file; a file that is not there gives none.

    Raises:
        ConfigError: the file cannot be read, or a value is not YAML.
    """
    try:
        given = dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", str(path), "mend or remove it") from None
    return read_environment({k: v for k, v in given.items() if v is not None}, str(path))


def process_environment() -> Mapping[str, str]:
    """The variables of this process."""
    return os.environ
