"""How much may be asked: weight a minute, orders in ten seconds and a day, and bans."""

from collections import deque
from typing import Final

import msgspec

from kedge.venues.wire.refusals import RequestError

SECOND: Final = 1_000_000_000
_MINUTE: Final = 60 * SECOND
_DAY: Final = 86_400 * SECOND
_LONGEST: Final = 3 * 86_400


class Allowed(msgspec.Struct, frozen=True):
    """Limits of one address.

    Attributes:
        weight: a minute.
        orders_10s, orders_day: orders.
        patience: refused requests after which the address is banned.
        ban_s: seconds of the first ban; each further one lasts twice as long.
    """

    weight: int = 6_000
    orders_10s: int = 100
    orders_day: int = 200_000
    patience: int = 10
    ban_s: int = 120


class Limits:
    """What one address has used, in windows that start at whole minutes.

    Args:
        allowed: the limits.
    """

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._minute = self._used = self._refused = self._bans = 0
        self._banned_until = 0
        self._orders: deque[int] = deque()
        self._day = self._ordered = 0

    def spend(self, weight: int, now: int) -> None:
        """Count a request.

        Raises:
            RequestError: 429 beyond the limit; 418 for those who go on nevertheless.
        """
        if now < self._banned_until:
            self.refuse_banned(-(-(self._banned_until - now) // SECOND))
        if now // _MINUTE != self._minute:
            self._minute, self._used, self._refused = now // _MINUTE, 0, 0
        self._used += weight
        if self._used <= self._allowed.weight:
            return
        self._refused += 1
        if self._refused > self._allowed.patience:
            seconds = min(self._allowed.ban_s << self._bans, _LONGEST)
            self._bans, self._refused = self._bans + 1, 0
            self._banned_until = now + seconds * SECOND
            self.refuse_banned(seconds)
        self.refuse(-(-((self._minute + 1) * _MINUTE - now) // SECOND))

    def order(self, now: int) -> None:
        """Count an order.

        Raises:
            RequestError: 429 beyond the limit.
        """
        self._forget(now)
        if len(self._orders) >= self._allowed.orders_10s:
            raise RequestError(-1015, "Too many new orders; current limit is "
                          f"{self._allowed.orders_10s} orders per 10 SECOND.", 429, 10)  # fmt: skip
        if self._ordered >= self._allowed.orders_day:
            raise RequestError(-1015, "Too many new orders; current limit is "
                          f"{self._allowed.orders_day} orders per 1 DAY.", 429, 3_600)  # fmt: skip
        self._orders.append(now)
        self._ordered += 1

    def headers(self, now: int) -> dict[str, str]:
        """What every answer tells of it."""
        self._forget(now)
        return {
            "X-MBX-USED-WEIGHT": str(self._used),
            "X-MBX-USED-WEIGHT-1M": str(self._used),
            "X-MBX-ORDER-COUNT-10S": str(len(self._orders)),
            "X-MBX-ORDER-COUNT-1D": str(self._ordered),
        }

    def refuse(self, seconds: int) -> None:
        """Raise what a request beyond the limit is refused with."""
        text = (
            f"Too much request weight used; current limit is {self._allowed.weight} request "
            "weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling "
            "the API."
        )
        raise RequestError(-1003, text, 429, max(1, seconds))

    def refuse_banned(self, seconds: int) -> None:
        """Raise what a banned address is refused with."""
        text = f"Way too much request weight used; IP banned for {seconds} seconds."
        raise RequestError(-1003, text, 418, max(1, seconds))

    def _forget(self, now: int) -> None:
        while self._orders and now - self._orders[0] >= 10 * SECOND:
            self._orders.popleft()
        if now // _DAY != self._day:
            self._day, self._ordered = now // _DAY, 0
