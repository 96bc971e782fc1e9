"""What can be asked over the wire, of whom, and what it weighs."""

from typing import Final

import msgspec

from kedge.venues.wire import market, orders
from kedge.venues.wire.orders import Serve


class Endpoint(msgspec.Struct, frozen=True):
    """One kind of request.

    Attributes:
        serve: it.
        weight: that it counts.
        signed: whether it has to be signed.
        trade: whether its key has to be one that may trade.
        order: whether it counts as an order.
    """

    serve: Serve
    weight: int = 1
    signed: bool = False
    trade: bool = False
    order: bool = False


ENDPOINTS: Final = {
    ("GET", "/api/v3/ping"): Endpoint(market.ping),
    ("GET", "/api/v3/exchangeInfo"): Endpoint(market.information, 20),
    ("GET", "/api/v3/depth"): Endpoint(market.depth, 5),
    ("GET", "/api/v3/trades"): Endpoint(market.trades, 25),
    ("GET", "/api/v3/historicalTrades"): Endpoint(market.trades, 25),
    ("GET", "/api/v3/aggTrades"): Endpoint(market.aggregated, 4),
    ("GET", "/api/v3/klines"): Endpoint(market.klines, 2),
    ("GET", "/api/v3/uiKlines"): Endpoint(market.klines, 2),
    ("GET", "/api/v3/ticker/24hr"): Endpoint(market.day, 2),
    ("GET", "/api/v3/ticker/bookTicker"): Endpoint(market.book_ticker, 2),
    ("GET", "/api/v3/ticker/price"): Endpoint(market.price, 2),
    ("POST", "/api/v3/order"): Endpoint(orders.place, 1, signed=True, trade=True, order=True),
    ("GET", "/api/v3/order"): Endpoint(orders.query, 4, signed=True),
    ("DELETE", "/api/v3/order"): Endpoint(orders.cancel, 1, signed=True, trade=True),
    ("POST", "/api/v3/order/test"): Endpoint(orders.test, 1, signed=True, trade=True),
    ("GET", "/api/v3/openOrders"): Endpoint(orders.open_orders, 6, signed=True),
    ("DELETE", "/api/v3/openOrders"): Endpoint(orders.cancel_all, 1, signed=True, trade=True),
    ("GET", "/api/v3/allOrders"): Endpoint(orders.all_orders, 20, signed=True),
    ("GET", "/api/v3/myTrades"): Endpoint(orders.my_trades, 20, signed=True),
    ("GET", "/api/v3/account"): Endpoint(orders.account, 20, signed=True),
    ("GET", "/sapi/v1/capital/config/getall"): Endpoint(orders.coins, 10, signed=True),
    # What clients look for before they trade; there is no margin and there are no futures.
    ("GET", "/sapi/v1/margin/allPairs"): Endpoint(market.nothing),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Endpoint(market.nothing),
    ("GET", "/fapi/v1/exchangeInfo"): Endpoint(market.no_contracts),
    ("GET", "/dapi/v1/exchangeInfo"): Endpoint(market.no_contracts),
}
"""Requests by method and path."""

METHODS: Final = {
    "ping": ("GET", "/api/v3/ping"),
    "exchangeInfo": ("GET", "/api/v3/exchangeInfo"),
    "depth": ("GET", "/api/v3/depth"),
    "klines": ("GET", "/api/v3/klines"),
    "trades.recent": ("GET", "/api/v3/trades"),
    "trades.aggregate": ("GET", "/api/v3/aggTrades"),
    "ticker.24hr": ("GET", "/api/v3/ticker/24hr"),
    "ticker.book": ("GET", "/api/v3/ticker/bookTicker"),
    "ticker.price": ("GET", "/api/v3/ticker/price"),
    "order.place": ("POST", "/api/v3/order"),
    "order.test": ("POST", "/api/v3/order/test"),
    "order.status": ("GET", "/api/v3/order"),
    "order.cancel": ("DELETE", "/api/v3/order"),
    "openOrders.status": ("GET", "/api/v3/openOrders"),
    "openOrders.cancelAll": ("DELETE", "/api/v3/openOrders"),
    "allOrders": ("GET", "/api/v3/allOrders"),
    "myTrades": ("GET", "/api/v3/myTrades"),
    "account.status": ("GET", "/api/v3/account"),
}
"""The same requests as methods of the WebSocket API."""
