"""Round trips, flat to flat: what each position made from its opening to its end."""

from typing import Any

from kedge.domain.instrument import Instrument


class _Open:
    """A position that is not over."""

    __slots__ = ("at", "bought", "fees", "left", "paid", "peak", "side", "sold", "taken")

    def __init__(self, at: int, side: int) -> None:
        self.at, self.side = at, side
        self.left = self.peak = 0
        self.bought = self.sold = 0
        self.paid = self.taken = 0
        self.fees = 0.0


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

    def add(self, key: int, at: int, lots: int, ticks: int, fee: float, reason: str) -> None:
        """Take one fill of signed lots; one that turns a position ends a trip and begins another.

        Args:
            key: of the instrument.
            at: ns UTC.
            lots: signed.
            ticks: price.
            fee: settlement currency.
            reason: of its order.
        """
        held = self._open.get(key)
        if held is None:
            held = self._open[key] = _Open(at, 1 if lots > 0 else -1)
        closing = 0 if lots * held.side > 0 else min(abs(lots), abs(held.left))
        rest = abs(lots) - closing
        share = fee * closing / abs(lots)
        if closing:
            held.sold, held.taken = held.sold + closing, held.taken + closing * ticks
            held.left -= held.side * closing
            held.fees += share
            if held.left == 0:
                self._end(key, held, at, reason)
                held = None
        if rest:
            if held is None:
                held = self._open[key] = _Open(at, 1 if lots > 0 else -1)
            held.bought, held.paid = held.bought + rest, held.paid + rest * ticks
            held.left += held.side * rest
            held.peak = max(held.peak, abs(held.left))
            held.fees += fee - share

    def average(self, key: int) -> float | None:
        """Average price at which the open position of a key was entered, quote currency."""
        held = self._open.get(key)
        tick = float(self._instruments[key].tick)
        return held.paid / held.bought * tick if held is not None and held.bought else None

    def _end(self, key: int, held: _Open, at: int, reason: str) -> None:
        each = self._instruments[key]
        tick, lot = float(each.tick), float(each.lot)
        value = (held.taken - held.paid) * held.side * tick * lot * each.multiplier
        entry, leave = held.paid / held.bought * tick, held.taken / held.sold * tick
        pnl = value - held.fees
        self.done.append({
            "entry_ts": held.at,
            "exit_ts": at,
            "symbol": each.symbol,
            "side": "long" if held.side > 0 else "short",
            "quantity": held.peak * lot,
            "entry_price": entry,
            "exit_price": leave,
            "pnl": pnl,
            "return": pnl / (held.bought * lot * entry * each.multiplier),
            "fees": held.fees,
            "reason": reason,
        })  # fmt: skip
        del self._open[key]
