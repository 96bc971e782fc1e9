"""Kraken's futures feeds: flat objects named by ``feed``."""

from typing import ClassVar

import msgspec

from kedge.data.wire.base import Base, quote
from kedge.data.wire.build import Ms, Number, Raw, array_of, ms, taker, trade, typed
from kedge.data.wire.messages import Heartbeat, Message, Passed
from kedge.data.wire.numbers import fraction
from kedge.domain.errors import MessageError
from kedge.domain.market import Funding

PRIVATE = frozenset(
    [
        "fills",
        "fills_snapshot",
        "open_orders",
        "open_orders_snapshot",
        "open_orders_verbose",
        "open_orders_verbose_snapshot",
        "balances",
        "balances_snapshot",
        "open_positions",
        "account_log",
        "account_log_snapshot",
        "notifications_auth",
    ]
)


class _Level(msgspec.Struct):
    price: Raw
    qty: Raw


class _Snapshot(msgspec.Struct):
    product_id: str
    timestamp: Ms
    seq: Number
    bids: list[_Level]
    asks: list[_Level]


class _Change(msgspec.Struct):
    product_id: str
    side: str
    seq: Number
    price: Raw
    qty: Raw
    timestamp: Ms


class _Print(msgspec.Struct):
    product_id: str
    uid: str
    side: str
    time: Ms
    qty: Raw
    price: Raw


class _Prints(msgspec.Struct):
    trades: list[_Print]


class _Ticker(msgspec.Struct):
    product_id: str
    time: Ms
    bid: Raw
    ask: Raw
    bid_size: Raw
    ask_size: Raw
    relative_funding_rate: Raw = Raw(b"")
    next_funding_rate_time: Ms = 0


_SNAPSHOT = msgspec.json.Decoder(_Snapshot)
_CHANGE = msgspec.json.Decoder(_Change)
_PRINT = msgspec.json.Decoder(_Print)
_PRINTS = msgspec.json.Decoder(_Prints)
_TICKER = msgspec.json.Decoder(_Ticker)


class KrakenFutures(Base):
    """The futures half of `kedge.data.wire.kraken.Kraken`."""

    venue: ClassVar[str] = "kraken"

    def read(self, feed: str, message: bytes, received: int) -> tuple[Message, ...]:
        """What a message of a feed says."""
        match feed:
            case "book":
                return (self._change(typed(_CHANGE, message, self.venue), received),)
            case "book_snapshot":
                return (self._snapshot(typed(_SNAPSHOT, message, self.venue), received),)
            case "trade":
                return (self._print(typed(_PRINT, message, self.venue), received),)
            case "trade_snapshot":
                prints = typed(_PRINTS, message, self.venue).trades
                return tuple(self._print(p, received) for p in prints)
            case "ticker":
                return self._ticker(typed(_TICKER, message, self.venue), received)
            case "heartbeat":
                return (Heartbeat(),)
            case "ticker_lite":
                return (Passed(feed, False),)
        if feed in PRIVATE:
            return (Passed(feed, True),)
        raise MessageError(f"unknown feed {feed[:40]!r}")

    def _change(self, c: _Change, received: int) -> Message:
        level, none = array_of([(c.price, c.qty)]), b""
        if c.side not in ("buy", "sell"):
            raise MessageError(f"no side {c.side[:20]!r}")
        bids, asks = (level, none) if c.side == "buy" else (none, level)
        steps = self.listings.of(c.product_id)
        return self._delta(steps, ms(c.timestamp), received, bids, asks, last=c.seq)

    def _snapshot(self, s: _Snapshot, received: int) -> Message:
        bids, asks = (array_of([(x.price, x.qty) for x in side]) for side in (s.bids, s.asks))
        return self._delta(
            self.listings.of(s.product_id), ms(s.timestamp), received, bids, asks, last=s.seq,
            snapshot=True,
        )  # fmt: skip

    def _print(self, p: _Print, received: int) -> Message:
        steps = self.listings.of(p.product_id)
        return trade(steps, ms(p.time), received, p.uid, p.price, p.qty, taker(p.side))

    def _ticker(self, t: _Ticker, received: int) -> tuple[Message, ...]:
        steps, time = self.listings.of(t.product_id), ms(t.time)
        sides = bytes(t.bid), bytes(t.bid_size), bytes(t.ask), bytes(t.ask_size)
        best = quote(steps, time, received, *sides)
        if not bytes(t.relative_funding_rate) or not t.next_funding_rate_time:
            return (best,)
        rate, due = fraction(bytes(t.relative_funding_rate)), ms(t.next_funding_rate_time)
        return best, Funding(steps.key, time, received, rate, due, False)
