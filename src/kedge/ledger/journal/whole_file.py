"""Files that appear whole or not at all, on a disk of the journal's kind."""

from kedge.ports.disk import Disk

PART = ".part"


def put_whole(disk: Disk, name: str, content: bytes) -> None:
    """Write under a temporary name, sync, rename, sync the folder.

    Raises:
        OSError: of the disk; the file that was there before is still whole.
    """
    part = name + PART
    file = disk.create(part, 0)
    try:
        file.write(0, content)
        file.sync()
    finally:
        file.close()
    disk.rename(part, name)
    disk.sync_folder()


def forget(disk: Disk, names: list[str]) -> None:
    """Remove files, if any."""
    for name in names:
        disk.remove(name)
    if names:
        disk.sync_folder()
