"""Files that appear whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from kedge.domain.errors import RunError


def write_atomic(path: Path, content: bytes) -> None:
    """Write ``content`` under ``path`` so that a reader sees the old file or the new one.

    A temporary file in the same folder is written, synced and renamed. On any
    failure (a full disk, say) it is removed and the old file stays.

    Raises:
        RunError: when the content could not be made durable.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise RunError(f"{path}: could not be written: {error.strerror or error}") from error


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # folders cannot be opened for syncing elsewhere
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
