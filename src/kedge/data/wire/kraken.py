"""Kraken: which of its three protocols a message is of (v1 lists, v2 channels, futures feeds)."""

from typing import Any, ClassVar

import msgspec

from kedge.data.wire import kraken_rest, kraken_v1, kraken_v2
from kedge.data.wire.base import Base
from kedge.data.wire.build import Raw, typed
from kedge.data.wire.kraken_futures import KrakenFutures
from kedge.data.wire.listings import Listings
from kedge.data.wire.messages import (
    Heartbeat,
    Message,
    Passed,
    Pong,
    Status,
    Subscribed,
    VenueError,
)  # fmt: skip

TRADING = frozenset(
    [
        "add_order",
        "amend_order",
        "edit_order",
        "cancel_order",
        "cancel_all",
        "cancel_all_orders_after",
        "batch_add",
        "batch_cancel",
    ]
)


class _Envelope(msgspec.Struct):
    event: str = ""
    status: str = ""
    channelName: str = ""
    errorMessage: str = ""
    message: str = ""
    feed: str = ""
    method: str = ""
    success: bool | None = None
    error: str = ""
    result: Any = None
    channel: str = ""
    type: str = ""
    data: Raw = Raw(b"")


_ENVELOPE = msgspec.json.Decoder(_Envelope)


class Kraken(Base):
    """Decoder of Kraken's public streams."""

    venue: ClassVar[str] = "kraken"

    def __init__(self, listings: Listings) -> None:
        super().__init__(listings)
        self._futures = KrakenFutures(listings)

    def _read(self, message: bytes, received: int) -> tuple[Message, ...]:
        if message.startswith(b"["):
            return kraken_v1.read(self, message, received)
        outer = typed(_ENVELOPE, message, self.venue)
        if outer.channel:
            data = bytes(outer.data)
            return kraken_v2.read(self, outer.channel, outer.type, data, received)
        if outer.method:
            return (self._method(outer, message),)
        if outer.feed and not outer.event:
            return self._futures.read(outer.feed, message, received)
        return (self._event(outer, message),)

    def _method(self, outer: _Envelope, message: bytes) -> Message:
        if outer.method == "pong":
            return Pong()
        if outer.method in TRADING:
            return Passed(outer.method, True)
        if outer.success is False:
            return VenueError(outer.method, outer.error)
        if outer.method in ("subscribe", "unsubscribe") and outer.success:
            channel = outer.result.get("channel") if isinstance(outer.result, dict) else ""
            return Subscribed(str(channel))
        raise self._unknown(message)

    def _event(self, outer: _Envelope, message: bytes) -> Message:
        match outer.event:
            case "heartbeat":
                return Heartbeat()
            case "pong":
                return Pong()
            case "systemStatus":
                return Status(outer.status)
            case "subscriptionStatus" if outer.status != "error":
                return Subscribed(outer.channelName)
            case "subscribed" | "unsubscribed":
                return Subscribed(outer.feed)
            case "subscriptionStatus" | "error" | "alert":
                return VenueError(outer.event, outer.errorMessage or outer.message)
            case "info" | "challenge":
                return Status(outer.event)
        raise self._unknown(message)

    def _answer(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        found = kraken_rest.answer(self, asked, symbol, body, received)
        return found or super()._answer(asked, symbol, body, received)
