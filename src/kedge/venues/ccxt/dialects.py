"""Which dialect an exchange speaks."""

from typing import Final

from kedge.venues.ccxt.bybit import Bybit
from kedge.venues.ccxt.coinbase import Coinbase
from kedge.venues.ccxt.dialect import Dialect
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.kraken import Kraken
from kedge.venues.ccxt.okx import Okx
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.told import Told

_KINDS: Final[dict[str, type[Dialect]]] = {
    "bybit": Bybit, "coinbase": Coinbase, "kraken": Kraken, "okx": Okx,
}  # fmt: skip


def dialect_of(way: Way, exchange: Exchange, told: Told) -> Dialect:
    """The dialect of an exchange."""
    return _KINDS.get(exchange.name, Dialect)(way, exchange, told)
