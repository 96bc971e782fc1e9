"""Which part of an account is the session's."""

from decimal import Decimal

import msgspec
import pytest

from kedge.bootstrap.parameters import VenueFacts
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import AssetClass, Instrument
from kedge.venues.ccxt.own import ALL, Own, own_of
from kedge.venues.contract import Able


def coin(base: str) -> Instrument:
    return Instrument(
        id=base, symbol=f"{base}USDT", asset_class=AssetClass.SPOT, base=base, quote="USDT",
        settle="USDT", lot=Decimal("0.001"),
    )  # fmt: skip


COINS = coin("BTC"), coin("ETH")


def test_what_is_beyond_the_capital_is_set_aside_to_the_last_digit() -> None:
    total = {"USDT": "10000.00000003", "BTC": "0.10000001", "ETH": "0", "XRP": "55"}
    own = own_of(total, COINS, "USDT", Decimal(10_000), "BTCUSDT:7", "binance/9", "binance")
    assert dict(own.aside) == {"USDT": "3E-8", "BTC": "0.10000001"}
    assert (own.cursor, own.account, own.capital) == ("BTCUSDT:7", "binance/9", "10000")
    assert own.of(total, "USDT") == 10_000
    assert own.of(total, "BTC") == own.of(total, "ETH") == 0
    assert own.of({**total, "BTC": "0.35000001"}, "BTC") == Decimal("0.25")
    assert own.of({}, "BTC") == Decimal("-0.10000001")  # somebody sold it


def test_an_account_below_the_capital_is_refused() -> None:
    with pytest.raises(ConfigError, match="holds 5 USDT, and capital says 10"):
        own_of({"USDT": "5"}, COINS, "USDT", Decimal(10), "", "binance/9", "binance")
    with pytest.raises(ConfigError, match="holds 0 USDT"):
        own_of({}, COINS, "USDT", Decimal(10), "", "binance/9", "binance")


def test_facts_of_a_venue_without_anything_aside_are_written_as_ever() -> None:
    facts = VenueFacts("embedded", Able(short=True), ALL)
    written = msgspec.json.encode(facts)
    assert b"own" not in written
    assert msgspec.json.decode(written, type=VenueFacts) == facts
    mine = msgspec.structs.replace(facts, own=Own((("USDT", "1.5"),), "BTCUSDT:3"))
    assert msgspec.json.decode(msgspec.json.encode(mine), type=VenueFacts) == mine
