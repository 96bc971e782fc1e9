"""Recorded messages of venues, as bytes, with decoders that know their symbols."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from kedge.data.wire.decoders import decoder
from kedge.data.wire.listings import Listing, Listings
from kedge.data.wire.messages import Decoder
from support import data_path

FINE_TICK, FINE_LOT = Decimal("1e-8"), Decimal("1e-8")
BINANCE_SYMBOL = re.compile(r"[?&]symbol=(\w+)")
STREAMS = {
    "binance_futures_ws_1": "binance_futures", "binance_ws_1": "binance",
    "bybit_ws_25": "bybit", "bybit_ws_26": "bybit", "coinbase_ws_28": "coinbase_exchange",
    "kraken_ws_50": "kraken", "okx_ws_1": "okx",
}  # fmt: skip
SAMPLE_SYMBOLS = [
    "BTCUSDT",
    "ETHUSDT",
    "BNBUSDT",
    "BNBBTC",
    "BTC-USD",
    "BTC-USDT",
    "BTC-USD-SWAP",
    "BTC-USDT-SWAP",
    "ETH-USD",
    "BTC/USD",
    "PI_XBTUSD",
    "PF_XBTUSD",
    "XBTUSDT",
    "BTC-6JAN23-17500-C",
]


class Recorded(NamedTuple):
    """One recorded message: where it stood, when it came, and its bytes."""

    where: str
    received: int
    body: bytes


def text(body: Any) -> bytes:
    """A body as a venue sends it."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def lines(name: str) -> Iterator[dict[str, Any]]:
    """Lines of a fixture file."""
    with data_path(f"fixtures/{name}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def stream(name: str) -> list[Recorded]:
    """What a recorded connection received."""
    found = [x for x in lines(f"cryptofeed_{name}") if x["dir"] == "in"]
    return [Recorded(name, round(x["recv"] * 1e9), text(x["body"])) for x in found]


def spot_stream() -> list[tuple[int, dict[str, Any]]]:
    """The Binance spot recording of 2024: arrival in ns, and body."""
    return [(x["recv_ns"], x["body"]) for x in lines("binance_spot_2024_stream")]


def symbols(name: str) -> list[str]:
    """Symbols of a recorded connection, in order of appearance."""
    found = re.findall(
        r'"(?:s|symbol|instId|product_id)":"([^"]+)"|"([A-Z0-9]+/[A-Z]+)"\]$',
        "\n".join(message.body.decode() for message in stream(name)),
        re.MULTILINE,
    )
    return list(dict.fromkeys(a or b for a, b in found))


def listings(names: list[str], digits: dict[str, tuple[int, int]] | None = None) -> Listings:
    """Listings so fine that every recorded number is a whole number of steps."""
    plain = (-1, -1)
    made = [(i, s, FINE_TICK, FINE_LOT, *(digits or {}).get(s, plain)) for i, s in enumerate(names)]
    return Listings([Listing(*fields) for fields in made])


def for_stream(name: str) -> Decoder:
    """A decoder of a recorded connection."""
    return decoder(STREAMS[name], listings(symbols(name)))


def samples(venue: str) -> list[tuple[str, bytes]]:
    """Name and body of every sample message of a venue."""
    found = [x for x in lines("nautilus_adapter_messages") if x["venue"] == venue]
    return [(x["name"], text(x["body"])) for x in found]


def kraken_digits() -> dict[str, tuple[int, int]]:
    """Decimals of prices and sizes as the recorded connection wrote them."""
    found = {}
    for message in stream("kraken_ws_50"):
        body = json.loads(message.body)
        if isinstance(body, list) and "as" in body[1]:
            price, size = (body[1]["as"] or body[1]["bs"])[0][:2]
            found[body[-1]] = (len(price.partition(".")[2]), len(size.partition(".")[2]))
    return found
