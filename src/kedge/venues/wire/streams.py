"""What is told to whom over the sockets: the market's streams and the account's."""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Final

import msgspec

from kedge.domain.market import BookDelta, MarketEvent, Quote, Trade
from kedge.domain.report import Accepted, End, Ended, Filled
from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.latency import Latency
from kedge.venues.wire.asked import MS
from kedge.venues.wire.candles import WIDTHS
from kedge.venues.wire.depths import Changes
from kedge.venues.wire.faults import Faults
from kedge.venues.wire.floor import Floor, Report
from kedge.venues.wire.line import Line
from kedge.venues.wire.market import aggregate, kline, levels, whole_day
from kedge.venues.wire.order_texts import JsonObject, executed, held, position
from kedge.venues.wire.spot import Spot
from kedge.venues.wire.tickets import Ticket

_SWAP_S: Final = 0.001
_PARTS: Final = tuple(f"depth{n}{rate}" for n in (5, 10, 20) for rate in ("", "@100ms"))
_KINDS: Final = (
    "trade", "aggTrade", "bookTicker", "ticker", "depth", "depth@100ms", *_PARTS,
    *(f"kline_{width}" for width in WIDTHS),
)  # fmt: skip


class Streams:
    """The connections, and everything that is told over them.

    Args:
        floor: the exchange; its events come here from now on.
        faults: of messages.
        latency: of messages.
        random: of their delays.

    Attributes:
        lines: the connections.
        told: messages of the account's stream so far.
    """

    def __init__(self, floor: Floor, faults: Faults, latency: Latency, random: Random) -> None:
        self.lines: set[Line] = set()
        self.told = 0
        self._floor, self._faults = floor, faults
        self._latency, self._random = latency, random
        self._fast = {key: Changes(spot) for key, spot in floor.keyed.items()}
        self._slow = {key: Changes(spot) for key, spot in floor.keyed.items()}
        self._closed: dict[str, int] = {}
        self._second = 0
        floor.publish, floor.hear = self.publish, self.hear

    def carries(self, name: str) -> bool:
        """Whether there is a stream of a name."""
        symbol, _, kind = name.partition("@")
        return symbol.upper() in self._floor.spots and kind in _KINDS

    def publish(self, event: MarketEvent) -> None:
        """Tell of an event of the market."""
        spot = self._floor.keyed[event.key]
        match event:
            case BookDelta():
                self._fast[event.key].take(event)
                self._slow[event.key].take(event)
            case Trade():
                self._tell(spot, "trade", lambda: _print(event, spot))
                self._tell(spot, "aggTrade", lambda: _aggregate(event, spot))
            case Quote():
                number = self._floor.venue.public[event.key].update
                self._tell(spot, "bookTicker", lambda: _quote(event, spot, number))
            case _:
                pass

    def flush(self) -> None:
        """Tell what was gathered; those who hear once a second are told when it is over."""
        floor, now = self._floor, self._floor.now
        slow = now // 1_000_000_000 != self._second
        self._second = now // 1_000_000_000
        for key, spot in floor.keyed.items():
            self._depth(self._fast[key], spot, "@100ms")
            if slow:
                self._depth(self._slow[key], spot, "")
                self._tell(spot, "ticker", partial(_day, floor, spot))
                for width in WIDTHS:
                    self._bars(spot, width)

    def hear(self, ticket: Ticket, report: Report) -> None:
        """Tell the account what happened to an order."""
        ends_filled = isinstance(report, Ended) and report.why is End.FILLED
        if ends_filled or not isinstance(report, Accepted | Filled | Ended):
            return
        floor = self._floor
        self._account(executed(ticket, floor.keyed[ticket.order.key], report))
        self._account(position(held(floor), report.at))

    def _account(self, event: JsonObject) -> None:
        lines = [line for line in self.lines if line.account is not None or _listens(line)]
        self.told += len(lines)
        for line in lines:
            fault = self._faults.of_report()
            if fault is Fault.REPORT_LOST:
                continue
            text, delay = _worded(event, line), self._way_s()
            late = self._faults.late_s() if fault is Fault.REPORT_LATE else 0.0
            line.send(text, delay, _SWAP_S if fault is Fault.REPORT_SWAPPED else late)
            if fault is Fault.REPORT_TWICE:
                line.send(text, delay, self._faults.late_s())

    def _depth(self, changes: Changes, spot: Spot, rate: str) -> None:
        told = changes.tell(self._floor.now)
        if told is None:
            return
        self._tell(spot, f"depth{rate}", lambda: told)
        for most in (5, 10, 20):
            self._tell(spot, f"depth{most}{rate}", partial(self._part, told, spot, most))

    def _part(self, told: JsonObject, spot: Spot, most: int) -> JsonObject:
        return {"lastUpdateId": told["u"], **levels(self._floor, spot, most)}

    def _bars(self, spot: Spot, width: str) -> None:
        name, now = f"{spot.symbol.lower()}@kline_{width}", self._floor.now
        if not any(name in line.streams for line in self.lines):
            return
        for bar in self._floor.prints[spot.listing.key].latest(width, now):
            told = kline(bar, spot, width, now)
            if told["x"] and self._closed.get(name, 0) >= bar.opened:
                continue
            if told["x"]:
                self._closed[name] = bar.opened
            event = {"e": "kline", "E": now // MS, "s": spot.symbol, "k": told}
            self._tell(spot, f"kline_{width}", partial(dict, event))

    def _tell(self, spot: Spot, kind: str, make: Callable[[], JsonObject]) -> None:
        name = f"{spot.symbol.lower()}@{kind}"
        lines = [line for line in self.lines if name in line.streams]
        if not lines:
            return
        if self._faults.holds(Fault.FEED_GAP):
            self._faults.counts[Fault.FEED_GAP] += 1
            return
        told = make()
        for line in lines:
            event = {"stream": name, "data": told} if line.combined else told
            line.send(msgspec.json.encode(event), self._latency.feed(self._random) * 1e-9)

    def _way_s(self) -> float:
        return self._latency.way(self._random) * 1e-9


def _listens(line: Line) -> bool:
    return any(_is_key(name) for name in line.streams)


def _is_key(name: str) -> bool:
    return "@" not in name


def _worded(event: JsonObject, line: Line) -> bytes:
    if line.account is not None:
        return msgspec.json.encode({"subscriptionId": line.account, "event": event})
    if line.combined:
        name = next(_keys(line))
        return msgspec.json.encode({"stream": name, "data": event})
    return msgspec.json.encode(event)


def _keys(line: Line) -> Iterator[str]:
    return (name for name in line.streams if _is_key(name))


def _print(t: Trade, spot: Spot) -> JsonObject:
    told = aggregate(t, spot)
    own = {"t": t.id, "p": told["p"], "q": told["q"], "T": told["T"], "m": told["m"], "M": True}
    return {"e": "trade", "E": t.event_time // MS, "s": spot.symbol, **own}


def _aggregate(t: Trade, spot: Spot) -> JsonObject:
    return {"e": "aggTrade", "E": t.event_time // MS, "s": spot.symbol, **aggregate(t, spot)}


def _quote(q: Quote, spot: Spot, number: int) -> JsonObject:
    return {
        "u": number,
        "s": spot.symbol,
        "b": spot.price(q.bid),
        "B": spot.size(q.bid_lots),
        "a": spot.price(q.ask),
        "A": spot.size(q.ask_lots),
    }


def _day(floor: Floor, spot: Spot) -> JsonObject:
    d = whole_day(floor, spot)
    names = {
        "s": "symbol", "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice",
        "x": "prevClosePrice", "c": "lastPrice", "Q": "lastQty", "b": "bidPrice", "B": "bidQty",
        "a": "askPrice", "A": "askQty", "o": "openPrice", "h": "highPrice", "l": "lowPrice",
        "v": "volume", "q": "quoteVolume", "O": "openTime", "C": "closeTime", "F": "firstId",
        "L": "lastId", "n": "count",
    }  # fmt: skip
    return {
        "e": "24hrTicker",
        "E": floor.now // MS,
        **{short: d[name] for short, name in names.items()},
    }
