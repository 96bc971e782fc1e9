"""One session to an account, whichever of its keys it has."""

import errno
import os
from pathlib import Path

import pytest

from kedge.domain.errors import InputError, RunError
from kedge.interfaces.control import lock
from kedge.interfaces.control.account import numbered_alone, trading_alone
from kedge.interfaces.control.lock import SessionLock
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def access(key="one", **more):
    return Access(exchange=exchange_of("binance"), key=key, secret="s", **more)


def taken(block):
    """Whether somebody else has it."""
    try:
        with block:
            return False
    except InputError as error:
        said = str(error)
    return "a session runs here already, process" in said and "\n" not in said


def test_a_key_is_for_one_session():
    with trading_alone(access()):
        assert taken(trading_alone(access(url="http://localhost:1")))
        assert not taken(trading_alone(access("two")))
    assert not taken(trading_alone(access()))


def test_a_number_is_for_one_session_whatever_its_key():
    with numbered_alone(access("one"), "354937868"):
        assert taken(numbered_alone(access("two"), "354937868"))
        assert not taken(numbered_alone(access("two"), "354937869"))
    assert not taken(numbered_alone(access("two"), "354937868"))


def test_numbers_of_other_networks_and_other_ports_are_others():
    served = access(url="http://127.0.0.1:8765", testnet=True)
    with numbered_alone(access(), "1"), numbered_alone(served, "1"):
        assert not taken(numbered_alone(access(testnet=True), "1"))
        assert not taken(numbered_alone(access(url="http://127.0.0.1:8766", testnet=True), "1"))
        assert taken(numbered_alone(access(url="http://localhost:8765", testnet=True), "1"))


@pytest.mark.parametrize(("code", "stops"), [(errno.ENOSPC, False), (errno.EIO, True)])
def test_a_full_disk_keeps_nobody_from_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, stops: bool
) -> None:
    SessionLock(tmp_path).close()

    def fails(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(lock.os, "pwrite", fails)
    if stops:
        with pytest.raises(RunError, match="could not be locked: Input/output error"):
            SessionLock(tmp_path)
    else:
        with SessionLock(tmp_path), pytest.raises(InputError, match="process unknown"):
            SessionLock(tmp_path)
