"""The encrypted file of secrets: Fernet under a key from a passphrase, or under a key file.

A passphrase becomes a key by scrypt (N = 2^17, r = 8, p = 1: 128 MiB and some tenths of a
second, RFC 7914); the salt stands in the file. A key file holds the key itself and is read
only while nobody else may read it. Names and values are sealed together.
"""

import base64
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from kedge.domain.errors import ConfigError, RunError
from kedge.domain.redact import remember

VERSION: Final = 1
SALT: Final = 16
"""Bytes of salt."""
KEY: Final = 32
"""Bytes of a key."""
_COST: Final = {"n": 2**17, "r": 8, "p": 1}


class Unlock(NamedTuple):
    """What opens the file: one of the two.

    Attributes:
        passphrase: from a person.
        key_file: a file of mode 0600.
    """

    passphrase: str | None = None
    key_file: Path | None = None


def read_vault(path: Path, unlock: Unlock) -> dict[str, str]:
    """The secrets of a file; a file that is not there holds none.

    Args:
        path: of the file.
        unlock: what opens it.

    Raises:
        ConfigError: it does not open, or is none.
    """
    if not path.exists():
        return {}
    crypto = _cryptography()
    head = _head(path)
    try:
        sealed, salt = head["sealed"].encode(), bytes.fromhex(head["salt"])
        opened = crypto.Fernet(_key(unlock, salt, path)).decrypt(sealed)
    except crypto.InvalidToken:
        opener = "key file" if unlock.key_file else "passphrase"
        raise ConfigError(
            f"does not open with this {opener}", str(path), "give the right one"
        ) from None
    except (KeyError, AttributeError, ValueError):
        raise _damaged(path) from None
    found = {str(name): str(value) for name, value in json.loads(opened).items()}
    for value in found.values():
        remember(value)
    return found


def write_vault(path: Path, secrets: Mapping[str, str], unlock: Unlock, salt: bytes) -> None:
    """Seal secrets into a file of mode 0600, whole or not at all.

    Args:
        path: of the file; its folder is made.
        secrets: values by name.
        unlock: what will open it.
        salt: `SALT` random bytes from the operating system, new for each writing.

    Raises:
        ConfigError: the key file is open to others, or no key.
        RunError: the file cannot be written.
    """
    if len(salt) != SALT:
        raise ValueError(f"a salt has {SALT} bytes")
    key = _key(unlock, salt, path)
    sealed = _cryptography().Fernet(key).encrypt(json.dumps(dict(secrets)).encode())
    head = {"kedge_secrets": VERSION, "salt": salt.hex(), "sealed": sealed.decode()}
    write_private(path, json.dumps(head).encode() + b"\n")


def write_key(path: Path, randomness: bytes) -> None:
    """Make a key file of mode 0600.

    Args:
        path: it must not exist.
        randomness: `KEY` bytes from the operating system.

    Raises:
        RunError: it cannot be written.
    """
    write_private(path, base64.urlsafe_b64encode(randomness) + b"\n")


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, durably, whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise RunError(f"{path}: could not be written: {error.strerror or error}") from error


def _key(unlock: Unlock, salt: bytes, path: Path) -> bytes:
    if unlock.key_file is not None:
        return _key_of_file(unlock.key_file)
    if unlock.passphrase:
        kdf = _cryptography().Scrypt(salt=salt, length=KEY, **_COST)
        key: bytes = kdf.derive(unlock.passphrase.encode())
        return base64.urlsafe_b64encode(key)
    remedy = "set KEDGE_SECRETS_PASSPHRASE or KEDGE_SECRETS_KEY_FILE"
    raise ConfigError("needs a passphrase or a key file", str(path), remedy)


def _key_of_file(path: Path) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError("may be read by others", str(path), f"run `chmod 600 {path}`")
        key = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path), "mend it") from None
    try:
        fine = len(base64.urlsafe_b64decode(key)) == KEY
    except ValueError:
        fine = False
    if not fine:
        raise ConfigError("is no key file", str(path), "name one that `kedge secrets` made")
    return key


def _head(path: Path) -> dict[str, Any]:
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path), "mend it") from None
    except ValueError:
        raise _damaged(path) from None
    if not isinstance(head, dict) or head.get("kedge_secrets") != VERSION:
        raise _damaged(path)
    return head


def _damaged(path: Path) -> ConfigError:
    return ConfigError("is no file of secrets that this version reads", str(path), "restore it")


class _Parts(NamedTuple):
    Fernet: Any
    InvalidToken: type[Exception]
    Scrypt: Any


def _cryptography() -> _Parts:
    try:
        from cryptography.fernet import Fernet, InvalidToken
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    except ImportError:
        remedy = "pip install -e '.[secrets]'"
        raise ConfigError("the encrypted file needs cryptography", "", remedy) from None
    return _Parts(Fernet, InvalidToken, Scrypt)
