"""The control socket, served by a thread of its own: a busy session still hears a kill."""

import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Final, Self

from kedge.domain.errors import RunError
from kedge.interfaces.control.desk import Desk
from kedge.interfaces.control.peer import Peer, peer_of
from kedge.interfaces.control.place import SOCKET, address
from kedge.interfaces.control.wire import LINE, REQUEST_MAX, Answer, write_answer

CLIENT_S: Final = 2.0
"""How long one client may take from connecting to having read its answer."""
CLIENTS: Final = 32
"""Clients at once; one more makes the oldest leave, so that idle ones keep nobody out."""
BACKLOG: Final = 128
PAUSE_S: Final = 0.01
LOOK_S: Final = 0.1
"""How often the latch is looked at for changes from outside."""


class _Client:
    """One connection: a line comes in, a line goes out."""

    __slots__ = ("awaits", "connection", "given", "peer", "till", "unsent")

    def __init__(self, connection: socket.socket, peer: Peer, till: float) -> None:
        self.connection, self.peer, self.till = connection, peer, till
        self.awaits = 0
        self.given = bytearray()
        self.unsent = memoryview(b"")


class ControlServer:
    """Listens in a session's folder until it is closed.

    The caller holds the folder's `SessionLock`, so a socket that is found there is that of
    a dead process and is replaced.

    Args:
        folder: of the session.
        desk: does what is asked.
        peer: tells who connected.

    Raises:
        RunError: the socket cannot be made.
    """

    def __init__(
        self, folder: Path, desk: Desk, peer: Callable[[socket.socket], Peer] = peer_of
    ) -> None:
        self._folder, self._desk, self._peer = folder, desk, peer
        self._listener = _listening(folder)
        self._selector = selectors.DefaultSelector()
        self._bell, self._door = socket.socketpair()
        self._clients: dict[int, _Client] = {}
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)
        self.failure = ""  # the last unexpected one, for the session's log
        self._thread = Thread(target=self._serve, name="kedge-control", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and remove the socket; once closed it stays closed."""
        if self._thread.is_alive():
            self._door.send(b".")
            self._thread.join()
        for client in list(self._clients.values()):
            self._drop(client)
        for each in (self._listener, self._bell, self._door):
            each.close()
        self._selector.close()
        (self._folder / SOCKET).unlink(missing_ok=True)

    def _serve(self) -> None:
        going = True
        while going:
            try:
                going = self._round()
            except Exception as error:  # whatever one request breaks, the next one is heard
                self.failure = f"{type(error).__name__}: {error}"
                sleep(LOOK_S)

    def _round(self) -> bool:
        """Serve whoever is ready; gives whether to go on."""
        for key, _ in self._selector.select(LOOK_S):
            if key.fileobj is self._bell:
                return False
            if key.fileobj is self._listener:
                self._accept()
            else:
                self._turn(key.data)
        self._expire()
        self._desk.look()
        return True

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            sleep(PAUSE_S)  # it left again, or there are no descriptors for now
            return
        try:
            connection.setblocking(False)
            client = _Client(connection, self._peer(connection), monotonic() + CLIENT_S)
        except OSError:
            connection.close()
            return
        if len(self._clients) >= CLIENTS:
            self._drop(next(iter(self._clients.values())))
        self._clients[connection.fileno()] = client
        self._turn(client)  # its line is mostly there already: no second round for that

    def _turn(self, client: _Client) -> None:
        """Go on with a client whose socket may be ready."""
        if client.connection.fileno() not in self._clients:
            return  # dropped in this very round
        try:
            self._write(client) if client.unsent else self._read(client)
        except BlockingIOError:
            self._await(client, selectors.EVENT_WRITE if client.unsent else selectors.EVENT_READ)
        except OSError:
            self._drop(client)
        except Exception:
            self._drop(client)
            raise

    def _await(self, client: _Client, event: int) -> None:
        if client.awaits == event:
            return
        change = self._selector.modify if client.awaits else self._selector.register
        change(client.connection, event, client)
        client.awaits = event

    def _read(self, client: _Client) -> None:
        """Take what has come until the line is whole, then answer it."""
        while True:
            got = client.connection.recv(REQUEST_MAX)
            client.given += got
            line, ended, _ = bytes(client.given).partition(LINE)
            if ended or (line and not got):
                return self._reply(client, self._desk.answer(line, client.peer))
            if not got:
                return self._drop(client)
            if len(client.given) >= REQUEST_MAX:
                said = f"the request is longer than {REQUEST_MAX} bytes"
                return self._reply(client, Answer(False, said))

    def _reply(self, client: _Client, answer: Answer) -> None:
        client.unsent = memoryview(write_answer(answer))
        self._write(client)

    def _write(self, client: _Client) -> None:
        while client.unsent:
            client.unsent = client.unsent[client.connection.send(client.unsent) :]
        self._drop(client)

    def _expire(self) -> None:
        now = monotonic()
        for client in [each for each in self._clients.values() if each.till <= now]:
            self._drop(client)

    def _drop(self, client: _Client) -> None:
        self._clients.pop(client.connection.fileno(), None)
        if client.awaits:
            self._selector.unregister(client.connection)
        client.connection.close()


def _listening(folder: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path = folder / SOCKET
        path.unlink(missing_ok=True)
        with address(folder) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise RunError(f"{folder / SOCKET}: cannot listen: {error.strerror or error}") from error
    return listener
