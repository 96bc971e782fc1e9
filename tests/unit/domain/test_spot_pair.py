"""A pair of coins is the same thing wherever it comes from."""

from kedge.data.venues import default_instrument
from kedge.domain.instrument import AssetClass, Instrument
from kedge.venues.ccxt.markets import instrument_of
from kedge.venues.embedded.coins import COINS
from kedge.venues.wire.world import spots_of

MARKET = {
    "base": "BTC", "quote": "USDT", "limits": {"cost": {"min": "5"}}, "maker": "0.001",
    "taker": "0.001", "precision": {"price": "0.01", "amount": "0.00001"},
}  # fmt: skip


def test_every_builder_makes_the_same_kind_of_pair() -> None:
    listed = instrument_of(MARKET, "BTCUSDT", "binance")
    assumed = default_instrument("BTCUSDT", "binance")
    assert listed == assumed
    served, embedded = spots_of(["BTCUSDT"])[0].instrument, COINS["BTCUSDT"].instrument
    for pair in (listed, served, embedded):
        assert kind(pair) == ("BTCUSDT", AssetClass.SPOT, "BTC", ("USDT",) * 3, "24/7", False, 1.0)
    assert default_instrument("BTC-KRW", "upbit").tick == 1


def kind(pair: Instrument) -> tuple[object, ...]:
    return (
        pair.id, pair.asset_class, pair.base, (pair.quote, pair.settle, pair.collateral),
        pair.calendar, pair.shortable, pair.margin_initial,
    )  # fmt: skip
