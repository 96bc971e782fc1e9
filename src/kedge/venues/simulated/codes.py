"""What the venue says when it refuses: codes and sentences like those of a large exchange."""

import msgspec

from kedge.venues.simulated.working import Refusal


class Refused(msgspec.Struct, frozen=True):
    """A definite no.

    Attributes:
        code: the venue's own number, as text.
        text: one line.
    """

    code: str
    text: str


TOO_MANY = Refused("-1003", "Too many requests; the address is blocked for a while.")
BUSY = Refused("-1001", "Internal error; unable to process your request.")
CLOSED = Refused("-1013", "Market is closed.")
PRICE = Refused("-1013", "Filter failure: PRICE_FILTER")
BAND = Refused("-1013", "Filter failure: PERCENT_PRICE")
LOTS = Refused("-1013", "Filter failure: LOT_SIZE")
NOTIONAL = Refused("-1013", "Filter failure: NOTIONAL")
ICEBERG = Refused("-1013", "Filter failure: ICEBERG_PARTS")
TIMESTAMP = Refused("-1021", "Timestamp for this request is outside of the recvWindow.")
CHARACTERS = Refused("-1100", "Illegal characters found in a parameter.")
PARAMETER = Refused("-1106", "Parameter sent when not required, or missing where it is.")
SYMBOL = Refused("-1121", "Invalid symbol.")
FUNDS = Refused("-2010", "Account has insufficient balance for requested action.")
DUPLICATE = Refused("-2010", "Duplicate order sent.")
TAKES = Refused("-2010", "Order would immediately match and take.")
TRIGGERS = Refused("-2010", "Stop price would trigger immediately.")
UNKNOWN_CANCEL = Refused("-2011", "Unknown order sent.")
REDUCES = Refused("-2022", "ReduceOnly Order is rejected.")

OF_MATCHING = {
    Refusal.HALTED: CLOSED,
    Refusal.WOULD_TAKE: TAKES,
    Refusal.WOULD_TRIGGER: TRIGGERS,
    Refusal.REDUCES_NOTHING: REDUCES,
    Refusal.UNKNOWN: UNKNOWN_CANCEL,
}
"""What the matching engine's refusals are called outside."""
