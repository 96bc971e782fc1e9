"""An order book written the plain way, from raw JSON and Decimals: what the fast one must equal.

It shares no code with the package: dictionaries of price to size, its own reading of every
protocol, no sequence rules. It is asked only where the fast book claims to be trusted.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Change = tuple[str, Decimal, Decimal]


class SlowBook:
    """Price to size on each side, as the last message said."""

    def __init__(self, lot: Decimal = Decimal("1e-8"), depth: int = 0) -> None:
        self.sides: dict[str, dict[Decimal, Decimal]] = {"bid": {}, "ask": {}}
        self._lot, self._depth = lot, depth

    def take(self, snapshot: bool, changes: list[Change]) -> None:
        """Apply one message."""
        if snapshot:
            self.sides = {"bid": {}, "ask": {}}
        for side, price, size in changes:
            if size // self._lot == 0:
                if snapshot:
                    continue
                self.sides[side].pop(price, None)
            else:
                self.sides[side][price] = size // self._lot
        if self._depth:
            for side, best in (("bid", True), ("ask", False)):
                kept = sorted(self.sides[side], reverse=best)[: self._depth]
                self.sides[side] = {price: self.sides[side][price] for price in kept}

    def levels(self, side: str, tick: Decimal) -> list[tuple[int, int]]:
        """(ticks, lots) of a side, best first."""
        prices = sorted(self.sides[side], reverse=side == "bid")
        return [(int(price / tick), int(self.sides[side][price])) for price in prices]


def pairs(side: str, rows: list[Any]) -> list[Change]:
    """Changes from rows of [price, size, ...]."""
    return [(side, Decimal(str(row[0])), Decimal(str(row[1]))) for row in rows]


def changes_of(message: bytes) -> Iterator[tuple[str, bool, list[Change]]]:
    """(symbol, whether a snapshot, changes) of every book in a message of any protocol."""
    body = json.loads(message.decode("utf-8", "replace"), parse_float=Decimal)
    if isinstance(body, list):
        yield _kraken_v1(body)
    elif (
        "data" in body and isinstance(body["data"], dict) and body["data"].get("e") == "depthUpdate"
    ):
        d = body["data"]
        yield d["s"], False, pairs("bid", d["b"]) + pairs("ask", d["a"])
    elif body.get("arg", {}).get("channel") == "books" and "data" in body:
        for d in body["data"]:
            changes = pairs("bid", d["bids"]) + pairs("ask", d["asks"])
            yield body["arg"]["instId"], body["action"] == "snapshot", changes
    elif str(body.get("topic", "")).startswith("orderBookL2_25"):
        yield _bybit_v2(body)
    elif body.get("type") == "snapshot" and "product_id" in body:
        yield body["product_id"], True, pairs("bid", body["bids"]) + pairs("ask", body["asks"])
    elif body.get("type") == "l2update":
        named = {"buy": "bid", "sell": "ask"}
        changes = [(named[s], Decimal(p), Decimal(q)) for s, p, q in body["changes"]]
        yield body["product_id"], False, changes


def _kraken_v1(body: list[Any]) -> tuple[str, bool, list[Change]]:
    changes: list[Change] = []
    for part in body[1:-2]:
        changes += pairs("bid", part.get("bs") or part.get("b") or [])
        changes += pairs("ask", part.get("as") or part.get("a") or [])
    return body[-1], any("as" in part or "bs" in part for part in body[1:-2]), changes


def _bybit_v2(body: dict[str, Any]) -> tuple[str, bool, list[Change]]:
    data, symbol = body["data"], body["topic"].rpartition(".")[2]
    if body["type"] == "snapshot":
        rows = data if isinstance(data, list) else data["order_book"]
    else:
        rows = data["delete"] + data["update"] + data["insert"]
    named = {"Buy": "bid", "Sell": "ask"}
    changes = [
        (named[r["side"]], Decimal(str(r["price"])), Decimal(str(r.get("size", 0)))) for r in rows
    ]
    return symbol, body["type"] == "snapshot", changes
