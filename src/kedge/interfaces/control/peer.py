"""Who is at the other end of a local socket, as the kernel knows it."""

import socket
import struct
from typing import Final, NamedTuple

_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid


class Peer(NamedTuple):
    """The process that connected; -1 where the system does not tell."""

    uid: int
    pid: int

    def __str__(self) -> str:
        return f"uid {self.uid} pid {self.pid}"


def peer_of(connection: socket.socket) -> Peer:
    """The peer of a connected Unix socket at the time it connected.

    Raises:
        OSError: the connection is gone.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return Peer(-1, -1)  # the folder's mode and the token stand guard alone
    pid, uid, _ = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    )
    return Peer(uid, pid)
