"""One rate budget per host, shared by all who ask that host for anything."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Protocol

import msgspec

SECOND = 1_000_000_000


class Limit(msgspec.Struct, frozen=True):
    """So much weight in any window of so many ns, as the host's terms have it."""

    weight: int
    window_ns: int


class BudgetState(msgspec.Struct, frozen=True, array_like=True):
    """What a budget is, for one process or for all of a machine.

    Attributes:
        tokens: weight left, in millionths, so that it refills evenly.
        at: when that was, ns UTC.
        banned_until: nothing is asked before; ns UTC.
    """

    tokens: int
    at: int
    banned_until: int = 0


class BudgetStore(Protocol):
    """Where a budget's state is kept; `change` is one step that nobody comes between."""

    def change(self, step: "Step") -> int:
        """Apply a step to the state and keep what it makes; gives the step's answer."""


class Step(Protocol):
    """A pure change of the state."""

    def __call__(self, state: BudgetState | None) -> tuple[BudgetState, int]:
        """The next state, and an answer."""


class InProcess:
    """A state that lives in this process."""

    def __init__(self) -> None:
        self._state: BudgetState | None = None
        self._turn = Lock()

    def change(self, step: Step) -> int:
        """See `BudgetStore`."""
        with self._turn:
            self._state, answer = step(self._state)
            return answer


class Budget:
    """A token bucket of one host.

    Args:
        limit: what the host allows.
        store: where its state is kept.

    Attributes:
        banned_until: nothing is asked before, as far as was seen at the last request; ns UTC.
    """

    def __init__(self, limit: Limit, store: BudgetStore | None = None) -> None:
        self._limit, self._store = limit, store or InProcess()
        self.banned_until = 0

    def take(self, weight: int, now: int) -> int:
        """Spend weight: zero when it was granted, else ns to wait; nothing is spent then."""

        def step(state: BudgetState | None) -> tuple[BudgetState, int]:
            state = self._refilled(state, now)
            if now < state.banned_until:
                return state, state.banned_until - now
            short = weight * _UNIT - state.tokens
            if short > 0:
                rate = self._limit.weight * _UNIT
                return state, -(-short * self._limit.window_ns // rate)
            return BudgetState(state.tokens - weight * _UNIT, state.at, state.banned_until), 0

        return self._store.change(step)

    def told(self, used: int, now: int) -> None:
        """The host said how much is used of the window: never more is left than that leaves."""

        def step(state: BudgetState | None) -> tuple[BudgetState, int]:
            state = self._refilled(state, now)
            left = max(self._limit.weight - used, 0) * _UNIT
            return BudgetState(min(state.tokens, left), state.at, state.banned_until), 0

        self._store.change(step)

    def banned(self, until: int, now: int) -> None:
        """The host refuses until an instant; a shorter ban never lifts a longer one."""

        def step(state: BudgetState | None) -> tuple[BudgetState, int]:
            state = self._refilled(state, now)
            self.banned_until = max(state.banned_until, until)
            return BudgetState(0, state.at, self.banned_until), 0

        self._store.change(step)

    def answered(self, status: int, headers: Mapping[str, str], now: int) -> int:
        """Learn from an answer's status and headers; ns until which nothing may be asked, or 0.

        429 and 418 ban for ``Retry-After`` (seconds or an HTTP date), a minute without one;
        ``X-MBX-USED-WEIGHT-1M`` tells the weight used.
        """
        lower = {name.lower(): value for name, value in headers.items()}
        used = lower.get("x-mbx-used-weight-1m", "")
        if used.isascii() and used.isdigit():
            self.told(int(used[:9]), now)
        if status not in (418, 429):
            return 0
        until = now + _retry_after(lower.get("retry-after", ""), now)
        self.banned(until, now)
        return until

    def _refilled(self, state: BudgetState | None, now: int) -> BudgetState:
        full = self._limit.weight * _UNIT
        if state is None:
            return BudgetState(full, now)
        self.banned_until = state.banned_until
        passed = max(now - state.at, 0)
        gained = full * passed // self._limit.window_ns
        if state.tokens + gained >= full:
            return BudgetState(full, now, state.banned_until)
        at = state.at - -gained * self._limit.window_ns // full  # what is left over counts later
        return BudgetState(state.tokens + gained, at, state.banned_until)


_UNIT = 1_000_000
_MINUTE = 60 * SECOND
_MOST = 7 * 24 * 3600 * SECOND


def _retry_after(text: str, now: int) -> int:
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * SECOND, _MOST)
    try:
        until = int(parsedate_to_datetime(text).timestamp()) * SECOND
    except (ValueError, TypeError, OverflowError):
        return _MINUTE
    return min(max(until - now, 0), _MOST)
