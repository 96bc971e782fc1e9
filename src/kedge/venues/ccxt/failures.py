"""What an error of ccxt means: a definite no, or nothing definite at all.

Whatever is not known to be definite is not: the order may be there. That holds for errors
that the library makes itself when it cannot read an answer.
"""

import re
from typing import Final

from kedge.domain.redact import redact

_CODE: Final = re.compile(r'"(?:code|retCode|errorCode|error)"\s*:\s*"?(-?\w+)')
_ONE: Final = re.compile(r'"sCode"\s*:\s*"?(\w+)')
"""OKX's code of an order, within an answer whose own code says only that something failed."""
_COINBASE: Final = re.compile(
    r'"success"\s*:\s*false\b.*"error_response"|"error_response".*"success"\s*:\s*false\b'
)
"""An order that was looked at and refused, whatever the reason is called."""
_QUERY: Final = re.compile(r"\?\S*")
_STATUS: Final = re.compile(r"^\w+ (\d{3}) ")
_NO: Final = (
    "InsufficientFunds", "InvalidOrder", "BadRequest", "BadSymbol", "ArgumentsRequired",
    "AuthenticationError", "PermissionDenied", "AccountNotEnabled", "AccountSuspended",
    "OperationRejected", "MarketClosed", "RestrictedLocation", "NotSupported", "OrderNotFound",
    "OrderImmediatelyFillable", "OrderNotFillable", "ContractUnavailable",
    "InvalidNonce", "RateLimitExceeded", "ManualInteractionNeeded",
)  # fmt: skip
"""ccxt's classes that say: it was looked at and not done. Exactly these, no subclass else."""
_BY_CODE: Final = {"-1003": True, "-1015": True, "-1021": True, "-2015": True}
"""Binance's codes whose class says nothing definite and that are."""
_UNSURE: Final = (
    "-1000", "-1001", "-1006", "-1007", "-1008", "-1016",  # Binance
    "170146", "170147", "170007", "10016", "10000",  # Bybit
    "50004", "51149", "50013", "50026",  # OKX
    "51011", "51016", "51065", "51068",  # OKX: an id that was used
    "10014", "12141", "110030", "110072", "170141",  # Bybit: the same
)  # fmt: skip
"""Codes that mean: perhaps done, whatever ccxt makes of them."""
_USED: Final = re.compile(
    r"duplicat|\balready[ _](?:exist|(?:been[ _])?(?:in[ _])?use)", re.IGNORECASE
)
"""An id that was used. Nothing is sent twice and no id is given twice, so that somebody on the way
has sent it again, and the first is there: of all answers the last that could mean a no."""


def code_of(error: BaseException) -> str:
    """The exchange's code, or the name of ccxt's class where it tells none."""
    found = _ONE.search(str(error)) or _CODE.search(str(error))
    return redact(found[1]) if found else type(error).__name__


def said(error: BaseException) -> str:
    """What an error says, as `words`; its class where it says nothing."""
    return words(str(error)) or type(error).__name__


def words(text: str) -> str:
    """What an exchange says, in one line that may be kept.

    It goes into a journal, from where nothing is ever taken out: without what a refused
    request held, which are secrets as they are and signatures in the query of an address.
    """
    return " ".join(_QUERY.sub("", redact(text)).split())[:300]


def unsure(code: str, text: str) -> bool:
    """Whether what an exchange says leaves open what it did.

    Args:
        code: its own.
        text: its words.
    """
    return code in _UNSURE or _USED.search(text) is not None


def definite(error: BaseException) -> bool:
    """Whether the exchange has refused it for good: it never was done and never will be."""
    code = code_of(error)
    if unsure(code, str(error)):
        return False
    status = _STATUS.match(str(error))
    refused_at_door = status is not None and status[1] in ("418", "429")
    known = type(error).__name__ in _NO or _BY_CODE.get(code, False) or refused_at_door
    return known or _COINBASE.search(str(error)) is not None


def not_there(error: BaseException) -> bool:
    """Whether the exchange knows no such order."""
    return type(error).__name__ == "OrderNotFound"


def keyless(error: BaseException) -> bool:
    """Whether it is about the API key and what it may do."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return "AuthenticationError" in names or code_of(error) == "-2015"


def of_library(error: BaseException) -> bool:
    """Whether it is the library's own; it leaves such behind where a connection ends."""
    return type(error).__module__.startswith("ccxt.")
