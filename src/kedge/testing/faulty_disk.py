"""A disk in memory that does what disks do when the power fails, repeatably.

The fault model: a sector of 512 bytes is written whole or not at all; of what was not
synced any subset of sectors survives, in any state that they had since the last sync;
a file's length is durable by the file's sync only; of the changes to the folder that
were not synced a first part survives, in order. A failed sync may have written some
sectors and dropped others that readers still see.
"""

import errno
from collections import Counter
from random import Random
from typing import Final

from kedge.ports.disk import File

SECTOR: Final = 512
_BITS: Final = 9


class PowerLostError(Exception):
    """The power failed inside an operation: whatever ran is gone. Never caught by the product."""


class Content:
    """What is in one file, and what of it is durable.

    Attributes:
        data: as readers see it.
        kept: length that is durable.
        unsynced: earlier contents of each changed sector, the durable one first.
        dropped: durable content of sectors that a failed sync let go.
    """

    __slots__ = ("data", "dropped", "kept", "unsynced")

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)
        self.kept = 0
        self.unsynced: dict[int, list[bytes]] = {}
        self.dropped: dict[int, bytes] = {}


class FaultyFile:
    """A handle; it dies with the power."""

    __slots__ = ("_content", "_disk", "_life")

    def __init__(self, disk: "FaultyDisk", content: Content) -> None:
        self._disk, self._content, self._life = disk, content, disk.life

    def write(self, offset: int, data: bytes) -> None:
        """Put ``data`` at ``offset``, not durable yet."""
        disk, content = self._disk, self._content
        disk.tick(self._life)
        if disk.read_only:
            disk.refuse()
        now, unsynced = content.data, content.unsynced
        end = offset + len(data)
        if end > len(now):
            disk.take(end - len(now))
            now.extend(bytes(end - len(now)))
        for sector in range(offset >> _BITS, (end + SECTOR - 1) >> _BITS):
            start = sector << _BITS
            before = bytes(now[start : start + SECTOR])
            older = unsynced.get(sector)
            if older is None:
                unsynced[sector] = [content.dropped.pop(sector, before)]
            else:
                older.append(before)
        now[offset:end] = data

    def read(self, offset: int, size: int) -> bytes:
        """As readers see it."""
        self._disk.check(self._life)
        return bytes(memoryview(self._content.data)[offset : offset + size])

    def size(self) -> int:
        """As readers see it."""
        self._disk.check(self._life)
        return len(self._content.data)

    def sync(self) -> None:
        """Make it durable, or fail as the disk was told to."""
        disk, content = self._disk, self._content
        disk.tick(self._life)
        if disk.fail_syncs:
            disk.fail_syncs -= 1
            disk.drop(content)
            raise OSError(errno.EIO, "input/output error")
        content.unsynced.clear()
        content.kept = len(content.data)

    def close(self) -> None:
        """Nothing to do: closing syncs nothing."""


class FaultyDisk:
    """A folder in memory with faults.

    Args:
        random: decides what survives.
        capacity: bytes that all files together may take.

    Attributes:
        life: counts losses of power; a handle of an earlier life is dead.
        fail_syncs: so many of the next syncs of files fail.
        read_only: every change fails.
        full: nothing more can be taken, whatever the capacity.
        fuse: operations until the power fails inside one; -1 for never.
        struck: how often each fault came about.
    """

    def __init__(self, random: Random, capacity: int = 1 << 40) -> None:
        self.life = 0
        self.fail_syncs = 0
        self.read_only = False
        self.full = False
        self.fuse = -1
        self.struck: Counter[str] = Counter()
        self._random, self._capacity = random, capacity
        self._names: dict[str, Content] = {}
        self._durable: dict[str, Content] = {}
        self._changes: list[tuple[str, str, Content | None]] = []

    def __str__(self) -> str:
        return "simulated disk"

    def list(self) -> list[str]:
        """Names as readers see them, sorted."""
        return sorted(self._names)

    def open(self, name: str) -> File:
        """A file that is there."""
        return FaultyFile(self, self._found(name))

    def create(self, name: str, size: int) -> File:
        """A file of zeros; neither its name nor its length is durable yet."""
        self.tick(self.life)
        if self.read_only:
            self.refuse()
        replaced = self._names.pop(name, None)
        try:
            self.take(size)
        except OSError:
            if replaced is not None:
                self._names[name] = replaced
            raise
        content = Content(size)
        self._names[name] = content
        self._changes.append(("set", name, content))
        return FaultyFile(self, content)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, not durable yet."""
        self.tick(self.life)
        if self.read_only:
            self.refuse()
        content = self._found(old)
        del self._names[old]
        self._names[new] = content
        self._changes += [("move", f"{old}\0{new}", content)]

    def remove(self, name: str) -> None:
        """Take a file away, not durable yet."""
        self.tick(self.life)
        if self.read_only:
            self.refuse()
        self._found(name)
        del self._names[name]
        self._changes.append(("unset", name, None))

    def sync_folder(self) -> None:
        """Make names durable."""
        self.tick(self.life)
        self._durable = dict(self._names)
        self._changes.clear()

    def crash(self) -> None:
        """The power fails: what was not synced survives in part, all handles are dead."""
        self.life += 1
        self.fuse = -1
        self.fail_syncs = 0
        self._replay(self._random.randint(0, len(self._changes)))
        self._changes.clear()
        share = self._random.choice((0.0, 0.5, 0.5, 1.0))
        for content in self._durable.values():
            self._lose(content, share)
        self._names = dict(self._durable)
        self.struck["crash"] += 1

    def seed(self, seed: int) -> None:
        """Decide from here on by another seed."""
        self._random.seed(seed)

    def flip(self, name: str, offset: int, mask: int = 1) -> None:
        """Change bits of one byte on the disk itself."""
        self._found(name).data[offset] ^= mask

    def content(self, name: str) -> bytes:
        """What readers see in a file."""
        return bytes(self._found(name).data)

    def tick(self, life: int) -> None:
        """Count an operation of a handle of ``life``; here the power may fail."""
        if life != self.life:
            self.check(life)
        if self.fuse >= 0:
            self._burn()

    def _burn(self) -> None:
        if self.fuse == 0:
            self.crash()
            raise PowerLostError
        self.fuse -= 1

    def check(self, life: int) -> None:
        """Refuse a handle from before the power failed."""
        if life != self.life:
            raise OSError(errno.EBADF, "handle from before the power failed")

    def refuse(self) -> None:
        """Nothing may be changed."""
        self.struck["read-only"] += 1
        raise OSError(errno.EROFS, "read-only file system")

    def take(self, size: int) -> None:
        """Room for ``size`` more bytes, or the error of a full disk."""
        used = sum(len(content.data) for content in self._names.values())
        if size and (self.full or used + size > self._capacity):
            self.struck["full"] += 1
            raise OSError(errno.ENOSPC, "no space left on device")

    def drop(self, content: Content) -> None:
        """A sync failed: some sectors got through, the others only look as if they had."""
        self.struck["failed sync"] += 1
        for sector, older in content.unsynced.items():
            if self._random.random() < 0.5:
                content.dropped[sector] = older[0]
        content.unsynced.clear()

    def _found(self, name: str) -> Content:
        if name not in self._names:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        return self._names[name]

    def _replay(self, count: int) -> None:
        """The first ``count`` changes of the folder reach the disk."""
        if count < len(self._changes):
            self.struck["lost name"] += 1
        for verb, name, content in self._changes[:count]:
            if verb == "set" and content is not None:
                self._durable[name] = content
            elif verb == "move" and content is not None:
                old, _, new = name.partition("\0")
                self._durable.pop(old, None)
                self._durable[new] = content
            else:
                self._durable.pop(name, None)

    def _lose(self, content: Content, share: float) -> None:
        """Sectors of a file survive with probability ``share``, else in an earlier state."""
        random = self._random
        for sector, before in content.dropped.items():
            _put_back(content.data, sector, before)
        lost = 0
        for sector, older in content.unsynced.items():
            if random.random() >= share:
                before = older[random.randrange(len(older))] if share else older[0]
                _put_back(content.data, sector, before)
                lost += 1
        self.struck["lost write"] += lost > 0
        self.struck["torn write"] += 0 < lost < len(content.unsynced)
        if len(content.data) != content.kept and random.random() >= share:
            del content.data[content.kept :]
            self.struck["lost length"] += 1
        content.kept = len(content.data)
        content.unsynced, content.dropped = {}, {}


def _put_back(data: bytearray, sector: int, before: bytes) -> None:
    """A sector as it was; where the file has grown since, zeros follow."""
    start = sector << _BITS
    size = min(SECTOR, len(data) - start)
    data[start : start + size] = before.ljust(size, b"\0")
