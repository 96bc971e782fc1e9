"""What goes over the control socket: one JSON line asks, one JSON line answers."""

from typing import Final

import msgspec

from kedge.domain.control import Asked, Verb
from kedge.domain.redact import HIDDEN, redact
from kedge.domain.status import Status

REQUEST_MAX: Final = 4096
"""Longest request, bytes with its line break."""
ANSWER_MAX: Final = 1 << 24
"""Longest answer."""
LINE: Final = b"\n"


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody asks for.

    Attributes:
        verb: name of a `Verb`.
        token: content of the session's token file.
    """

    verb: str
    token: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What they are told.

    Attributes:
        ok: whether it was done or set going.
        said: one line for people.
        held: the requests that keep the latch closed, oldest first.
        status: the last published status, to STATUS alone.
    """

    ok: bool
    said: str
    held: tuple[Asked, ...] = ()
    status: Status | None = None


class MalformedError(Exception):
    """A request that says nothing; its text is one line."""


_request = msgspec.json.Decoder(Request)
_answer = msgspec.json.Decoder(Answer)


def read_request(line: bytes) -> tuple[Verb, str]:
    """The verb and the token of a request.

    Raises:
        MalformedError: it is no request, or its verb is not known.
    """
    try:
        asked = _request.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedError('write one line: {"verb": "STATUS", "token": "..."}') from None
    try:
        return Verb[asked.verb], asked.token
    except KeyError:
        known = ", ".join(verb.name for verb in Verb)
        raise MalformedError(f"no such verb (there are {known})") from None


def write_request(verb: Verb, token: str) -> bytes:
    """The line that asks."""
    return msgspec.json.encode(Request(verb.name, token)) + LINE


def write_answer(answer: Answer) -> bytes:
    """The line that answers, without any secret."""
    line = msgspec.json.encode(answer)
    hidden = redact(line.decode()).encode()
    if hidden != line:
        try:
            _answer.decode(hidden)
        except msgspec.DecodeError:  # the secret was part of a number
            hidden = msgspec.json.encode(Answer(answer.ok, HIDDEN))
    return hidden + LINE


def read_answer(line: bytes) -> Answer:
    """The inverse of `write_answer`.

    Raises:
        MalformedError: it is no answer, or of another version of kedge.
    """
    try:
        return _answer.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"the session's answer cannot be read: {error}") from None
