"""What each request at the control socket does. No sockets here: a line in, an answer out."""

from collections.abc import Callable
from queue import Full
from typing import Final, assert_never

from kedge.domain.control import Asked, Verb
from kedge.domain.status import Status
from kedge.engine.latch import KillLatch
from kedge.interfaces.control.peer import Peer
from kedge.interfaces.control.token import same
from kedge.interfaces.control.wire import Answer, MalformedError, read_request

REFUSALS: Final = 20
"""Refused requests handed on at once; after them one a second, so that nobody fills the journal."""
SECOND: Final = 1_000_000_000
OUTSIDE: Final = "latch file"
"""Who closed the latch where the file does not say."""

FORGETFUL: Final = (
    "no new risk is sent, but a restart may forget it: the latch's file could not be written: {}"
)
SWAMPED: Final = "refused: the session has too many requests before it; ask again"
STARTING: Final = "the session is starting: {}; nothing is published yet"
LATER: Final = (
    "no new risk is sent from now on, but the session has too many requests before it to act yet"
)


def getting_ready() -> str:
    """The stage of a session that tells none."""
    return "getting ready"


class Desk:
    """Answers requests; meant for one thread, the socket's own.

    What closed the latch before this start (``latch.asks``) is the session's to take up when
    it starts; here only what comes later is handed on.

    Args:
        token: that a request must carry.
        uid: user that may ask; -1 as a peer's means that the system does not tell.
        latch: closed here, before anybody is answered.
        hear: takes what the session must journal and act on; thread-safe, never waits, and
            raises `queue.Full` where it has no room.
        status: the last published status, None before the first.
        now: ns UTC.
        stage: of getting ready, in words; asked for where nothing is published yet.
    """

    def __init__(
        self,
        token: str,
        uid: int,
        latch: KillLatch,
        hear: Callable[[Asked], None],
        status: Callable[[], Status | None],
        now: Callable[[], int],
        stage: Callable[[], str] = getting_ready,
    ) -> None:
        self._token, self._uid, self._stage = token, uid, stage
        self._latch = latch
        self._hear, self._status, self._now = hear, status, now
        self._told = set(latch.asks)
        self._closed = latch.closed
        self._allowance, self._since = float(REFUSALS), now()

    def answer(self, line: bytes, peer: Peer) -> Answer:
        """Do what a line asks for.

        Args:
            line: as it came, without its end.
            peer: who sent it.
        """
        try:
            verb, token = read_request(line)
        except MalformedError as error:
            return Answer(False, str(error))
        ours = peer.uid in (self._uid, -1)
        if not (same(token, self._token) and ours):
            return self._refused(Asked(self._now(), verb, str(peer), granted=False), ours)
        return self._granted(Asked(self._now(), verb, str(peer)))

    def look(self) -> None:
        """Tell the session of a latch that was closed from outside; call it now and then."""
        if not self._latch.closed:
            self._closed = False
            self._told.clear()
            return
        new = [ask for ask in self._latch.asks if ask not in self._told]
        if not (self._closed or new):
            new = [Asked(self._now(), Verb.KILL, OUTSIDE)]
        for ask in new:
            if not self._tell(ask):
                return  # it and what follows are told the next time
            self._told.add(ask)
        self._closed = True

    def _refused(self, ask: Asked, ours: bool) -> Answer:
        self._allowance = min(REFUSALS, self._allowance + max(0, ask.at - self._since) / SECOND)
        self._since = ask.at
        if self._allowance >= 1.0:
            self._allowance -= 1.0
            self._tell(ask)
        return Answer(False, "refused: wrong token" if ours else "refused: another user's session")

    def _granted(self, ask: Asked) -> Answer:
        match ask.verb:
            case Verb.STATUS:
                return self._report()
            case Verb.KILL | Verb.FLATTEN:
                return self._close(ask)
            case Verb.RESUME:
                held = self._latch.asks
                self._latch.offer()
                told = self._tell(ask)
                return Answer(told, "asked to resume" if told else SWAMPED, held)
            case Verb.STOP:
                told = self._tell(ask)
                return Answer(told, "asked to stop" if told else SWAMPED)
            case _:
                assert_never(ask.verb)

    def _report(self) -> Answer:
        status = self._status()
        if status is None:
            return Answer(True, STARTING.format(self._stage()))
        return Answer(True, "running", self._latch.asks, status)

    def _close(self, ask: Asked) -> Answer:
        """The latch first, then the session: what is asked holds even if nobody acts on it."""
        try:
            held = self._latch.close(ask)
        except OSError as error:
            answer = Answer(False, FORGETFUL.format(error.strerror or error))
        else:
            answer = Answer(True, "no new risk is sent from now on, a restart included", held)
        if not self._tell(ask):  # `look` tells the session of it when there is room
            return Answer(False, LATER if answer.ok else answer.said, answer.held)
        self._told.add(ask)
        self._closed = True
        return answer

    def _tell(self, ask: Asked) -> bool:
        """Hand a request on; whether the session had room for it."""
        try:
            self._hear(ask)
        except Full:
            return False
        return True
