"""What is assumed about an instrument until ``instruments.yaml`` says otherwise."""

import re
from decimal import Decimal
from typing import Final

from kedge.domain.errors import DataError
from kedge.domain.instrument import FeeSchedule, Instrument, spot_pair

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
    return spot_pair(
        symbol, base, quote, venue=venue, tick=Decimal(1 if quote == "KRW" else "0.01"),
        lot=Decimal("0.00001"), min_notional=Decimal(5), fees=FeeSchedule(10.0, 10.0),
    )  # fmt: skip
