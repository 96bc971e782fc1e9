"""Snapshots: the state at a record, kept to start sooner. Each can be thrown away at any time.

::

    0   8 B  "kedgesnp"
    8   u64  record whose state it is
    16  16 B chain hash there: a snapshot of another journal, or of what was cut, is none
    32  32 B BLAKE2b of the 32 bytes before and of the state
    64  ...  the state

One that is damaged, cut short or of another history is passed over for an older one, and
without any the journal is folded from its start.
"""

import struct
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol

from kedge.ledger.journal.whole_file import PART, forget, put_whole
from kedge.ports.disk import Disk

MAGIC: Final = b"kedgesnp"
SUFFIX: Final = ".snapshot"

_head = struct.Struct("<8sQ16s")
_SUM: Final = 32


class Snapshot(NamedTuple):
    """A state and the record after which it was so."""

    seq: int
    state: bytes


class Chained(Protocol):
    """The journal that snapshots are of."""

    durable: int

    def chain_at(self, seq: int) -> bytes:
        """Chain hash at a record."""


class Snapshots:
    """The snapshots of one journal.

    Args:
        disk: a folder of their own.
        keep: how many are kept.
    """

    def __init__(self, disk: Disk, keep: int = 2) -> None:
        self._disk, self._keep = disk, keep

    def save(self, seq: int, chain: bytes, state: bytes) -> None:
        """Keep the state after record ``seq``; older ones beyond `keep` go.

        Args:
            seq: of the last record in the state.
            chain: the journal's chain hash there.
            state: any bytes.

        Raises:
            OSError: of the disk; nothing is lost by it.
        """
        head = _head.pack(MAGIC, seq, chain)
        put_whole(self._disk, f"{seq:020d}{SUFFIX}", head + _sum(head, state) + state)
        parts = [name for name in self._disk.list() if name.endswith(PART)]
        forget(self._disk, parts + self._names()[: -self._keep])

    def newest(self, journal: Chained) -> Snapshot | None:
        """The latest snapshot that is whole and of this journal's past, None without one."""
        for name in reversed(self._names()):
            found = self._read(name)
            if found is not None and _belongs(found, journal):
                return Snapshot(found[0], found[2])
        return None

    def _names(self) -> list[str]:
        return [name for name in self._disk.list() if name.endswith(SUFFIX)]

    def _read(self, name: str) -> tuple[int, bytes, bytes] | None:
        file = self._disk.open(name)
        try:
            data = file.read(0, file.size())
        except OSError:
            return None  # it cannot be read: there is an older one, or the journal
        finally:
            file.close()
        if len(data) < _head.size + _SUM:
            return None
        magic, seq, chain = _head.unpack_from(data)
        state = data[_head.size + _SUM :]
        right = data[_head.size : _head.size + _SUM] == _sum(data[: _head.size], state)
        return (seq, chain, state) if magic == MAGIC and right else None


def _belongs(found: tuple[int, bytes, bytes], journal: Chained) -> bool:
    seq, chain, _ = found
    return seq <= journal.durable and journal.chain_at(seq) == chain


def _sum(head: bytes, state: bytes) -> bytes:
    return blake2b(head + state, digest_size=_SUM).digest()
