"""What one account has at the venue: cash, positions, and what its open orders lock.

All cash is int minor units. A fill moves its whole notional, whether it is paid for or
held on margin, as kedge's own ledger books it; what may be spent takes margin off.
"""

from collections.abc import Callable, Mapping

import msgspec

from kedge.venues.simulated.listing import Listing
from kedge.venues.simulated.working import Working


class Hold(msgspec.Struct, frozen=True, gc=False):
    """What one open order locks.

    Attributes:
        key: its instrument.
        cash: minor units of the settlement currency.
        lots: of the instrument itself.
    """

    key: int
    cash: int
    lots: int


class Account:
    """One account.

    Args:
        listings: of every instrument, by key.
        cash: minor units by currency.
        lots: positions by key.
        mark: last traded ticks of a key.

    Attributes:
        cash: minor units by currency, what is locked among them.
        lots: positions by key, what is locked among them.
        holds: what is locked, by order number.
        fees: minor units paid so far by currency.
        funding: minor units received so far by currency.
    """

    __slots__ = (
        "_listings",
        "_locked_cash",
        "_locked_lots",
        "_margined",
        "_mark",
        "cash",
        "fees",
        "funding",
        "holds",
        "lots",
    )

    def __init__(
        self,
        listings: Mapping[int, Listing],
        cash: Mapping[str, int],
        lots: Mapping[int, int],
        mark: Callable[[int], int],
    ) -> None:
        self._listings = listings
        self._mark = mark
        self._margined: dict[str, list[int]] = {}
        for key, listing in listings.items():
            if listing.margin:
                self._margined.setdefault(listing.settle, []).append(key)
        currencies = {listing.settle for listing in listings.values()} | set(cash)
        self.cash = {code: cash.get(code, 0) for code in sorted(currencies)}
        self.lots = {key: lots.get(key, 0) for key in listings}
        self.fees = dict.fromkeys(self.cash, 0)
        self.funding = dict.fromkeys(self.cash, 0)
        self.holds: dict[int, Hold] = {}
        self._locked_cash = dict.fromkeys(self.cash, 0)
        self._locked_lots = dict.fromkeys(listings, 0)

    def free_cash(self, code: str) -> int:
        """Minor units that a new order may lock or spend."""
        free = self.cash[code] - self._locked_cash[code]
        for key in self._margined.get(code, ()):
            if lots := self.lots[key]:
                listing = self._listings[key]
                worth = listing.notional(lots, self._mark(key))
                free += worth - round(abs(worth) * listing.margin)
        return free

    def free_lots(self, key: int) -> int:
        """Lots that a new sell may lock."""
        return self.lots[key] - self._locked_lots[key]

    def needs(self, key: int, side: int, lots: int, notional: int) -> Hold:
        """What an order of ``lots`` worth ``notional`` minor units has to have.

        A margin order that closes needs nothing; one that opens needs its margin.
        """
        listing = self._listings[key]
        if not listing.margin and side < 0:
            return Hold(key, 0, lots)
        cost = notional
        if listing.margin and lots:
            opening = max(0, lots - max(0, -side * self.lots[key]))
            cost = round(notional * listing.margin * opening / lots)
        return Hold(key, cost + max(0, listing.fee(notional, maker=False)) * (cost > 0), 0)

    def covers(self, hold: Hold, own: int = 0) -> bool:
        """Whether the account has what an order needs; ``own`` is the order's present hold."""
        listing = self._listings[hold.key]
        held = self.holds.get(own)
        cash = held.cash if held else 0
        lots = held.lots if held else 0
        if hold.cash and hold.cash > self.free_cash(listing.settle) + cash:
            return False
        return not hold.lots or hold.lots <= self.free_lots(hold.key) + lots

    def lock(self, number: int, hold: Hold) -> None:
        """Lock what an order needs; what it had locked is free first."""
        if number in self.holds:
            self.release(number)
        self.holds[number] = hold
        self._locked_cash[self._listings[hold.key].settle] += hold.cash
        self._locked_lots[hold.key] += hold.lots

    def release(self, number: int) -> None:
        """Free what an order had locked."""
        hold = self.holds.pop(number, None)
        if hold is not None:
            self._locked_cash[self._listings[hold.key].settle] -= hold.cash
            self._locked_lots[hold.key] -= hold.lots

    def relock(self, key: int, order: Working) -> None:
        """Lock what is left of an order after a fill."""
        price = order.limit or order.trigger
        if not order.left or not price:
            self.release(order.number)
            return
        notional = self._listings[key].notional(order.left, price)
        self.lock(order.number, self.needs(key, order.side, order.left, notional))

    def fill(self, key: int, side: int, lots: int, ticks: int, maker: bool) -> int:
        """Book a fill; the fee in minor units."""
        listing = self._listings[key]
        notional = listing.notional(lots, ticks)
        fee = listing.fee(notional, maker)
        self.cash[listing.settle] -= side * notional + fee
        self.fees[listing.settle] += fee
        self.lots[key] += side * lots
        return fee

    def fund(self, key: int, rate: float) -> int:
        """Pay or receive funding on a position at the last trade; minor units received."""
        listing = self._listings[key]
        amount = -round(listing.notional(self.lots[key], self._mark(key)) * rate)
        self.cash[listing.settle] += amount
        self.funding[listing.settle] += amount
        return amount

    def deposit(self, code: str, amount: int) -> None:
        """Add cash, or take it away."""
        self.cash[code] = self.cash.get(code, 0) + amount
        for table in (self.fees, self.funding, self._locked_cash):
            table.setdefault(code, 0)
