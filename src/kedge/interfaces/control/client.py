"""Asking a running session for something."""

import socket
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from kedge.domain.control import Verb
from kedge.domain.errors import RunError
from kedge.interfaces.control.place import address
from kedge.interfaces.control.token import read_token
from kedge.interfaces.control.wire import (
    ANSWER_MAX,
    LINE,
    Answer,
    MalformedError,
    read_answer,
    write_request,
)

PATIENCE_S: Final = 2.0
"""How long an answer may take."""

POLL_S: Final = 0.01


class NoSessionError(RunError):
    """No process serves the folder's socket."""


class NoReplyError(RunError):
    """A process holds the socket and does not answer, or not in words of this version."""


def ask(folder: Path, verb: Verb, patience_s: float = PATIENCE_S) -> Answer:
    """Ask the session of a folder.

    Args:
        folder: of the session.
        verb: what for.
        patience_s: seconds until it counts as not answering.

    Raises:
        NoSessionError: none runs there.
        NoReplyError: it does not answer.
        RunError: its token cannot be read.
    """
    end = monotonic() + patience_s
    with _connected(folder, end) as connection:
        line = write_request(verb, read_token(folder))
        try:
            connection.sendall(line)
            return read_answer(_line(connection, end))
        except MalformedError as error:
            raise NoReplyError(f"{folder}: {error}") from None
        except TimeoutError:
            raise NoReplyError(
                f"{folder}: the session did not answer in {patience_s:g} s"
            ) from None
        except OSError as error:
            raise NoReplyError(
                f"{folder}: the session hung up: {error.strerror or error}"
            ) from None


def runs(folder: Path) -> bool:
    """Whether a process serves a folder's socket."""
    try:
        with _connected(folder, monotonic() + PATIENCE_S):
            return True
    except NoSessionError:
        return False
    except NoReplyError:
        return True


def _connected(folder: Path, end: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with address(folder) as name:
            _connect(connection, name, end)
    except (TimeoutError, BlockingIOError):
        connection.close()
        raise NoReplyError(f"{folder}: the session does not take connections") from None
    except PermissionError:
        connection.close()
        raise NoReplyError(f"{folder}: the session is another user's") from None
    except OSError:
        connection.close()
        said = f"{folder}: no session runs here (start one with `kedge run`)"
        raise NoSessionError(said) from None
    return connection


def _connect(connection: socket.socket, name: str, end: float) -> None:
    while True:
        connection.settimeout(max(0.01, end - monotonic()))
        try:
            return connection.connect(name)
        except BlockingIOError:  # more are waiting than the kernel keeps: come again
            if monotonic() >= end:
                raise
            sleep(POLL_S)


def _line(connection: socket.socket, end: float) -> bytes:
    """Everything up to the end of a line."""
    given = bytearray()
    while not given.endswith(LINE):
        connection.settimeout(max(0.01, end - monotonic()))
        got = connection.recv(1 << 16)
        if not got:
            raise MalformedError("the session hung up before it had answered")
        given += got
        if len(given) > ANSWER_MAX:
            raise MalformedError("the answer is too long")
    return bytes(given)
