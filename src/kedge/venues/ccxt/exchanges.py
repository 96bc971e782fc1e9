"""What differs between the exchanges that one adapter serves."""

from decimal import Decimal
from typing import Final

import msgspec

from kedge.data.streams.budget import SECOND, Limit
from kedge.domain.errors import ConfigError
from kedge.venues.contract import Able

_MINUTE: Final = 60 * SECOND
_SKEW: Final = SECOND
_SPOT: Final = Able(skew_ns=_SKEW)
_WALLETS: Final = [
    "CRYPTO", "FIAT", "ACCOUNT_TYPE_CRYPTO", "ACCOUNT_TYPE_FIAT", "ACCOUNT_TYPE_STABLECOIN",
]  # fmt: skip
"""Kinds of Coinbase's accounts that hold what is traded; the first two are what it once wrote."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange, as far as it is unlike the others.

    Attributes:
        name: ours; ccxt's class has the same.
        able: what it can do.
        limit: weight that one address may use.
        patience_ns: an order that could not leave so long after it was given is not sent.
        trigger: ccxt's parameter for the price that touches a stop.
        worked: field of its messages that only orders have which went to the market; empty: none.
        dash: what stands for a dash in client ids, where the exchange takes none.
        longest_id: characters of a client id.
        cancels_at_once: the answer to a cancel means that it is done.
        trades_by_id: fills can be asked for from an id on; otherwise from an instant on.
        streams_trades: fills have a stream of their own; otherwise they are asked for when
            an order changed.
        in_turn: requests have to arrive in the order in which they were signed.
        stop_gives: how far beyond its trigger the limit of a stop lies, as a part of it, where
            there are no stops without a limit; 0 where there are.
        page: fills in one answer.
        candles: the same of candles.
        weights: of requests that weigh more than 1.
        options: for ccxt.
    """

    name: str
    limit: Limit
    able: Able = _SPOT
    patience_ns: int = 2 * SECOND
    trigger: str = "stopLossPrice"
    worked: str = ""
    dash: str = "-"
    longest_id: int = 36
    cancels_at_once: bool = False
    trades_by_id: bool = False
    streams_trades: bool = True
    in_turn: bool = False
    stop_gives: Decimal = Decimal(0)
    page: int = 100
    candles: int = 100
    weights: dict[str, int] = {}
    options: dict[str, object] = {}


EXCHANGES: Final = {
    each.name: each
    for each in (
        Exchange(
            name="binance",
            limit=Limit(6_000, _MINUTE),
            able=Able(iceberg=True, skew_ns=_SKEW),
            worked="W",
            cancels_at_once=True,
            trades_by_id=True,
            page=1_000,
            candles=1_000,
            weights={
                "order": 4,
                "fills": 20,
                "open": 6,
                "balances": 20,
                "markets": 20,
                "candles": 2,
            },
            options={
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "fetchCurrencies": False,
                "fetchMargins": False,
                "warnOnFetchOpenOrdersWithoutSymbol": False,
                "recvWindow": 5_000,
            },
        ),
        Exchange(
            name="coinbase",
            limit=Limit(1_800, _MINUTE),
            # The token of a request is good for two minutes, whatever the request is.
            able=Able(skew_ns=_SKEW, receive_window_ns=120 * SECOND),
            stop_gives=Decimal("0.05"),
            streams_trades=False,
            candles=300,
            options={
                "fetchMarkets": {"types": ["spot"]},
                "fetchBalance": "v3PrivateGetBrokerageAccounts",
                "v3Accounts": _WALLETS,
            },
        ),
        Exchange(
            name="okx",
            limit=Limit(1_200, _MINUTE),
            # Orders carry a deadline of 5 s; stops cannot, and are taken for 30 s.
            able=Able(skew_ns=_SKEW, receive_window_ns=30 * SECOND),
            dash="x",
            longest_id=32,
            options={
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "createOrder": "privatePostTradeOrder",
                "watchOrders": {"type": "spot"},
                "watchMyTrades": {"type": "spot"},
            },
        ),
        Exchange(
            name="bybit",
            limit=Limit(1_200, _MINUTE),
            # A request may be stamped up to a second ahead of the exchange's clock.
            able=Able(skew_ns=_SKEW, receive_window_ns=6 * SECOND),
            trigger="triggerPrice",
            candles=1_000,
            options={
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "recvWindow": 5_000,
            },
        ),
        Exchange(
            name="kraken",
            limit=Limit(60, _MINUTE),
            able=Able(fok=False, skew_ns=_SKEW, receive_window_ns=5 * SECOND),
            longest_id=18,
            in_turn=True,
            page=50,
            candles=720,
        ),
    )
}
"""Exchanges by name."""


def exchange_of(name: str) -> Exchange:
    """An exchange by name.

    Raises:
        ConfigError: there is none of that name.
    """
    found = EXCHANGES.get(name)
    if found is None:
        raise ConfigError(f"no exchange {name!r}", "venues", f"one of {', '.join(EXCHANGES)}")
    return found
