"""Keys of the account's stream, each good for an hour after it was last renewed."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from kedge.venues.wire.refusals import NO_LISTEN_KEY, RequestError

_LIFE: Final = 3_600 * 10**9


class ListenKeys:
    """The keys that are good.

    Args:
        seed: of the keys.
        clock: ns UTC.
    """

    def __init__(self, seed: int, clock: Callable[[], int]) -> None:
        self._seed, self._clock = seed, clock
        self._until: dict[str, int] = {}

    def make(self) -> str:
        """The key that is good now, or a new one."""
        key = next((key for key in self._until if self.lives(key)), None)
        if key is None:
            key = sha256(f"{self._seed}/listen/{self._clock()}".encode()).hexdigest()
        self._until[key] = self._clock() + _LIFE
        return key

    def renew(self, key: str) -> None:
        """Let a key live for another hour.

        Raises:
            RequestError: it is none.
        """
        if not self.lives(key):
            raise RequestError(*NO_LISTEN_KEY)
        self._until[key] = self._clock() + _LIFE

    def drop(self, key: str) -> None:
        """End a key.

        Raises:
            RequestError: it is none.
        """
        if self._until.pop(key, None) is None:
            raise RequestError(*NO_LISTEN_KEY)

    def lives(self, key: str) -> bool:
        """Whether a key is good."""
        return self._until.get(key, 0) > self._clock()
