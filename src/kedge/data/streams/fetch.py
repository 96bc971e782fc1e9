"""One HTTP GET, for snapshots: status, headers and body, whatever the host answers."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable

import msgspec

from kedge.domain.errors import RunError

TIMEOUT_S = 10.0
_MOST_BYTES = 32 * 1024 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What a host answered."""

    status: int
    headers: dict[str, str]
    body: bytes


Fetch = Callable[[str], Awaitable[Answer]]


async def fetch(url: str) -> Answer:
    """Get a URL without blocking the event loop.

    Raises:
        RunError: no answer came.
    """
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> Answer:
    if not url.startswith(("https://", "http://")):
        raise RunError(f"no address to ask: {url[:80]!r}")
    request = urllib.request.Request(url, headers={"User-Agent": "kedge"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return Answer(answer.status, dict(answer.headers), answer.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        return Answer(error.code, dict(error.headers), error.read(_MOST_BYTES))
    except (OSError, ValueError) as error:
        raise RunError(f"{url[:80]}: no answer: {error}") from error
