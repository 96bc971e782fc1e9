"""What can be asked of the simulated venue, as messages; its log is a list of them."""

import msgspec

from kedge.domain.order import Order


class Submit(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Take an order."""

    order: Order


class Cancel(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Cancel an order by client id."""

    key: int
    order: str


class Query(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Tell what became of an order."""

    key: int
    order: str


class ListOpen(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Tell every open order."""


class ListFills(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Tell the fills after a cursor."""

    cursor: str


class AskBalances(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """Tell cash and positions."""


class AskDepth(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """Send the whole book of a key through the feed."""

    key: int


class Halt(msgspec.Struct, frozen=True, array_like=True, tag=8):
    """Stop or resume trading in a key; the exchange's own act, without latency."""

    key: int
    on: bool


class Deposit(msgspec.Struct, frozen=True, array_like=True, tag=9):
    """Move cash into the account, or out of it; without latency."""

    currency: str
    amount: int


class Fund(msgspec.Struct, frozen=True, array_like=True, tag=10):
    """Settle funding of a key at a rate; the exchange's own act, without latency."""

    key: int
    rate: float


class Close(msgspec.Struct, frozen=True, array_like=True, tag=11):
    """End the trading day: ``DAY`` orders expire; without latency."""


class Skew(msgspec.Struct, frozen=True, array_like=True, tag=12):
    """Set the venue's clock off by so many ns; without latency."""

    ns: int


class Cross(msgspec.Struct, frozen=True, array_like=True, tag=13):
    """Let somebody else trade through to a price; for tests, without latency.

    Attributes:
        key: whose book.
        side: of the outsider.
        ticks: limit price of the outsider, who takes everything up to it.
        lots: that the outsider trades at ``ticks`` in the end, however little rests there.
    """

    key: int
    side: int
    ticks: int
    lots: int


Request = Submit | Cancel | Query | ListOpen | ListFills | AskBalances | AskDepth
"""What travels to the venue."""

Act = Halt | Deposit | Fund | Close | Skew | Cross
"""What happens at the venue itself."""


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """One line of the log.

    Attributes:
        at: the venue's time when it left, ns.
        sent: what the request itself says, which is earlier where it was held up.
        what: what was asked, or done.
    """

    at: int
    sent: int
    what: Request | Act
