"""A folder of files that is written whole beside its final name, then renamed.

A reader sees the old files or the new ones and never a half-written set. On a
full disk nothing changes but the exit code.
"""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path

from kedge.domain.errors import InputError, RunError, disk_is_full


def check_folder(folder: Path, files: Collection[str]) -> Path:
    """The folder with links resolved, if nothing but ``files`` could be lost by replacing it.

    Raises:
        InputError: it is a file, cannot be read, or holds something else.
    """
    target = folder.expanduser().resolve()
    if target.exists() and not target.is_dir():
        raise InputError("is a file", str(folder), "name a folder for --out")
    try:
        held = sorted(path.name for path in target.iterdir()) if target.exists() else []
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(folder), "mend that") from error
    for name in held:
        if name not in files:
            raise foreign(name, folder)
    return target


def foreign(name: str, folder: Path) -> InputError:
    """The line for a file that is not kedge's to replace."""
    return InputError(
        f"holds {name}, which is no result of kedge",
        str(folder),
        "name an empty or a new folder for --out",
    )


def write_whole(folder: Path, contents: Iterable[tuple[str, bytes]]) -> None:
    """Write files, then let them appear together under the folder's name.

    Args:
        folder: replaced where it exists; `check_folder` says whether it may be.
        contents: name and content of each file, made one at a time.

    Raises:
        RunError: it cannot be written; what was there before is still there.
    """
    target = folder.expanduser().resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            part.chmod(0o755)  # a temporary folder is private, a result is not
            for name, content in contents:
                _durably(part / name, content)
            _sync(part)
            _swap(part, target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        full = disk_is_full(error)
        why = "no space left on the disk" if full else str(error.strerror or error)
        raise RunError(f"{folder}: {why}; nothing was written") from error


def _durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(part: Path, target: Path) -> None:
    """Put ``part`` in the place of ``target``, which comes back if that fails."""
    old = part.with_name(f"{part.name}.old")
    if not target.exists():
        part.rename(target)
    else:
        target.rename(old)
        try:
            part.rename(target)
        except OSError:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)  # the new result stands: what is left is litter
    _sync(target.parent)
