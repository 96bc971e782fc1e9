"""Ticks, lots and minor units, from and to decimal texts, exactly."""

from decimal import Decimal, InvalidOperation

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.domain.money import currency, to_minor
from kedge.domain.redact import redact


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


def steps(given: object, step: Decimal, what: str) -> int:
    """A number as whole steps.

    Raises:
        MessageError: it is none, or no multiple of the step.
    """
    value = decimal(given, what)
    whole = int(value / step)
    if whole * step != value:
        raise MessageError(f"{what} {value} is no multiple of {step}")
    return whole


def whole_lots(given: object, instrument: Instrument) -> int:
    """A quantity in lots, without what is less than a lot."""
    return int(decimal(given, "quantity") / instrument.lot)


def minor(given: object, code: str) -> int:
    """An amount in minor units of a currency."""
    return to_minor(decimal(given, "amount"), currency(code))
