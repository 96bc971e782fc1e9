"""A journal told as a story: what was decided, ordered, filled and refused, in rows of plain data.

Everything before the first start is history that warmed the session up; it is no part of it.
Repeated reports of one execution count once, as they do in the session itself.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from kedge.domain.control import Asked, Parameters, Started
from kedge.domain.decided import (
    Adjusted,
    Adopted,
    Intent,
    ModeSet,
    Odd,
    OrderApproved,
    OrderRefused,
)
from kedge.domain.instrument import Instrument, lots_begun
from kedge.domain.money import currency
from kedge.domain.order import Order, OrderType
from kedge.domain.reason import Reason
from kedge.domain.record import Opened, Record
from kedge.domain.refusal import refusal_words
from kedge.domain.report import Accepted, Ended, Filled, Rejected
from kedge.domain.row import RowClosed, RowDecided
from kedge.research.session.trips import Trips
from kedge.research.words import reason_name

Row = dict[str, Any]


class Story:
    """Told record by record with `hear`.

    Args:
        instruments: of the keys, in order.

    Attributes:
        opened: the journal's first record.
        parameters: the last ones.
        rows: time, equity, cash, gross and exposure of every decided row.
        orders: by id, in order.
        fills, refusals, notes: in order.
        bound: how often each reason had the last word, and cells decided.
        decided: the last decided row, None before the first.
        held: lots when it was decided.
        starts: processes.
    """

    def __init__(self, instruments: tuple[Instrument, ...]) -> None:
        self.instruments = instruments
        self.opened: Opened | None = None
        self.parameters: Parameters | None = None
        self.rows: list[tuple[int, int, int, int]] = []
        self.orders: dict[str, Row] = {}
        self.fills: list[Row] = []
        self.refusals: list[Row] = []
        self.notes: list[Row] = []
        self.bound: Counter[str] = Counter()
        self.cells = 0
        self.decided: RowDecided | None = None
        self.held: tuple[int, ...] = ()
        self.starts = 0
        self.began = self.ended = 0
        self.lots = [0] * len(instruments)
        self.last = [0] * len(instruments)
        self.trips = Trips(instruments)
        self._seen: set[tuple[int, str]] = set()
        self._adopted: set[str] = set()
        self._wishes: dict[int, int] = {}
        self._paid = [Decimal(0)] * len(instruments)

    def hear(self, record: Record) -> None:
        """Take one record."""
        match record:
            case Opened():
                self.opened = record
            case Parameters():
                self.parameters = record
            case Started(at=at):
                self.starts += 1
                self.began = self.began or at
                self._note(at, "start", f"process {self.starts} starts")
            case RowClosed(bars=bars):
                self._closed(bars)
            case RowDecided() if self.starts:
                self._decided(record)
            case Intent(number=number, ticks=ticks):
                self._wishes[number] = ticks
            case OrderApproved(at=at, order=order):
                self.orders[order.id] = self._order(at, order)
            case OrderRefused():
                self._refused(record)
            case _:
                self._reported(record)

    def _reported(self, record: Record) -> None:
        match record:
            case Accepted(order=name, received=at):
                self._state(name, at, "working")
            case Rejected(order=name, received=at, text=text):
                self._state(name, at, "rejected")
                if name in self.orders:
                    row = self.orders[name]
                    self.refusals.append({
                        "ts": at, "by": "venue", "symbol": row["symbol"], "side": row["side"],
                        "quantity": row["quantity"], "why": text, "limit": None, "value": None,
                        "words": text,
                    })  # fmt: skip
            case Ended(order=name, received=at, why=why):
                self._state(name, at, why.name.lower())
            case Filled():
                self._filled(record)
            case ModeSet(at=at, mode=mode, why=why):
                self._note(at, "mode", f"{mode.name}: {why}")
            case Asked(at=at, verb=verb, who=who, granted=granted):
                refused = "" if granted else ", refused"
                self._note(at, "asked", f"{verb.name.lower()} by {who}{refused}")
            case Odd(at=at, what=what):
                self._note(at, "odd", what)
            case Adjusted(at=at, key=key, lots=lots, why=why):
                self._note(at, "adjusted", why)
                if lots:
                    self._bring(key, at, lots, "ADJUSTED")
            case Adopted(at=at, order=order):
                self._adopted.add(order.id)
                self._note(at, "adopted", f"order {order.id} of somebody else")
            case _:
                return
        self.ended = max(self.ended, getattr(record, "received", 0) or getattr(record, "at", 0))

    def _closed(self, bars: bytes) -> None:
        closes = np.frombuffer(bars, np.int64).reshape(-1, 4)[:, 3].tolist()
        for n, close in enumerate(closes):
            if close > 0:
                self.last[n] = close

    def _decided(self, row: RowDecided) -> None:
        self.rows.append((row.at, *row.marks))
        self.ended = row.at
        self.decided, self.held = row, tuple(self.lots)
        for code in np.frombuffer(row.reasons, np.int8).tolist():
            self.bound[reason_name(code)] += 1
            self.cells += 1

    def _order(self, at: int, order: Order) -> Row:
        each = self.instruments[order.key]
        price = order.limit or order.trigger
        return {
            "id": order.id,
            "ts": at,
            "symbol": each.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "type": _kind(order),
            "quantity": float(each.lot * order.lots),
            "price": float(each.tick * price) if price else None,
            "filled": 0.0,
            "average": None,
            "state": "sent",
            "wait_s": None,
            "slippage_bps": None,
            "shortfall_bps": None,
            "fee": 0.0,
            "reason": reason_name(order.reason),
            "intent": order.intent or None,
            "_key": order.key,
            "_sent": at,
            "_lots": 0,
            "_ticks": 0,
            "_base": 0,
            "_decided": self._wishes.get(order.intent, 0),
        }

    def _state(self, name: str, at: int, state: str) -> None:
        row = self.orders.get(name)
        if row is None:
            return
        if row["wait_s"] is None:
            row["wait_s"] = max(0, at - row["_sent"]) * 1e-9
        if row["state"] != "filled":
            row["state"] = state

    def _filled(self, fill: Filled) -> None:
        mark = (fill.key, fill.trade)
        row = self.orders.get(fill.order)
        if mark in self._seen or (row is None and fill.order not in self._adopted):
            return
        self._seen.add(mark)
        each, signed = self.instruments[fill.key], fill.side * fill.lots
        gone = self._gone(fill, each)
        if row is None:
            self._bring(fill.key, fill.received, signed - (gone or 0), "ADOPTED")
            return
        self.lots[fill.key] += signed - (gone or 0)
        unit = 10.0 ** -currency(each.settle).digits
        self.trips.add(
            fill.key, fill.received, signed, fill.ticks, fill.fee * unit, row["reason"], gone
        )
        self.fills.append({
            "fill_id": len(self.fills),
            "ts": fill.received,
            "symbol": each.symbol,
            "side": "buy" if fill.side > 0 else "sell",
            "quantity": float(each.lot * fill.lots),
            "price": float(each.tick * fill.ticks),
            "fee": fill.fee * unit,
            "slippage_bps": _bps(fill.side, fill.ticks, fill.base),
            "reason": row["reason"],
            "maker": fill.maker,
            "order": fill.order,
            "trade": fill.trade,
        })  # fmt: skip
        self._add_to(row, fill, each, unit)

    def _bring(self, key: int, at: int, lots: int, reason: str) -> None:
        """Lots that came from outside or went there: they count at the last price."""
        self.lots[key] += lots
        self.trips.add(key, at, lots, self.last[key], 0.0, reason)

    def _gone(self, fill: Filled, each: Instrument) -> int | None:
        """Lots that a fill's fee took, as the ledger has it; None where it took cash."""
        if not fill.paid_in or fill.paid_in != each.base:
            return None
        before = self._paid[fill.key]
        after = self._paid[fill.key] = before + fill.paid
        return lots_begun(after, each.lot) - lots_begun(before, each.lot)

    def _add_to(self, row: Row, fill: Filled, each: Instrument, unit: float) -> None:
        """What an order has got so far; averages are weighted by lots."""
        row["_lots"] += fill.lots
        row["_ticks"] += fill.lots * fill.ticks
        row["_base"] += fill.lots * fill.base
        got, base = row["_ticks"] / row["_lots"], row["_base"] / row["_lots"]
        row["filled"] = float(each.lot * row["_lots"])
        row["average"] = got * float(each.tick)
        row["slippage_bps"] = _bps(fill.side, got, base)
        row["shortfall_bps"] = _bps(fill.side, got, row["_decided"])
        row["fee"] += fill.fee * unit
        if row["filled"] >= row["quantity"] * (1 - 1e-12):
            row["state"] = "filled"

    def _refused(self, refused: OrderRefused) -> None:
        order = refused.order
        each = self.instruments[order.key]
        self.refusals.append({
            "ts": refused.at, "by": "gate", "symbol": each.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "quantity": float(each.lot * order.lots), "why": refused.why.name.lower(),
            "limit": float(refused.limit), "value": float(refused.value),
            "words": refusal_words(refused, each),
        })  # fmt: skip

    def _note(self, at: int, kind: str, text: str) -> None:
        self.notes.append({"ts": at, "kind": kind, "text": text})


def told(records: Iterable[Record], instruments: tuple[Instrument, ...]) -> Story:
    """The story of a journal."""
    story = Story(instruments)
    for record in records:
        story.hear(record)
    return story


def instruments_in(raw: bytes) -> tuple[Instrument, ...]:
    """The instruments that a journal keeps beside it."""
    return msgspec.json.decode(raw, type=tuple[Instrument, ...])


def _bps(side: int, got: float, base: float) -> float | None:
    """Basis points that a price is worse than another; None without the other."""
    return 1e4 * side * (got - base) / base if base > 0 else None


def _kind(order: Order) -> str:
    name = OrderType(order.type).name.lower().replace("_", "-")
    return f"{name}, post-only" if order.post_only else name


REASONS = {reason_name(int(reason)): reason for reason in Reason}
"""Reasons by the name under which they are counted."""
