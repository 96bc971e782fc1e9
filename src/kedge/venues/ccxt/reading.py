"""What ccxt tells of orders and trades, as reports."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.domain.redact import redact
from kedge.domain.report import End, Ended, Filled
from kedge.venues.ccxt import numbers

_ENDS: Final = {
    "closed": End.FILLED,
    "canceled": End.CANCELLED,
    "expired": End.EXPIRED,
    "rejected": End.EXPIRED,
}

Told = Mapping[str, Any]
"""A structure of ccxt; its numbers are text."""


class Cost(NamedTuple):
    """A fee: minor units of the settlement currency, and the coin that it was taken in."""

    fee: int
    paid_in: str = ""
    paid: Decimal = Decimal(0)


def at_of(told: Told) -> int:
    """When it happened, ns UTC; 0 where it is not told."""
    stamp = told.get("lastUpdateTimestamp") or told.get("timestamp") or 0
    return numbers.instant(stamp)


def touched(told: Told, worked: str) -> bool:
    """Whether a stop is known to have been touched, which nobody tells by itself.

    Its fills show it; without one, it expired after it had gone to the market.

    Args:
        told: ccxt's order.
        worked: see `kedge.venues.ccxt.exchanges.Exchange`.
    """
    if not numbers.decimal(told.get("triggerPrice") or 0, "trigger"):
        return False
    filled = numbers.decimal(told.get("filled") or 0, "quantity") > 0
    if filled or not worked:
        return filled
    return told.get("status") == "expired" and bool(told["info"].get(worked))


def works(told: Told) -> bool:
    """Whether an order still may fill.

    Raises:
        MessageError: it is in a state that says neither.
    """
    status = str(told.get("status"))
    if status != "open" and status not in _ENDS:
        raise MessageError(f"an order whose state {redact(status)[:40]!r} says nothing")
    return status == "open"


def ended(key: int, order: str, told: Told, instrument: Instrument) -> Ended | None:
    """The end of an order, None while it works."""
    why = _ENDS.get(str(told.get("status")))
    if why is None:
        return None
    filled = told.get("filled")
    lots = -1 if filled is None else numbers.whole_lots(filled, instrument)
    if why is End.FILLED and told.get("amount") is not None:
        short = numbers.whole_lots(told["amount"], instrument) > lots >= 0
        why = End.EXPIRED if short else why
    return Ended(key, order, at_of(told), 0, why, lots)


def filled(key: int, order: str, told: Told, instrument: Instrument, cost: Cost) -> Filled:
    """One execution.

    Args:
        key: of its instrument.
        order: client id.
        told: ccxt's trade.
        instrument: its arithmetic.
        cost: its fee.

    Raises:
        MessageError: a figure is none, or does not fit the increments.
    """
    ticks = numbers.steps(told["price"], instrument.tick, "price of a fill")
    lots = numbers.steps(told["amount"], instrument.lot, "quantity of a fill")
    side = {"buy": 1, "sell": -1}.get(str(told.get("side")))
    if side is None or ticks <= 0 or lots <= 0 or not told.get("id"):
        raise MessageError(f"a fill of {instrument.symbol} that says too little")
    return Filled(
        key=key,
        order=order,
        at=at_of(told),
        received=0,
        venue_id=str(told.get("order") or ""),
        trade=str(told["id"]),
        side=side,
        lots=lots,
        ticks=ticks,
        fee=cost.fee,
        maker=told.get("takerOrMaker") == "maker",
        base=ticks,
        paid_in=cost.paid_in,
        paid=cost.paid,
    )


def fees_of(told: Told) -> list[tuple[str, str]]:
    """(currency, cost) of what a trade cost; several where it was paid in several."""
    fees = told.get("fees") or [told.get("fee") or {}]
    return [
        (str(fee["currency"]), str(fee["cost"]))
        for fee in fees
        if fee and fee.get("currency") and fee.get("cost") is not None
    ]
