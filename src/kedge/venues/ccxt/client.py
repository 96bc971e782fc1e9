"""ccxt's class of an exchange, made so that it does nothing of its own accord."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from kedge.domain.errors import ConfigError
from kedge.domain.redact import remember
from kedge.venues.ccxt.exchanges import Exchange

_KEEP_ALIVE_MS: Final = 5_000
_SILENT: Final = logging.Logger("ccxt", logging.CRITICAL + 1)
"""Of no hierarchy, so that no setting of anybody's makes it speak."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How to get into an account; its secrets show in no text.

    Attributes:
        exchange: which.
        key, secret, passphrase: of the API; the last is empty where there is none.
        testnet: whether to use its test network.
        url: another address than the exchange's own, empty for its own.
        timeout_ms: after which an unanswered request is given up.
    """

    exchange: Exchange
    key: str
    secret: str
    passphrase: str = ""
    testnet: bool = False
    url: str = ""
    timeout_ms: int = 10_000

    @property
    def venue(self) -> str:
        """Name of the exchange, told apart from its test network."""
        return self.exchange.name + ("-testnet" if self.testnet else "")

    def __repr__(self) -> str:
        return f"Access({self.exchange.name}, testnet={self.testnet}, url={self.url!r})"


_READS: Final = "handle_text_or_binary_message"
"""Ccxt's method of a socket that decodes and takes a message."""
_ABSURD: Final = re.compile(r"[\":,\[][-+]?[\d.]+[eE][-+]?\d{3,}[\",\s}\]]")
"""A number that ccxt would compute with for minutes, exactly, and let nobody else run meanwhile."""

Answered = Callable[[int, Mapping[str, str]], object]
"""Told of the status and headers of every answer."""


def client_of(access: Access, answered: Answered) -> Any:
    """Ccxt's exchange: no retries, no waiting of its own, numbers as text, nothing logged.

    Raises:
        ConfigError: ccxt is not installed, or has no test network there.
    """
    try:
        import ccxt.pro
    except ModuleNotFoundError:
        raise ConfigError(
            "needs ccxt, which is not installed", "venues", "pip install -e '.[crypto]'"
        ) from None
    exchange = access.exchange
    secret = _lines(access.secret)
    for each in (access.key, access.secret, secret, access.passphrase):
        remember(each)
    client = getattr(ccxt.pro, exchange.name)(
        {
            "apiKey": access.key,
            "secret": secret,
            "password": access.passphrase,
            "timeout": access.timeout_ms,
            "enableRateLimit": False,
            "options": {**exchange.options, "maxRetriesOnFailure": 0},
        }
    )
    client.number = str
    client.timeout_on_exit = 0
    client.logger = _SILENT  # its own would write headers down, the key among them
    client.streaming = {**client.streaming, "keepAlive": _KEEP_ALIVE_MS}
    client.on_rest_response = _listening(client.on_rest_response, answered)
    client.client = _breaking(client.client)
    if access.testnet:
        _use_testnet(client, exchange.name)
    if access.url:
        client.urls["api"] = _pointed(client.urls["api"], access.url.rstrip("/"))
    return client


def _lines(secret: str) -> str:
    """A key of several lines, which a variable of the environment holds on one."""
    return secret.replace("\\n", "\n") if secret.startswith("-----BEGIN") else secret


def _use_testnet(client: Any, name: str) -> None:
    from ccxt.base.errors import NotSupported

    try:
        client.set_sandbox_mode(True)
    except NotSupported:
        raise ConfigError(f"{name} has no test network", "venues", "set testnet: false") from None


def _listening(kept: Callable[..., str], answered: Answered) -> Callable[..., str]:
    def listen(
        status: int, reason: str, url: str, method: str, headers: Any, body: str, *rest: Any
    ) -> str:
        answered(status, headers)
        if _ABSURD.search(body):
            raise _unread(ValueError("a number beyond measure"))
        return kept(status, reason, url, method, headers, body, *rest)

    return listen


def _breaking(make: Callable[[str], Any]) -> Callable[[str], Any]:
    """Sockets that break on a message that cannot be read.

    ccxt's own would stay open and never be read again. One that broke is joined anew, and
    what was told meanwhile is asked for.
    """

    def made(url: str) -> Any:
        socket = make(url)
        if _READS not in vars(socket):
            setattr(socket, _READS, _read_or_break(socket, getattr(socket, _READS)))
        return socket

    return made


def _read_or_break(socket: Any, read: Callable[[Any], None]) -> Callable[[Any], None]:
    def take(message: Any) -> None:
        try:
            if isinstance(message, str) and _ABSURD.search(message):
                raise ValueError("a number beyond measure")
            read(message)
        except Exception as error:
            socket.on_error(_unread(error))

    return take


def _unread(error: Exception) -> Exception:
    from ccxt.base.errors import NetworkError

    return NetworkError(f"a message could not be read: {type(error).__name__}")  # type: ignore[no-any-return]


def _pointed(urls: Any, base: str) -> Any:
    """Every address with another host; sockets keep to sockets."""
    if isinstance(urls, dict):
        return {name: _pointed(each, base) for name, each in urls.items()}
    if not isinstance(urls, str):
        return urls
    scheme, _, host = base.partition("://")
    parts = urlsplit(urls)
    if parts.scheme in ("ws", "wss"):
        scheme = "wss" if scheme == "https" else "ws"
    return f"{scheme}://{host}{parts.path}"
