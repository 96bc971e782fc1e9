"""A folder in memory that never fails: for research, benchmarks and tests without a disk."""

from kedge.ports.disk import File


class MemoryFile:
    """A file in memory.

    Args:
        content: shared by every handle of the file.
    """

    __slots__ = ("_content",)

    def __init__(self, content: bytearray) -> None:
        self._content = content

    def write(self, offset: int, data: bytes) -> None:
        """Put ``data`` at ``offset``; a gap before it is zeros."""
        content = self._content
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data

    def read(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes."""
        return bytes(self._content[offset : offset + size])

    def size(self) -> int:
        """Length in bytes."""
        return len(self._content)

    def sync(self) -> None:
        """Nothing to do: memory is as durable as it gets."""

    def close(self) -> None:
        """Nothing to do."""


class MemoryDisk:
    """A folder in memory."""

    def __init__(self) -> None:
        self._files: dict[str, bytearray] = {}

    def __str__(self) -> str:
        return "memory"

    def list(self) -> list[str]:
        """Names of its files, sorted."""
        return sorted(self._files)

    def open(self, name: str) -> File:
        """A file that is there."""
        if name not in self._files:
            raise FileNotFoundError(2, "no such file", name)
        return MemoryFile(self._files[name])

    def create(self, name: str, size: int) -> File:
        """A file of zeros."""
        self._files[name] = bytearray(size)
        return MemoryFile(self._files[name])

    def rename(self, old: str, new: str) -> None:
        """Give a file another name."""
        self._files[new] = self._files.pop(old)

    def remove(self, name: str) -> None:
        """Take a file away."""
        del self._files[name]

    def sync_folder(self) -> None:
        """Nothing to do."""
