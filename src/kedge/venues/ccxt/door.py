"""The last look before an order leaves, and how long it may still arrive afterwards."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from kedge.risk.approved import Approved
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.paths import TooBusyError, Way

KILLED: Final = "the session was killed while it waited to be sent"
_KEEP: Final = 10_000


class KilledError(TooBusyError):
    """The kill latch is closed, and the order would add risk: nothing was sent."""


class Door:
    """Where orders leave.

    An exchange refuses an order once its window has passed since the instant that is stamped
    on it. Only then does "not found" say that it never was there. How much time has passed is
    counted by a clock that nobody sets, from when the request had ended; a stamp may have
    been ahead of the exchange's clock by as much as was known when it was made, and no less
    than the exchange's `Able.skew_ns` is reckoned with. What an earlier process sent had left
    when this one began.

    Args:
        way: to the exchange.
        exchange: which.
        killed: the kill latch.
        steady: ns that only grow.
    """

    def __init__(
        self, way: Way, exchange: Exchange, killed: Callable[[], bool], steady: Callable[[], int]
    ) -> None:
        self._way, self._killed, self.steady = way, killed, steady
        self._window, self._skew = exchange.able.receive_window_ns, exchange.able.skew_ns
        self._out: dict[str, int] = {}
        self._shut: OrderedDict[str, int] = OrderedDict()
        self._all_shut = steady() + self._window + self._skew

    @contextmanager
    def leaving(self, order: str) -> Iterator[None]:
        """An order may leave while the block runs, and not after it."""
        self._out[order] = self._skew
        try:
            yield
        finally:
            off = max(self._out.pop(order), self._way.off())
            self._shut[order] = self.steady() + self._window + off
            if len(self._shut) > _KEEP:
                self._all_shut = max(self._all_shut, self._shut.popitem(last=False)[1])

    def let(self, approved: Approved) -> None:
        """Look at the kill latch and the clocks, when nothing is waited for any more.

        Raises:
            KilledError: it is closed, and the order is no verified reduction.
        """
        if not approved.reduces and self._killed():
            raise KilledError(KILLED)
        self._out[approved.order.id] = max(self._skew, self._way.off())

    def absent(self, order: str, asked: int) -> bool:
        """Whether an order that was not found can no longer arrive.

        Args:
            order: client id.
            asked: when the question was about to leave, by the steady clock.
        """
        return order not in self._out and asked > self._shut.get(order, self._all_shut)
