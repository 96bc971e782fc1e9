"""The user's encrypted file: where it lies, what opens it, and what changes in it."""

import os
import re
import sys
from collections.abc import Mapping
from getpass import getpass
from pathlib import Path
from secrets import token_bytes
from typing import Final

from kedge.domain.errors import ConfigError, InputError
from kedge.domain.redact import SHORTEST, remember
from kedge.settings.secrets import Secrets
from kedge.settings.vault import KEY, SALT, Unlock, read_vault, write_key, write_vault

FILE: Final = "KEDGE_SECRETS_FILE"
PASSPHRASE: Final = "KEDGE_SECRETS_PASSPHRASE"
KEY_FILE: Final = "KEDGE_SECRETS_KEY_FILE"
NAME: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


def secrets_of(environment: Mapping[str, str]) -> Secrets:
    """Secrets from the environment, ``.env`` here, and the user's encrypted file."""
    return Secrets(environment, Path(".env"), lambda: _opened(None))


def place() -> Path:
    """Where the encrypted file lies."""
    given = os.environ.get(FILE)
    above = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path(given) if given else above / "kedge" / "secrets.json"


def names(key_file: Path | None) -> list[str]:
    """The names in the file, sorted."""
    return sorted(_opened(key_file))


def change(name: str, value: str | None, key_file: Path | None) -> Path:
    """Set a secret, or remove it where the value is None.

    Raises:
        InputError: the name is none, or not in the file.
    """
    if not NAME.fullmatch(name):
        raise InputError("the name of a secret looks like BINANCE_API_KEY", "kedge secrets")
    path, unlock = place(), _unlock(key_file, new=value is not None)
    held = read_vault(path, unlock)
    if value is None:
        if name not in held:
            raise InputError(f"holds no {name}", str(path), "`kedge secrets list` shows the names")
        del held[name]
    else:
        held[name] = value
    write_vault(path, held, unlock, token_bytes(SALT))
    return path


def given_secret(name: str) -> str:
    """The value, typed without an echo or piped in.

    Raises:
        InputError: it is too short to be kept out of logs.
    """
    value = getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()
    value = value.strip()
    if len(value) < SHORTEST:
        raise InputError(
            f"a secret has {SHORTEST} characters or more", name, "give it on a line of stdin"
        )
    remember(value)
    return value


def _opened(key_file: Path | None) -> dict[str, str]:
    path = place()
    return read_vault(path, _unlock(key_file, new=False)) if path.exists() else {}


def _unlock(key_file: Path | None, *, new: bool) -> Unlock:
    """What opens the file: a key file, a passphrase of the environment, or one typed now."""
    given = os.environ.get(KEY_FILE)
    chosen = key_file or (Path(given) if given else None)
    if chosen is not None:
        if new and not chosen.exists() and not place().exists():
            write_key(chosen, token_bytes(KEY))
        return Unlock(key_file=chosen)
    passphrase = os.environ.get(PASSPHRASE) or _typed(new)
    remember(passphrase)
    return Unlock(passphrase=passphrase)


def _typed(new: bool) -> str:
    if not sys.stdin.isatty():
        remedy = f"set {PASSPHRASE} or {KEY_FILE}, or give --key-file"
        raise ConfigError("needs a passphrase or a key file", str(place()), remedy)
    passphrase = getpass("passphrase: ")
    if new and not place().exists() and getpass("once more: ") != passphrase:
        raise InputError("the two passphrases differ", "kedge secrets", "run it again")
    return passphrase
