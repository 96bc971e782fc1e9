"""What a comparison with the venue found, and the policies that decide what follows.

No finding flattens a position or invents one. The first answer to a difference is always
to ask: for an order's fate, or for fills. Only what is still different after the venue has
told everything halts the session or, where the policy says so, corrects our side.
"""

from enum import Enum

import msgspec


class Strangers(Enum):
    """What to do about orders at the venue that this session did not send."""

    IGNORE = "ignore"
    ADOPT = "adopt"
    HALT = "halt"


class Differences(Enum):
    """What to do about a position or cash that stays different."""

    HALT = "halt"
    ADJUST = "adjust"


class Query(msgspec.Struct, frozen=True):
    """Ask the venue what became of an order of ours."""

    order: str
    why: str


class CancelAgain(msgspec.Struct, frozen=True):
    """An order of ours rests there although the venue had ended it: cancel it once more."""

    order: str
    key: int


class FetchFills(msgspec.Struct, frozen=True):
    """Ask for the account's fills since the cursor; ``of`` is a key or a currency."""

    of: int | str
    why: str


class Adopt(msgspec.Struct, frozen=True):
    """Count a stranger's order with ours; fields as in `kedge.domain.report.OpenOrders`."""

    client: str
    venue_id: str
    key: int
    side: int
    lots: int
    filled: int


class Ignored(msgspec.Struct, frozen=True):
    """A stranger's order that is left alone, as the policy has it."""

    venue_id: str
    key: int


class Adjust(msgspec.Struct, frozen=True):
    """Bring our side to the venue's: lots of a key, or minor units of a currency."""

    of: int | str
    amount: int
    why: str


class Halt(msgspec.Struct, frozen=True):
    """Stop taking risk until somebody has looked."""

    why: str


Finding = Query | CancelAgain | FetchFills | Adopt | Ignored | Adjust | Halt
