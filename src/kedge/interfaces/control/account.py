"""The account of an exchange that a session trades in: its keys, its lock, its host's budget."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kedge.data.streams.budget import Budget
from kedge.data.streams.budget_file import BudgetFile
from kedge.interfaces.control.lock import SessionLock
from kedge.interfaces.control.place import prepare
from kedge.settings import VenueSpec
from kedge.settings.secrets import Secrets
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of

NAMED: Final = 16
"""Digits of the hash that stands for an account."""


def access_of(spec: VenueSpec, secrets: Secrets) -> Access:
    """How a configured venue's account is entered.

    Raises:
        ConfigError: there is no such exchange, or a secret is missing.
    """
    key, secret, *more = (secrets.get(n, "venues").get_secret_value() for n in spec.secrets)
    return Access(
        exchange=exchange_of(spec.name), key=key, secret=secret, passphrase="".join(more),
        testnet=spec.testnet, url=spec.url or "",
    )  # fmt: skip


def state_folder() -> Path:
    """Where processes of one user find each other: locks of accounts, budgets of hosts."""
    base = Path(os.environ.get("XDG_STATE_HOME") or "")
    return (base if base.is_absolute() else Path.home() / ".local" / "state") / "kedge"


def host_of(access: Access) -> str:
    """The host that is asked, as the name of a folder."""
    if not access.url:
        return access.venue
    parts = urlsplit(access.url)
    return f"{(parts.hostname or access.venue).rstrip('.')}-{parts.port or parts.scheme}"


def budget_of(access: Access) -> Budget:
    """The budget of an exchange's host, shared by all processes of one user."""
    folder = state_folder() / "hosts" / host_of(access)
    return Budget(access.exchange.limit, BudgetFile(folder))


@contextmanager
def trading_alone(access: Access) -> Iterator[None]:
    """Have an account for oneself while the block runs.

    Raises:
        InputError: another session trades in it: which process.
        RunError: the lock cannot be made.
    """
    which = f"{access.exchange.name}|{access.key}"  # a host has many names
    with _alone(which, f"the account of this key at {access.exchange.name}"):
        yield


@contextmanager
def numbered_alone(access: Access, number: str) -> Iterator[None]:
    """The same by the exchange's own number of the account, which may have several keys.

    Args:
        access: to it.
        number: as the exchange tells it; several exchanges on one machine differ by their ports.

    Raises:
        InputError: another session trades in it: which process.
        RunError: the lock cannot be made.
    """
    port = urlsplit(access.url).port or ""
    with _alone(f"{access.venue}|{port}|{number}", f"account {number} at {access.venue}"):
        yield


@contextmanager
def _alone(which: str, told: str) -> Iterator[None]:
    name = hashlib.sha256(which.encode()).hexdigest()[:NAMED]
    folder = state_folder() / "accounts" / name
    prepare(folder)
    with SessionLock(folder, told, "stop that one, or use the key of another account"):
        yield
