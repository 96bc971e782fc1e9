"""A session's tables in a database, kept up to date beside it."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final

from sqlalchemy import Engine

from kedge.domain.errors import KedgeError
from kedge.interfaces.beside import Say
from kedge.ledger.projections.database import engine_of
from kedge.ledger.projections.follow import Follower
from kedge.settings.secrets import Secrets
from kedge.settings.session import Session

LOOK_S: Final = 1.0
"""Between two looks for new records."""
AGAIN_S: Final = (2.0, 60.0)
"""First and longest pause after a failure; each is twice the one before."""


class Tables:
    """Brings a database after the journal; while it is gone, the journal waits for it.

    Args:
        journal: its folder.
        engine: of the database.
        say: told when it fails and when it is there again, once each.
    """

    name = "database"

    def __init__(self, journal: Path, engine: Engine, say: Say) -> None:
        self._follower, self._engine, self._say = Follower(journal, engine), engine, say
        self._failed, self._again = "", AGAIN_S[0]

    def turn(self) -> float:
        """One batch; a long way is gone at half the speed, so that the session has the rest."""
        began = monotonic()
        try:
            done = self._follower.step()
        except (KedgeError, OSError) as error:
            return self._fail(error)
        if not done:
            self._back()
            return LOOK_S
        return monotonic() - began

    def finish(self, over: Callable[[], bool]) -> None:
        """Everything that the session recorded."""
        try:
            while not over() and self._follower.step():
                pass
            self._back()
        except (KedgeError, OSError) as error:
            self._fail(error)
        self._engine.dispose()

    def _fail(self, error: Exception) -> float:
        pause, self._again = self._again, min(2 * self._again, AGAIN_S[1])
        if not self._failed:
            self._say(f"database: {error}; it catches up from the journal", True)
        self._failed = str(error)
        return pause

    def _back(self) -> None:
        if self._failed:
            self._say(f"the database is back, up to record {self._follower.seq:,}", False)
        self._failed, self._again = "", AGAIN_S[0]


def engine_for(settings: Session, secrets: Callable[[], Secrets]) -> Engine | None:
    """The database that a session keeps tables in, None for none.

    Args:
        settings: that name it.
        secrets: where its password is looked for.

    Raises:
        ConfigError: the URL is none, its driver is not installed, or there is no such secret.
    """
    if settings.database is None:
        return None
    name, password = settings.database_password, None
    if name is not None:
        password = secrets().get(name, "session.database_password").get_secret_value()
    given = settings.database
    url = given if "://" in given else f"sqlite:///{Path(given).expanduser()}"
    return engine_of(url, "session.database", password)
