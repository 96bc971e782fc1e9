"""What an exchange lists, as instruments: found by name, measured by its own increments."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from re import compile as pattern
from typing import Any, Final

import msgspec

from kedge.domain.errors import ConfigError, MessageError
from kedge.domain.instrument import FeeSchedule, Instrument, spot_pair
from kedge.venues.ccxt import numbers

Market = Mapping[str, Any]
"""A market of ccxt; its numbers are text."""

_COIN: Final = pattern(r"[A-Za-z0-9]{1,16}")
_MONEY: Final = pattern(r"[A-Z0-9]{1,16}")
_WHERE: Final = "universe.symbols"
_FINEST, _COARSEST = Decimal("1e-18"), Decimal("1e9")
_NEAREST: Final = 3


def found(markets: Collection[Market], symbol: str, venue: str) -> Market:
    """The spot market that a symbol means: by the exchange's id, as BTC/USDT, or as BTCUSDT.

    Args:
        markets: all of them.
        symbol: as configured.
        venue: name of the exchange.

    Raises:
        ConfigError: there is none that trades now, or more than one; near names are told.
    """
    listed = [market for market in markets if market.get("spot")]
    means = [m for m in listed if symbol in (m["id"], m["symbol"])]
    means = means or [m for m in listed if _joined(m) == symbol]
    if len(means) == 1 and means[0].get("active") is not False:
        return means[0]
    if len(means) == 1:
        what = f"{symbol!r} does not trade at {venue} now"
    elif means:
        what = f"{symbol!r} means {len(means)} markets of {venue}"
    elif any(symbol in (m["id"], m["symbol"]) for m in markets):
        what = f"{symbol!r} is no spot market of {venue}"
    else:
        what = f"{venue} lists no {symbol!r}"
    raise ConfigError(what, _WHERE, _remedy(listed, symbol))


def instrument_of(market: Market, symbol: str, venue: str) -> Instrument:
    """A spot market as an instrument; it trades at all hours and cannot be sold short.

    Args:
        market: ccxt's.
        symbol: as configured; the instrument's id and symbol.
        venue: name of the exchange.

    Raises:
        ConfigError: its currencies have no code that could be booked.
        MessageError: a figure is missing or absurd.
    """
    base, quote = str(market["base"]), str(market["quote"])
    if not (_COIN.fullmatch(base) and _MONEY.fullmatch(quote)):
        raise ConfigError(
            f"{symbol!r} is of {base}/{quote}, which are no currency codes", _WHERE, "take another"
        )
    smallest = market["limits"]["cost"]["min"]
    lot = _step(market["precision"]["amount"], f"quantity increment of {symbol}")
    return spot_pair(
        symbol,
        base,
        quote,
        venue=venue,
        tick=_step(market["precision"]["price"], f"price increment of {symbol}"),
        lot=lot,
        min_notional=_least(smallest, symbol),
        max_lots=_most(market["limits"], lot, symbol),
        fees=FeeSchedule(
            maker_bps=_bps(market.get("maker"), symbol), taker_bps=_bps(market.get("taker"), symbol)
        ),
    )


def instruments_of(
    markets: Collection[Market], symbols: Sequence[str], venue: str
) -> tuple[Instrument, ...]:
    """An instrument for each symbol, in the same order.

    Raises:
        ConfigError: as `found` and `instrument_of`, or two symbols mean one market.
        MessageError: a figure is missing or absurd.
    """
    taken: dict[str, str] = {}
    every = []
    for symbol in symbols:
        market = found(markets, symbol, venue)
        name = str(market["symbol"])
        if name in taken:
            what = f"{taken[name]!r} and {symbol!r} are one market of {venue}"
            raise ConfigError(what, _WHERE, "name it once")
        taken[name] = symbol
        every.append(instrument_of(market, symbol, venue))
    return tuple(every)


def _joined(market: Market) -> str:
    return f"{market['base']}{market['quote']}"


def _remedy(listed: Sequence[Market], symbol: str) -> str:
    """The nearest names that trade."""
    names = {_joined(market) for market in listed if market.get("active") is not False}
    bare = "".join(letter for letter in symbol.upper() if letter.isalnum())
    near = get_close_matches(bare, sorted(names - {symbol}), _NEAREST)
    return f"near it are {', '.join(near)}" if near else "see the exchange's own list"


def _step(given: object, what: str) -> Decimal:
    step = numbers.decimal(given, what)
    if not _FINEST <= step <= _COARSEST:
        raise MessageError(f"{what} is {str(given)[:40]}")
    return step.normalize()


def _least(given: object, symbol: str) -> Decimal:
    """The smallest order; nothing told is none."""
    least = numbers.decimal(given or 0, f"smallest order of {symbol}")
    if not 0 <= least <= _COARSEST:
        raise MessageError(f"smallest order of {symbol} is {str(given)[:40]}")
    return least.normalize()


def _most(limits: Mapping[str, Any], lot: Decimal, symbol: str) -> int | msgspec.UnsetType:
    """Lots of the largest order, at a limit and at the market; unset where none is told.

    A stop that is touched is at the market, so the smaller of the two counts for all.
    """
    told = [(limits.get(kind) or {}).get("max") for kind in ("amount", "market")]
    what = f"largest order of {symbol}"
    found = [size for size in (numbers.decimal(each or 0, what) for each in told) if size]
    if not found:
        return msgspec.UNSET
    lots = int(min(found) / lot)
    if lots < 1:
        raise MessageError(f"{what} is {min(found):f}")
    return lots


def _bps(given: object, symbol: str) -> float:
    share = numbers.decimal(given, f"fee of {symbol}")
    if abs(share) > 1:
        raise MessageError(f"fee of {symbol} is {str(given)[:40]}")
    return float(share * 10_000)
