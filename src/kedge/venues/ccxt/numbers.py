"""Ticks, lots and minor units, from and to decimal texts, exactly."""

from decimal import Decimal, InvalidOperation
from typing import Final

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.domain.money import INT64_SAFE, currency, to_minor
from kedge.domain.redact import redact

DIGITS: Final = 20
"""Most digits before the point: no balance has more, and an exponent can mean endless ones."""


def text(steps: int, step: Decimal) -> str:
    """So many steps as a plain decimal number."""
    return f"{(steps * step):f}"


def decimal(given: object, what: str) -> Decimal:
    """A number as ccxt hands it on, which is text here.

    Raises:
        MessageError: it is none.
    """
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        raise MessageError(f"{what} {redact(str(given))[:40]!r} is no number") from None
    if not value.is_finite():
        raise MessageError(f"{what} {redact(str(given))[:40]!r} is no number")
    return value


def figure(given: object, what: str) -> Decimal:
    """A number of an order, fill or balance: `decimal` with at most `DIGITS` before the point.

    Raises:
        MessageError: it is none, or larger.
    """
    value = decimal(given, what)
    if value.adjusted() >= DIGITS:
        raise MessageError(f"{what} {redact(str(given))[:40]!r} is no number that can be")
    return value


def steps(given: object, step: Decimal, what: str) -> int:
    """A number as whole steps.

    Raises:
        MessageError: it is none, or no multiple of the step.
    """
    value = figure(given, what)
    whole = int(value / step)
    if whole * step != value:
        raise MessageError(f"{what} {value} is no multiple of {step}")
    return _counted(whole, what)


def whole_lots(given: object, instrument: Instrument) -> int:
    """A quantity in lots, without what is less than a lot."""
    return _counted(int(figure(given, "quantity") / instrument.lot), "quantity")


def minor(given: object, code: str) -> int:
    """An amount in minor units of a currency."""
    return _counted(to_minor(figure(given, "amount"), currency(code)), "amount")


def instant(given: object) -> int:
    """Milliseconds since 1970, as told, in ns.

    Raises:
        MessageError: they are none.
    """
    return _counted(int(figure(given, "time")) * 1_000_000, "time")


def _counted(number: int, what: str) -> int:
    if abs(number) >= INT64_SAFE:
        raise MessageError(f"{what} is beyond what can be counted")
    return number
