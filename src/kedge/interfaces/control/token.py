"""The session's token: whoever can read its file may steer the session."""

import errno
import hmac
import os
import stat
from pathlib import Path
from typing import Final

from kedge.domain.errors import RunError, disk_is_full
from kedge.interfaces.control.place import TOKEN

SHORTEST: Final = 16
"""Bytes of randomness at least."""


def write_token(folder: Path, randomness: bytes) -> str:
    """Make this start's token and put it into the session's folder, mode 0600.

    On a full disk it takes the place of the last start's, so that a session can come up and be
    killed or flattened.

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
    try:
        _put(path, token.encode())
    except OSError as error:
        if not disk_is_full(error) or not _put_over(path, token.encode()):
            raise RunError(f"{path}: could not be written: {error.strerror}") from error
    return token


def _put(path: Path, token: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _all_of(os.write(handle, token), token)
        finally:
            os.close(handle)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _put_over(path: Path, token: bytes) -> bool:
    """Whether it could be written over the last one, which has all the room that it needs.

    What is cut short there opens nothing: a session holds its token in memory and compares
    the whole of it, and it does not begin where this fails.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        found = os.fstat(handle)
        closed = found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o600
        if not (closed and stat.S_ISREG(found.st_mode) and found.st_size == len(token)):
            return False
        _all_of(os.pwrite(handle, token, 0), token)
        os.fsync(handle)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _all_of(written: int, token: bytes) -> None:
    if written != len(token):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
