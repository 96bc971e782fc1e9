"""Secrets that this process has read, and their removal from whatever is about to be said.

What is read through `kedge.settings.secrets` is remembered here. Every way out of the
process (error lines, tracebacks, logs, the control socket) passes its text through
`redact`; the last line of defence, since no part hands a secret's value on in the first
place.
"""

import base64
import json
import logging
from threading import Lock
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "[secret]"
"""What stands where a secret stood."""
SHORTEST: Final = 6
"""Characters of a secret at least: a shorter text is in too many words."""

_known: tuple[str, ...] = ()
_lock: Final = Lock()


def remember(secret: str) -> None:
    """Hide a text from now on, in the forms in which it travels.

    Args:
        secret: a key, a password; one that is shorter than `SHORTEST` cannot be hidden.
    """
    global _known
    if len(secret) < SHORTEST:
        return
    forms = {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
    }
    with _lock:
        _known = tuple(sorted({*_known, *forms}, key=lambda each: (-len(each), each)))


def redact(text: str) -> str:
    """The text without any secret that this process has read."""
    for each in _known:
        if each in text:
            text = text.replace(each, HIDDEN)
    return text


class HideSecrets(logging.Filter):
    """Keeps secrets out of a log: add it to every handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass, its message without secrets."""
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = redact(record.exc_text) if record.exc_text else record.exc_text
        return True
