"""Which column of a file is which, guessed from the names people use."""

import re
from collections.abc import Sequence
from typing import Final

from kedge.domain.errors import DataError

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "ts": (
        *("ts", "timestamp", "opentime", "datetime", "dateandtime", "unix", "unixtime", "epoch"),
        *("date", "time", "day", "dt", "t", "start", "starttime", "barstart", "begin", "gmttime"),
        *("localtime", "tradedate", "tradingday", "timestampms", "timeutc", "dateutc", "period"),
    ),
    "open": ("open", "o", "openprice", "opening", "op", "first", "pxopen", "bidopen"),
    "high": ("high", "h", "highprice", "hi", "max", "pxhigh", "bidhigh"),
    "low": ("low", "l", "lowprice", "lo", "min", "pxlow", "bidlow"),
    "close": (
        *("close", "c", "closeprice", "closelast", "last", "lastprice", "cl", "price", "pxlast"),
        *("closing", "settle", "settlement", "bidclose", "value"),
    ),
    "adj_close": (
        *("adjclose", "adjustedclose", "adjcloseprice", "closeadj", "adjclosed", "adjusted"),
        *("adjprice", "adj"),
    ),
    "volume": ("volume", "v", "vol", "qty", "volumebase", "basevolume", "sharestraded", "tickvol"),
    "symbol": ("symbol", "ticker", "sym", "instrument", "asset", "pair", "tic", "code", "name"),
    "available_at": ("availableat", "available", "availabletime", "knownat"),
}
"""Names by role, the most telling first, without case, blanks and punctuation."""

CLOCK: Final = ("time", "hour")


def normalise(name: str) -> str:
    """A column's name without case, punctuation, ``<>`` and an Alpha Vantage number."""
    plain = re.sub(r"^\s*\d+\s*[.)]\s*", "", name.lower())
    return re.sub(r"[^a-z0-9]", "", plain)


def guess_columns(names: Sequence[str], symbol: str = "") -> dict[str, str]:
    """Role to column name, for the roles that were found.

    Args:
        names: the file's column names.
        symbol: what is imported: ``Volume BTC`` is then known as base volume.
    """
    plain = {normalise(name): name for name in reversed(names)}
    found = {}
    for role, known in NAMES.items():
        hit = next((plain[each] for each in known if each in plain), None)
        if hit is not None:
            found[role] = hit
    if "volume" not in found:
        base = re.sub(r"[^a-z0-9]", "", symbol.lower())
        for key, name in plain.items():
            if key.startswith("volume") and len(key) > 6 and base.startswith(key[6:]):
                found["volume"] = name
    return found


def clock_column(names: Sequence[str], ts: str) -> str | None:
    """The column with the time of day where ``ts`` holds the date alone."""
    if normalise(ts) not in ("date", "day", "tradedate"):
        return None
    return next((name for name in names if normalise(name) in CLOCK and name != ts), None)


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether a line names a time column and at least one more thing we know."""
    found = guess_columns(cells)
    priced = any(role in found for role in ("open", "high", "low", "close", "adj_close", "volume"))
    return "ts" in found and (priced or len(found) > 1 or len(cells) > 1)


def require(found: dict[str, str], where: str, names: Sequence[str]) -> None:
    """Refuse a file without a time or a price column.

    Raises:
        DataError: naming what is missing and what is there.
    """
    have = f"the columns are {', '.join(names[:12])}"
    if "ts" not in found:
        raise DataError("no time column", where, f"name one ts; {have}")
    if "close" not in found and "adj_close" not in found:
        raise DataError("no close column", where, f"name one close; {have}")
    three = {"open", "high", "low"} & found.keys()
    if three and len(three) < 3:
        missing = ", ".join(sorted({"open", "high", "low"} - three))
        raise DataError(
            f"no {missing} column",
            where,
            f"add it, or leave close alone for close-only data; {have}",
        )
