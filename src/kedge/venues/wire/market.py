"""Public requests: symbols, books, prints, bars, prices."""

from collections.abc import Callable

from kedge.domain.market import Trade
from kedge.venues.wire.asked import MS, Asked
from kedge.venues.wire.candles import DAY, WIDTHS, Candle
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.order_texts import JsonObject
from kedge.venues.wire.refusals import RequestError
from kedge.venues.wire.spot import Spot

Tell = Callable[[Floor, Spot], JsonObject]
"""Tells something of one symbol."""


def ping(floor: Floor, asked: Asked) -> object:
    """Nothing, which is an answer, too."""
    return {}


def nothing(floor: Floor, asked: Asked) -> object:
    """A list that is empty here."""
    return []


def no_contracts(floor: Floor, asked: Asked) -> object:
    """The information of an exchange without symbols."""
    return {"timezone": "UTC", "serverTime": floor.now // MS, "rateLimits": [], "symbols": []}


def information(floor: Floor, asked: Asked) -> object:
    """Symbols, their filters, and the rate limits."""
    wanted = {part.strip(' "[]') for part in asked.text("symbols", "").split(",")} - {""}
    wanted |= {asked.params["symbol"]} if "symbol" in asked.params else set()
    if wanted - set(floor.spots):
        raise RequestError(-1121, "Invalid symbol.")
    return {
        "timezone": "UTC",
        "serverTime": floor.now // MS,
        "rateLimits": [
            _limit("REQUEST_WEIGHT", "MINUTE", 1, 6_000),
            _limit("ORDERS", "SECOND", 10, 100),
            _limit("ORDERS", "DAY", 1, 200_000),
        ],
        "exchangeFilters": [],
        "symbols": [
            spot.described(halted=floor.venue.exchange.matchers[spot.listing.key].halted)
            for name, spot in floor.spots.items()
            if not wanted or name in wanted
        ],
    }


def depth(floor: Floor, asked: Asked) -> object:
    """The book."""
    spot, most = asked.spot(floor.spots), min(asked.integer("limit", 100), 5_000)
    return {
        "lastUpdateId": floor.venue.public[spot.listing.key].update,
        **levels(floor, spot, most),
    }


def levels(floor: Floor, spot: Spot, most: int) -> JsonObject:
    """The best levels of either side."""
    halves = floor.venue.exchange.matchers[spot.listing.key].halves
    bids, asks = (
        [[spot.price(ticks), spot.size(lots)] for ticks, lots in halves[side].depth(most)]
        for side in (1, -1)
    )
    return {"bids": bids, "asks": asks}


def trades(floor: Floor, asked: Asked) -> object:
    """The latest prints, oldest first."""
    spot, most = asked.spot(floor.spots), min(asked.integer("limit", 500), 1_000)
    return [
        {
            "id": t.id,
            "price": spot.price(t.ticks),
            "qty": spot.size(t.lots),
            "quoteQty": spot.worth(t.lots * t.ticks),
            "time": t.event_time // MS,
            "isBuyerMaker": t.aggressor < 0,
            "isBestMatch": True,
        }
        for t in _last(floor, spot, most)
    ]


def aggregated(floor: Floor, asked: Asked) -> object:
    """The latest prints as aggregates, of one print each."""
    spot, most = asked.spot(floor.spots), min(asked.integer("limit", 500), 1_000)
    first, start = asked.integer("fromId", 0), asked.integer("startTime", 0)
    found = [t for t in floor.prints[spot.listing.key].last if t.id >= first]
    found = [t for t in found if t.event_time // MS >= start]
    return [aggregate(t, spot) for t in (found[:most] if first or start else found[-most:])]


def aggregate(t: Trade, spot: Spot) -> JsonObject:
    """One print as an aggregate."""
    return {
        "a": t.id,
        "p": spot.price(t.ticks),
        "q": spot.size(t.lots),
        "f": t.id,
        "l": t.id,
        "T": t.event_time // MS,
        "m": t.aggressor < 0,
        "M": True,
    }


def klines(floor: Floor, asked: Asked) -> object:
    """Bars, oldest first; the last one is open."""
    spot, width = asked.spot(floor.spots), asked.text("interval")
    if width not in WIDTHS:
        raise RequestError(-1120, "Invalid interval.")
    most, start = min(asked.integer("limit", 500), 1_000), asked.integer("startTime", 0)
    end = asked.integer("endTime", 1 << 60)
    bars = floor.prints[spot.listing.key].bars(width, floor.now)
    found = [bar for bar in bars if start <= bar.opened // MS <= end]
    return [_kline(bar, spot, width) for bar in (found[:most] if start else found[-most:])]


def kline(bar: Candle, spot: Spot, width: str, now: int) -> JsonObject:
    """A bar as the stream tells it."""
    end = bar.opened + WIDTHS[width]
    return {
        "t": bar.opened // MS,
        "T": end // MS - 1,
        "s": spot.symbol,
        "i": width,
        "f": -1,
        "L": -1,
        "o": spot.price(bar.open),
        "c": spot.price(bar.close),
        "h": spot.price(bar.high),
        "l": spot.price(bar.low),
        "v": spot.size(bar.lots),
        "n": bar.trades,
        "x": end <= now,
        "q": spot.worth(bar.product),
        "V": spot.size(bar.bought),
        "Q": spot.worth(bar.bought_product),
        "B": "0",
    }


def day(floor: Floor, asked: Asked) -> object:
    """The last 24 hours of one symbol or of all."""
    return _each(floor, asked, whole_day)


def book_ticker(floor: Floor, asked: Asked) -> object:
    """Best prices of one symbol or of all."""
    return _each(floor, asked, _best)


def price(floor: Floor, asked: Asked) -> object:
    """Last price of one symbol or of all."""

    def last(floor: Floor, spot: Spot) -> JsonObject:
        ticks = floor.venue.exchange.matchers[spot.listing.key].last
        return {"symbol": spot.symbol, "price": spot.price(ticks)}

    return _each(floor, asked, last)


def whole_day(floor: Floor, spot: Spot) -> JsonObject:
    """The last 24 hours of a symbol."""
    now, last = floor.now, floor.venue.exchange.matchers[spot.listing.key].last
    bar = floor.prints[spot.listing.key].day(now) or Candle(now, last, last, last, last)
    best, prints = _best(floor, spot), floor.prints[spot.listing.key].last
    change = 100 * (bar.close - bar.open) / bar.open if bar.open else 0.0
    average = bar.product / bar.lots if bar.lots else 0
    return {
        **best,
        "priceChange": spot.price(bar.close - bar.open),
        "priceChangePercent": f"{change:.3f}",
        "weightedAvgPrice": spot.price(round(average)),
        "prevClosePrice": spot.price(bar.open),
        "lastPrice": spot.price(bar.close),
        "lastQty": spot.size(prints[-1].lots if prints else 0),
        "openPrice": spot.price(bar.open),
        "highPrice": spot.price(bar.high),
        "lowPrice": spot.price(bar.low),
        "volume": spot.size(bar.lots),
        "quoteVolume": spot.worth(bar.product),
        "openTime": max(bar.opened, now - DAY) // MS,
        "closeTime": now // MS,
        "firstId": prints[0].id if prints else -1,
        "lastId": prints[-1].id if prints else -1,
        "count": bar.trades,
    }


def _best(floor: Floor, spot: Spot) -> JsonObject:
    halves = floor.venue.exchange.matchers[spot.listing.key].halves
    return {
        "symbol": spot.symbol,
        "bidPrice": spot.price(halves[1].best),
        "bidQty": spot.size(halves[1].best_lots()),
        "askPrice": spot.price(halves[-1].best),
        "askQty": spot.size(halves[-1].best_lots()),
    }


def _each(floor: Floor, asked: Asked, tell: Tell) -> object:
    if "symbol" in asked.params:
        return tell(floor, asked.spot(floor.spots))
    wanted = {part.strip(' "[]') for part in asked.text("symbols", "").split(",")} - {""}
    return [tell(floor, s) for name, s in floor.spots.items() if not wanted or name in wanted]


def _last(floor: Floor, spot: Spot, most: int) -> list[Trade]:
    return list(floor.prints[spot.listing.key].last)[-most:]


def _kline(bar: Candle, spot: Spot, width: str) -> list[object]:
    told = kline(bar, spot, width, 0)
    return [told[name] for name in ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")]


def _limit(kind: str, unit: str, count: int, limit: int) -> JsonObject:
    return {"rateLimitType": kind, "interval": unit, "intervalNum": count, "limit": limit}
