"""Round trips, flat to flat: what each position made from its opening to its end.

Lots that a fee took leave their trip for nothing. They were bought and are not sold, and
that is all that such a fee costs: it is shown, but no cash is taken for it once more.
"""

from typing import Any

from kedge.domain.entry import average_entry
from kedge.domain.instrument import Instrument


class _Open:
    """A position that is not over."""

    __slots__ = (
        "at", "bought", "cash", "entry", "fees", "left", "paid", "peak", "side", "sold", "taken"
    )  # fmt: skip

    def __init__(self, at: int, side: int) -> None:
        self.at, self.side = at, side
        self.left = self.peak = 0
        self.bought = self.sold = 0
        self.paid = self.taken = 0
        self.fees = self.cash = self.entry = 0.0


class Trips:
    """Round trips of N instruments.

    Args:
        instruments: of the keys.

    Attributes:
        done: finished trips, in order of their end.
    """

    def __init__(self, instruments: tuple[Instrument, ...]) -> None:
        self._instruments = instruments
        self._open: dict[int, _Open] = {}
        self.done: list[dict[str, Any]] = []

    def add(
        self,
        key: int,
        at: int,
        lots: int,
        ticks: int,
        fee: float,
        reason: str,
        gone: int | None = None,
    ) -> None:
        """Take one fill of signed lots; one that turns a position ends a trip and begins another.

        Args:
            key: of the instrument.
            at: ns UTC.
            lots: signed.
            ticks: price.
            fee: settlement currency.
            reason: of its order.
            gone: lots that the fee took, None where it took cash.
        """
        held = self._open.get(key)
        if held is None:
            held = self._open[key] = _Open(at, 1 if lots > 0 else -1)
        closing = 0 if lots * held.side > 0 else min(abs(lots), abs(held.left))
        rest = abs(lots) - closing
        share = fee * closing / abs(lots)
        in_cash = 1.0 if gone is None else 0.0
        if closing:
            held.sold, held.taken = held.sold + closing, held.taken + closing * ticks
            held.left -= held.side * closing
            held.fees, held.cash = held.fees + share, held.cash + share * in_cash
            if held.left == 0:
                self._end(key, held, at, reason)
                held = None
        if rest:
            if held is None:
                held = self._open[key] = _Open(at, 1 if lots > 0 else -1)
            held.bought, held.paid = held.bought + rest, held.paid + rest * ticks
            held.entry = average_entry(held.left, held.entry, held.side * rest, ticks)
            held.left += held.side * rest
            held.peak = max(held.peak, abs(held.left) - (gone or 0))
            share = fee - share
            held.fees, held.cash = held.fees + share, held.cash + share * in_cash
        if gone:
            self._take(key, at, gone, ticks, reason)

    def average(self, key: int) -> float | None:
        """Average price that the open lots of a key had cost, quote currency; None without any."""
        held = self._open.get(key)
        return float(self._instruments[key].tick) * held.entry if held is not None else None

    def _take(self, key: int, at: int, gone: int, ticks: int, reason: str) -> None:
        """Lots leave for a fee; those that are not there are owed, as if sold for nothing."""
        held = self._open.get(key)
        there = min(gone, held.left) if held is not None and held.side > 0 else 0
        if held is not None and there:
            held.left -= there
            if held.left == 0:
                self._end(key, held, at, reason)
        if gone > there:
            self.add(key, at, there - gone, ticks, 0.0, reason)
            self._open[key].cash += (gone - there) * ticks * self._unit(key)

    def _unit(self, key: int) -> float:
        """Settlement currency of a lot and tick."""
        each = self._instruments[key]
        return float(each.tick) * float(each.lot) * each.multiplier

    def _end(self, key: int, held: _Open, at: int, reason: str) -> None:
        each = self._instruments[key]
        tick, lot = float(each.tick), float(each.lot)
        value = (held.taken - held.paid) * held.side * self._unit(key)
        entry = held.paid / held.bought * tick
        leave = held.taken / held.sold * tick if held.sold else entry
        pnl, cost = value - held.cash, held.bought * lot * entry * each.multiplier
        self.done.append({
            "entry_ts": held.at,
            "exit_ts": at,
            "symbol": each.symbol,
            "side": "long" if held.side > 0 else "short",
            "quantity": held.peak * lot,
            "entry_price": entry,
            "exit_price": leave,
            "pnl": pnl,
            "return": pnl / cost if cost else None,
            "fees": held.fees,
            "reason": reason,
        })  # fmt: skip
        del self._open[key]
