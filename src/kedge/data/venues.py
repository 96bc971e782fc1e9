"""What is assumed about an instrument until ``instruments.yaml`` says otherwise."""

import re
from decimal import Decimal
from typing import Final

import msgspec

from kedge.data.calendars import ALWAYS_OPEN
from kedge.domain.errors import DataError
from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument

CRYPTO_NAMES: Final = """
    binance bitfinex bitget bitmex bitstamp bybit coinbase crypto dydx gate gemini htx kraken
    kucoin mexc okx upbit
"""
CRYPTO: Final = frozenset(CRYPTO_NAMES.split())
US: Final = frozenset(("", "xnys", "nyse", "xnas", "nasdaq", "amex", "arca", "us"))
KOREA: Final = frozenset(("xkrx", "krx", "kospi", "kosdaq"))
QUOTES: Final = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "EUR", "GBP", "KRW", "BTC", "ETH")


def default_instrument(symbol: str, venue: str = "") -> Instrument:
    """The venue's defaults for a symbol.

    No venue means a US equity: USD, tick 0.01, lot 1, XNYS. Crypto venues trade
    spot around the clock: lot 1e-5, taker 10 bps, not shortable.

    Raises:
        DataError: for a venue kedge has no defaults for.
    """
    name = venue.strip().lower()
    if name in US:
        return Instrument(id=symbol, symbol=symbol, venue=venue, base=symbol)
    if name in KOREA:
        return _korean(symbol, venue)
    if name in CRYPTO:
        return _crypto(symbol, venue)
    raise DataError(
        f"no defaults for venue {venue!r}",
        "--venue",
        "leave it out for US stocks, or name xkrx or a crypto exchange such as binance",
    )


def split_pair(symbol: str) -> tuple[str, str]:
    """Base and quote of a pair such as BTCUSDT, BTC/USDT or BTC-USD.

    Raises:
        DataError: when no known quote currency ends the symbol.
    """
    plain = re.sub(r"[-/_:]", "", symbol.upper())
    for quote in QUOTES:
        if plain.endswith(quote) and len(plain) > len(quote):
            return plain[: -len(quote)], quote
    raise DataError(
        f"{symbol}: which part is the quote currency?",
        "symbol",
        f"end it with one of {', '.join(QUOTES)}",
    )


def describe_assumptions(instrument: Instrument) -> tuple[str, ...]:
    """The defaults a report should state, as short phrases."""
    fields = (
        f"{instrument.asset_class.value} in {instrument.quote}",
        f"tick {instrument.tick:f}",
        f"lot {instrument.lot:f}",
        f"calendar {instrument.calendar}",
        f"taker fee {instrument.fees.taker_bps:g} bps",
        "shortable" if instrument.shortable else "not shortable",
    )
    return fields


def _korean(symbol: str, venue: str) -> Instrument:
    return Instrument(
        id=symbol,
        symbol=symbol,
        venue=venue,
        base=symbol,
        quote="KRW",
        settle="KRW",
        collateral="KRW",
        tick=Decimal(1),
        calendar="XKRX",
    )


def _crypto(symbol: str, venue: str) -> Instrument:
    base, quote = split_pair(symbol)
    spot = Instrument(
        id=symbol,
        symbol=symbol,
        venue=venue,
        asset_class=AssetClass.SPOT,
        base=base,
        quote=quote,
        settle=quote,
        collateral=quote,
        lot=Decimal("0.00001"),
        min_notional=Decimal(5),
        calendar=ALWAYS_OPEN,
        fees=FeeSchedule(maker_bps=10.0, taker_bps=10.0),
    )
    return spot if quote != "KRW" else msgspec.structs.replace(spot, tick=Decimal(1))
