"""Where a session's tables lie, and the name of the secret that opens it; never its value.

What is refused may hold a password that was pasted here: no message repeats it.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from kedge.settings.fields import impossible

KINDS: Final = ("sqlite", "postgres", "postgresql")
KEY: Final = "session.database"
_SECRET: Final = re.compile(r"(?!KEDGE_)[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
"""Variables that begin with KEDGE_ are settings."""
_EXAMPLE: Final = "postgresql://user@host/database"
_LONGEST: Final = 64
_TELLING: Final = ("password", "sslpassword")
"""Parameters of a URL that hold a secret."""


def address(given: object) -> object:
    """A file or the URL of a database, None where it is empty."""
    if given is None or given == "":
        return None
    if not isinstance(given, str):
        raise impossible(KEY, "it is no text", "write a file or a URL")
    if "://" not in given:
        if "@" in given:
            raise impossible(KEY, "it is a URL without its beginning", f"write {_EXAMPLE}")
        return given
    try:
        parts = urlsplit(given)
        told = {name.lower() for name, _ in parse_qsl(parts.query)}
    except ValueError:
        raise impossible(KEY, "it is no URL", f"write {_EXAMPLE}") from None
    if parts.scheme not in KINDS:
        raise impossible(KEY, "it is of no known database", f"known are {', '.join(KINDS)}")
    if ":" in parts.netloc.rpartition("@")[0] or told.intersection(_TELLING):
        raise impossible(
            KEY,
            "a password stands in the URL",
            "leave it out and name its secret under session.database_password",
        )
    return given


def secret_name(given: object) -> object:
    """The name of a secret, None where there is none."""
    if given is None or given == "":
        return None
    if isinstance(given, str) and len(given) <= _LONGEST and _SECRET.fullmatch(given):
        return given
    raise impossible(
        "session.database_password",
        "it is not the name of a secret",
        "write a name such as DATABASE_PASSWORD, and keep the password in the environment, "
        "in .env or with `kedge secrets set`",
    )
