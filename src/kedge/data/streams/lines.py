"""How each protocol is spoken: where, how to subscribe, how to ping."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from kedge.data.streams.budget import SECOND, Limit

_TEXT = msgspec.json.Encoder().encode


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One protocol of one venue.

    Attributes:
        url: of the stream.
        subscribe: messages to send once connected, for symbols.
        snapshot: URL of the REST snapshot of a symbol; empty where the stream sends it.
        ping: what to send when nothing came for ``ping_ns``; empty: the transport pings.
        ping_ns: see ``ping``.
        silence_ns: without any message for so long the connection is dead.
        lifetime_ns: the venue ends a connection after so long, so we do before it.
        limit: rate limit of the REST host.
        snapshot_weight: what a snapshot costs there.
        ask_ns: a lost book is asked for, or connected for, no more often than this.
        between: what stands between base and quote in a symbol.
        depth: levels a side, where the venue does not say which ones fall off the end; else zero.
        trial: where the test network's stream and snapshots are, in place of the hosts above;
            empty where there is none.
    """

    url: str
    subscribe: Callable[[Sequence[str]], tuple[bytes, ...]]
    snapshot: str = ""
    ping: bytes = b""
    ping_ns: int = 15 * SECOND
    silence_ns: int = 30 * SECOND
    lifetime_ns: int = 23 * 3600 * SECOND
    limit: Limit = Limit(600, 60 * SECOND)
    snapshot_weight: int = 1
    ask_ns: int = 5 * SECOND
    between: str = ""
    depth: int = 0
    trial: tuple[str, str] = ("", "")

    def at(self, stream: str, rest: str) -> "Line":
        """The same protocol spoken with other hosts, such as ``wss://host:port``."""
        return msgspec.structs.replace(
            self, url=_moved(self.url, stream), snapshot=_moved(self.snapshot, rest)
        )


def _moved(url: str, host: str) -> str:
    """An address with another scheme and host."""
    _, _, behind = url.partition("://")
    _, slash, path = behind.partition("/")
    return f"{host}{slash}{path}" if url else ""


def _binance(symbols: Sequence[str]) -> tuple[bytes, ...]:
    kinds = "depth@100ms", "trade", "bookTicker"
    names = [f"{s.lower()}@{kind}" for s in symbols for kind in kinds]
    return (_TEXT({"method": "SUBSCRIBE", "params": names, "id": 1}),)


def _binance_futures(symbols: Sequence[str]) -> tuple[bytes, ...]:
    kinds = "depth@100ms", "aggTrade", "bookTicker", "markPrice", "forceOrder"
    names = [f"{s.lower()}@{kind}" for s in symbols for kind in kinds]
    return (_TEXT({"method": "SUBSCRIBE", "params": names, "id": 1}),)


def _okx(symbols: Sequence[str]) -> tuple[bytes, ...]:
    args = [{"channel": c, "instId": s} for s in symbols for c in ("books", "trades")]
    return (_TEXT({"op": "subscribe", "args": args}),)


def _bybit(symbols: Sequence[str]) -> tuple[bytes, ...]:
    topics = [f"{t}.{s}" for s in symbols for t in ("orderbook.200", "publicTrade")]
    return tuple(
        _TEXT({"op": "subscribe", "args": topics[i : i + 10]}) for i in range(0, len(topics), 10)
    )


def _kraken(symbols: Sequence[str]) -> tuple[bytes, ...]:
    wanted: dict[str, dict[str, object]] = {"book": {"depth": 100}, "trade": {"snapshot": False}}
    return tuple(
        _TEXT({"method": "subscribe", "params": {"channel": c, "symbol": list(symbols), **more}})
        for c, more in wanted.items()
    )


def _coinbase(symbols: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(
        _TEXT({"type": "subscribe", "product_ids": list(symbols), "channel": c})
        for c in ("heartbeats", "level2", "market_trades")
    )


def _coinbase_exchange(symbols: Sequence[str]) -> tuple[bytes, ...]:
    channels = ["level2_batch", "matches", "heartbeat"]
    return (_TEXT({"type": "subscribe", "product_ids": list(symbols), "channels": channels}),)


LINES: Final[dict[str, Line]] = {
    "binance": Line(
        url="wss://stream.binance.com:9443/stream", subscribe=_binance, silence_ns=60 * SECOND,
        snapshot="https://api.binance.com/api/v3/depth?symbol={symbol}&limit=5000",
        limit=Limit(6000, 60 * SECOND), snapshot_weight=250,
        trial=("wss://stream.testnet.binance.vision", "https://testnet.binance.vision"),
    ),
    "binance_futures": Line(
        url="wss://fstream.binance.com/stream", subscribe=_binance_futures,
        snapshot="https://fapi.binance.com/fapi/v1/depth?symbol={symbol}&limit=1000",
        limit=Limit(2400, 60 * SECOND), snapshot_weight=20,
    ),
    "okx": Line(
        url="wss://ws.okx.com:8443/ws/v5/public", subscribe=_okx, ping=b"ping",
        ping_ns=20 * SECOND, between="-", trial=("wss://wspap.okx.com:8443", ""),
    ),
    "bybit": Line(
        url="wss://stream.bybit.com/v5/public/spot", subscribe=_bybit, ping=b'{"op":"ping"}',
        ping_ns=20 * SECOND, trial=("wss://stream-testnet.bybit.com", ""),
    ),
    "kraken": Line(
        url="wss://ws.kraken.com/v2", subscribe=_kraken, ping=b'{"method":"ping"}',
        between="/", depth=100,
    ),
    "coinbase": Line(
        url="wss://advanced-trade-ws.coinbase.com", subscribe=_coinbase, between="-"
    ),
    "coinbase_exchange": Line(
        url="wss://ws-feed.exchange.coinbase.com", subscribe=_coinbase_exchange, between="-"
    ),
}  # fmt: skip
"""Public streams by protocol."""
