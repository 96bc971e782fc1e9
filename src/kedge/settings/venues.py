"""Where orders may go, and the names of the secrets that it takes; never their values."""

import re
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from kedge.settings.fields import Node, impossible, setting, wrong

_VENUE: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SECRET: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
LONGEST: Final = 64


def _here(url: str) -> bool:
    """Whether an address is of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class VenueSpec(Node):
    """A venue by name; in a configuration a bare text stands for its name alone."""

    name: str = setting(..., "Adapter: binance, coinbase, okx, bybit, kraken.", "")
    testnet: bool = setting(True, "Its test network, where nothing is real.", "")
    url: str | None = setting(None, "Another address than the venue's own.", "")
    api_key: str | None = setting(None, "Name of the secret; null: BINANCE_API_KEY and so on.", "")
    api_secret: str | None = setting(
        None, "Name of the secret; null: BINANCE_API_SECRET and so on.", ""
    )
    passphrase: str | None = setting(
        None, "Name of the third secret that some venues want; null: none.", ""
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, given: object) -> object:
        return {"name": given} if isinstance(given, str) else given

    @field_validator("name")
    @classmethod
    def _a_name(cls, given: str) -> str:
        if _VENUE.fullmatch(given):
            return given
        raise wrong("is no name of a venue", "write it in lower case, such as binance")

    @field_validator("api_key", "api_secret", "passphrase", mode="before")
    @classmethod
    def _a_name_and_no_key(cls, given: object) -> object:
        """The value itself may be a key that was pasted here: no message repeats it."""
        if given is None:
            return None
        if isinstance(given, str) and len(given) <= LONGEST and _SECRET.fullmatch(given):
            return given
        raise impossible(
            "venues",
            "what stands for a key is not the name of a secret",
            "write a name such as BINANCE_API_KEY, and keep the key in the environment, in .env "
            "or with `kedge secrets set`",
        )

    @field_validator("url", mode="before")
    @classmethod
    def _an_address_without_a_password(cls, given: object) -> object:
        if given is None:
            return None
        try:
            parts = urlsplit(given) if isinstance(given, str) else urlsplit("")
            fine = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        except ValueError:
            fine = False
        if fine:
            return given
        remedy = "write https://host:port, without user and password"
        raise impossible("venues", "a url is no web address", remedy)

    @model_validator(mode="after")
    def _no_test_network_elsewhere(self) -> Self:
        """Nobody knows what lies behind an address, unless it is of this machine."""
        if self.testnet and self.url is not None and not _here(self.url):
            raise impossible(
                "venues",
                f"testnet: true, and {urlsplit(self.url).hostname} may be a real exchange",
                "leave url out for the test network, or write testnet: false for real orders",
            )
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the secrets that it takes: key, secret and, where it has one, passphrase."""
        above = self.name.upper()
        names = (self.api_key or f"{above}_API_KEY", self.api_secret or f"{above}_API_SECRET")
        return (*names, self.passphrase) if self.passphrase else names
