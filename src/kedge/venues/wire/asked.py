"""One request as it came in, and whether whoever sent it may."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, NoReturn
from urllib.parse import parse_qsl

import msgspec

from kedge.venues.wire.refusals import (
    BAD_KEY,
    BAD_SIGNATURE,
    NO_SUCH_KEY,
    TOO_NEW,
    TOO_OLD,
    RequestError,
    illegal,
    missing,
)
from kedge.venues.wire.spot import Spot

MS: Final = 1_000_000
_AHEAD_MS: Final = 1_000
_WINDOW_MS: Final = 5_000
_LONGEST_MS: Final = 60_000


class Rights(msgspec.Struct, frozen=True):
    """What an API key is for.

    Attributes:
        secret: that signs its requests.
        trade: whether it may send and cancel orders.
    """

    secret: str
    trade: bool = True

    def __repr__(self) -> str:
        return f"Rights(trade={self.trade})"


class Asked:
    """Parameters of one request.

    Args:
        params: by name.
        signed: the text that the signature is of.

    Attributes:
        params: by name.
    """

    def __init__(self, params: Mapping[str, str], signed: str = "") -> None:
        self.params = dict(params)
        self._signed = signed

    @classmethod
    def from_http(cls, query: str, body: str) -> "Asked":
        """From the raw query and form body of an HTTP request."""
        params = dict(parse_qsl(query + "&" + body, keep_blank_values=True))
        parts = [part for part in (query + body).split("&") if not part.startswith("signature=")]
        text = "&".join(parts)
        # A body that follows a query is signed without anything between them.
        return cls(params, text.replace(f"&signature={params.get('signature', '')}", ""))

    @classmethod
    def from_socket(cls, params: Mapping[str, object]) -> "Asked":
        """From the parameters of a message: signed in the order of their names."""
        texts = {name: _text(value) for name, value in params.items()}
        pairs = [f"{name}={texts[name]}" for name in sorted(texts) if name != "signature"]
        return cls(texts, "&".join(pairs))

    def check(self, rights: Rights, now: int) -> None:
        """See that it was signed, and lately.

        Args:
            rights: of its key.
            now: the exchange's clock, ns.

        Raises:
            RequestError: it was not.
        """
        sent, window = self.integer("timestamp"), self.integer("recvWindow", _WINDOW_MS)
        if not 0 < window <= _LONGEST_MS:
            raise RequestError(-1131, "recvWindow must be less than 60000.")
        signature = self.params.get("signature") or _raise(missing("signature"))
        made = hmac.new(rights.secret.encode(), self._signed.encode(), hashlib.sha256)
        if not hmac.compare_digest(made.hexdigest(), signature.lower()):
            raise RequestError(*BAD_SIGNATURE, status=400)
        if sent >= now // MS + _AHEAD_MS:
            raise RequestError(*TOO_NEW)
        if now // MS - sent > window:
            raise RequestError(*TOO_OLD)

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter; without a default it has to be there."""
        found = self.params.get(name, "")
        if found:
            return found
        return _raise(missing(name)) if default is None else default

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number, not below zero."""
        found = self.params.get(name, "")
        if not found:
            return _raise(missing(name)) if default is None else default
        if not (found.isascii() and found.isdigit() and len(found) < 19):
            raise illegal(name)
        return int(found)

    def spot(self, spots: Mapping[str, Spot]) -> Spot:
        """The symbol that it is about."""
        found = spots.get(self.text("symbol"))
        return found or _raise(RequestError(-1121, "Invalid symbol."))


def rights_of(key: str, keys: Mapping[str, Rights], *, trade: bool) -> Rights:
    """What a key may do.

    Raises:
        RequestError: no such key, or it may not.
    """
    if not key:
        raise RequestError(*BAD_KEY, status=401)
    rights = keys.get(key)
    if rights is None or (trade and not rights.trade):
        raise RequestError(*NO_SUCH_KEY, status=401)
    return rights


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _raise(error: RequestError) -> NoReturn:
    raise error
