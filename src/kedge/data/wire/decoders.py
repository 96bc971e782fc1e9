"""Which decoder reads which protocol."""

from collections.abc import Callable
from typing import Final

from kedge.data.wire.binance import Binance
from kedge.data.wire.bybit import Bybit
from kedge.data.wire.coinbase import CoinbaseExchange
from kedge.data.wire.coinbase_advanced import CoinbaseAdvanced
from kedge.data.wire.kraken import Kraken
from kedge.data.wire.listings import Listings
from kedge.data.wire.messages import Decoder
from kedge.data.wire.okx import Okx
from kedge.domain.errors import ConfigError

PROTOCOLS: Final[dict[str, Callable[[Listings], Decoder]]] = {
    "binance": Binance,
    "binance_futures": lambda listings: Binance(listings, "binance_futures"),
    "bybit": Bybit,
    "coinbase": CoinbaseAdvanced,
    "coinbase_exchange": CoinbaseExchange,
    "kraken": Kraken,
    "okx": Okx,
}
"""Decoders by the name of their protocol."""


def decoder(protocol: str, listings: Listings) -> Decoder:
    """A fresh decoder.

    Raises:
        ConfigError: no such protocol, in one line.
    """
    make = PROTOCOLS.get(protocol)
    if make is None:
        known = ", ".join(sorted(PROTOCOLS))
        raise ConfigError(f"no feed for venue {protocol[:40]!r}", "", f"one of: {known}")
    return make(listings)
