"""What a message can be beside market data: how a venue steers the connection."""

from typing import Protocol

import msgspec

from kedge.domain.market import MarketEvent


class Subscribed(msgspec.Struct, frozen=True):
    """The venue confirmed a subscription; ``channel`` as it words it."""

    channel: str


class VenueError(msgspec.Struct, frozen=True):
    """The venue refused something: its code and its words."""

    code: str
    text: str


class Heartbeat(msgspec.Struct, frozen=True):
    """The connection lives; nothing happened."""


class Pong(msgspec.Struct, frozen=True):
    """The answer to our ping."""


class Status(msgspec.Struct, frozen=True):
    """The venue tells of itself: online, maintenance."""

    text: str


class ServerTime(msgspec.Struct, frozen=True):
    """The venue's clock, ns UTC."""

    at: int


class Gap(msgspec.Struct, frozen=True):
    """Numbers of the connection are missing: every book on it has lost something."""

    expected: int
    got: int


class Passed(msgspec.Struct, frozen=True):
    """A message this venue is known to send and a feed has no use for.

    Attributes:
        kind: as the venue names it.
        private: of an account, so for the venue's adapter to read.
    """

    kind: str
    private: bool


Control = Subscribed | VenueError | Heartbeat | Pong | Status | ServerTime | Gap | Passed
Message = MarketEvent | Control


class Decoder(Protocol):
    """Bytes of one venue to events; stateful only where a connection counts its messages."""

    @property
    def venue(self) -> str:
        """The venue's name."""

    def decode(self, message: bytes, received: int) -> tuple[Message, ...]:
        """What a message of the stream says, in its order.

        Args:
            message: as received.
            received: ns UTC, our clock: the events' ``available_time``.

        Raises:
            MessageError: it cannot be read, in one line.
        """

    def reply(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        """What the answer to a request says.

        Args:
            asked: ``depth``, ``trades``, ``bars``, ``time``, or any other word for what a
                feed has no use for.
            symbol: that was asked for, where the answer does not repeat it.
            body: as received.
            received: ns UTC.

        Raises:
            MessageError: it cannot be read, in one line.
        """

    def restarted(self) -> None:
        """A new connection: counting starts anew."""
