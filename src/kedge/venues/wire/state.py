"""What survives the server: everything that was asked of the venue, in a file.

The venue is deterministic, so the log and the seed are the whole of it. Each line is
written before anything comes of it, so a server that is killed at any instant has told
nobody of anything that its successor will not do again.
"""

import fcntl
import os
from pathlib import Path
from struct import Struct
from typing import Final
from zlib import crc32

import msgspec

from kedge.domain.errors import ConfigError, DataError
from kedge.venues.simulated.requests import Sent
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.world import World

_HEAD: Final = Struct("<BII")
_SENT, _PACE = 1, 2


class State:
    """The log of one venue.

    Args:
        folder: made where it is not there.
        world: what the venue is made from; another one's log is refused.

    Attributes:
        world: the same, with the start that the venue had at first.
        sent: what was asked before, oldest first.
        paces: clocks so far.
        reached: the latest instant that the venue's clock is known to have reached, ns.

    Raises:
        ConfigError: another server has it, or it is another world's.
        DataError: it is damaged, which is more than a torn end.
    """

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "requests.log"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.sent: list[Sent] = []
        self.paces: list[Pace] = []
        self.reached = 0
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise ConfigError("is in use by another server", str(folder), "end that one") from None
        self.world = _same_world(folder / "world.json", world)
        self._read()

    def ask(self, line: Sent) -> None:
        """Write a request down, before it is done."""
        self._write(_SENT, msgspec.msgpack.encode(line))

    def run(self, pace: Pace) -> None:
        """Write down how the clock runs from here."""
        self._write(_PACE, msgspec.msgpack.encode(pace))

    def close(self) -> None:
        """Let another server have it."""
        os.close(self._file)

    def _write(self, kind: int, body: bytes) -> None:
        line = _HEAD.pack(kind, len(body), crc32(body)) + body
        if os.write(self._file, line) != len(line):
            raise DataError("was not written whole", str(self._path), "free some space")

    def _read(self) -> None:
        data, at = self._path.read_bytes(), 0
        while at + _HEAD.size <= len(data):
            kind, size, check = _HEAD.unpack_from(data, at)
            body = data[at + _HEAD.size : at + _HEAD.size + size]
            if len(body) < size:
                break
            if crc32(body) != check:
                raise DataError(f"is damaged at byte {at}", str(self._path), "start anew")
            self._take(kind, body)
            at += _HEAD.size + size
        os.ftruncate(self._file, at)  # a line that was being written came of nothing

    def _take(self, kind: int, body: bytes) -> None:
        if kind == _SENT:
            self.sent.append(msgspec.msgpack.decode(body, type=Sent))
            self.reached = max(self.reached, self.sent[-1].at)
        else:
            self.paces.append(msgspec.msgpack.decode(body, type=Pace))
            self.reached = max(self.reached, self.paces[-1].virtual)


def _same_world(path: Path, world: World) -> World:
    if not path.exists():
        path.write_bytes(msgspec.json.encode(world))
        return world
    try:
        was = msgspec.json.decode(path.read_bytes(), type=World)
    except msgspec.MsgspecError:
        raise DataError("cannot be read", str(path), "start with another --state") from None
    if msgspec.structs.replace(world, start=was.start) != was:
        raise ConfigError(
            "holds the state of a venue with other symbols, other cash, other fees, another "
            "tape or another seed",
            str(path.parent),
            "start it as before, or with another --state",
        )
    return was
