"""The session's token: whoever can read its file may steer the session."""

import hmac
import os
from pathlib import Path
from typing import Final

from kedge.domain.errors import RunError
from kedge.interfaces.control.place import TOKEN

SHORTEST: Final = 16
"""Bytes of randomness at least."""


def write_token(folder: Path, randomness: bytes) -> str:
    """Make this start's token and put it into the session's folder, mode 0600.

    Args:
        folder: of the session.
        randomness: from the operating system, at least `SHORTEST` bytes.

    Raises:
        ValueError: too little randomness.
        RunError: the file cannot be written.
    """
    if len(randomness) < SHORTEST:
        raise ValueError(f"a token needs {SHORTEST} random bytes or more")
    token, path = randomness.hex(), folder / TOKEN
    part = path.with_name(f".{TOKEN}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "w", encoding="ascii") as file:
            file.write(token)
        part.replace(path)
    except OSError as error:
        raise RunError(f"{path}: could not be written: {error.strerror}") from error
    return token


def read_token(folder: Path) -> str:
    """The token of a folder's session.

    Raises:
        RunError: it belongs to another user, or there is none.
    """
    path = folder / TOKEN
    try:
        return path.read_text(encoding="ascii").strip()
    except PermissionError:
        raise RunError(f"{path}: may not be read: the session is another user's") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path}: cannot be read ({error})") from None


def same(given: str, token: str) -> bool:
    """Whether two tokens are one, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())
