"""Every recorded message of the five venues parses; those of others are refused in one line."""

import json
from collections import Counter

import pytest

from kedge.data.wire.decoders import PROTOCOLS, decoder
from kedge.data.wire.messages import Passed, VenueError
from kedge.domain.errors import ConfigError, MessageError
from kedge.domain.market import BookDelta
from recorded import (
    BINANCE_SYMBOL,
    SAMPLE_SYMBOLS,
    STREAMS,
    for_stream,
    lines,
    listings,
    samples,
    spot_stream,
    stream,
    text,
)  # fmt: skip

LATER = 1_900_000_000 * 10**9
EXPECTED = {
    "binance_futures_ws_1": {"Quote": 613, "BookDelta": 764, "Bar": 67, "Trade": 91},
    "binance_ws_1": {"BookDelta": 177, "Quote": 84, "Trade": 2, "Bar": 2},
    "bybit_ws_25": {"Trade": 17, "Subscribed": 16, "BookDelta": 569},
    "bybit_ws_26": {"Subscribed": 4, "BookDelta": 279, "Trade": 64},
    "coinbase_ws_28": {"Subscribed": 6, "BookDelta": 1447, "Passed": 25, "Trade": 25},
    "kraken_ws_50": {"Status": 1, "Subscribed": 10, "Heartbeat": 11, "BookDelta": 1178},
    "okx_ws_1": {"Subscribed": 18, "Quote": 28, "Trade": 74, "BookDelta": 290},
}
REST = {
    "depth_response.json": "depth", "http_get_orderbook.json": "depth",
    "http_order_book.json": "depth",
    "http_product_book.json": "depth", "http_get_order_book.json": "depth",
    "http_futures_orderbook.json": "depth",
    "http_json/trades_response.json": "trades", "http_get_trades_recent.json": "trades",
    "http_get_trades.json": "trades", "http_ticker.json": "trades",
    "klines_response.json": "bars", "http_get_klines_linear.json": "bars", "http_ohlc.json": "bars",
    "http_candles.json": "bars", "http_get_candlesticks.json": "bars",
    "http_get_candlesticks_full.json": "bars", "http_futures_candles_trade.json": "bars",
    "server_time_response.json": "time", "http_server_time.json": "time",
    "http_get_funding_rate_history.json": "funding", "http_get_funding_history.json": "funding",
    "http_futures_historical_funding_rates.json": "funding",
}  # fmt: skip
SAMPLE_SYMBOL = {
    "binance": "BTCUSDT", "bybit": "BTCUSDT", "okx": "BTC-USDT", "kraken": "PI_XBTUSD",
    "coinbase": "BTC-USD",
}  # fmt: skip
# Parts of messages that stand in the samples beside whole ones, and what a stream never sends.
PARTS = (
    "ws_account_position_with_open_time.json", "common_optional_string_to_u64.json",
    "ws_opt_summary.json",
)  # fmt: skip
ANSWERS = {"okx": ("http_", *PARTS), "bybit": ("http_", *PARTS), "binance": ("http_json/",)}


@pytest.mark.parametrize("name", STREAMS)
def test_recorded_stream_parses_to_the_last_message(name: str) -> None:
    decoder_, found = for_stream(name), Counter[str]()
    for message in stream(name):
        found.update(type(e).__name__ for e in decoder_.decode(message.body, message.received))
    assert found == EXPECTED[name]


@pytest.mark.parametrize("name", ["binance_http_0", "binance_futures_http_0"])
def test_recorded_snapshots_parse(name: str) -> None:
    bodies = [x for x in lines(f"cryptofeed_{name}") if x["dir"] == "http_in"]
    assert len(bodies) == 4
    for x in bodies:
        match = BINANCE_SYMBOL.search(x["url"])
        assert match is not None
        (book,) = decoder("binance", listings([match[1]])).reply(
            "depth", match[1], text(x["body"]), LATER
        )
        assert isinstance(book, BookDelta)
        assert book.snapshot
        assert book.last == x["body"]["lastUpdateId"]
        assert len(book.levels) == len(x["body"]["bids"]) + len(x["body"]["asks"])


def test_recorded_spot_stream_parses() -> None:
    decoder_, found = decoder("binance", listings(["BTCUSDT"])), Counter[str]()
    for received, body in spot_stream():
        ask = "lastUpdateId" in body
        made = (
            decoder_.reply("depth", "BTCUSDT", text(body), received)
            if ask
            else decoder_.decode(text(body), received)
        )
        found.update(type(e).__name__ for e in made)
    assert found == {"Quote": 2200, "Trade": 518, "BookDelta": 282}


@pytest.mark.parametrize("venue", SAMPLE_SYMBOL)
def test_sample_messages_parse(venue: str) -> None:
    counted = 0
    for name, body in samples(venue):
        if "user_data_sbe" in name:
            continue  # describes a capture in another encoding; no message
        counted += 1
        decoder_ = decoder(venue, listings(SAMPLE_SYMBOLS))
        answer = name.startswith(ANSWERS.get(venue, ("http_",))) or "/http_json/" in name
        if not answer:
            assert decoder_.decode(body, LATER), name
            continue
        asked = next((kind for end, kind in REST.items() if name.endswith(end)), "account")
        if venue == "kraken" and name == "http_ticker.json":
            asked = "account"
        found = decoder_.reply(asked, SAMPLE_SYMBOL[venue], body, LATER)
        assert found, name
        assert not any(isinstance(e, VenueError) for e in found), name
        if asked != "account":
            assert not any(isinstance(e, Passed) for e in found), name
    assert counted == {"binance": 57, "bybit": 60, "okx": 59, "kraken": 64, "coinbase": 21}[venue]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_messages_of_other_venues_are_refused_in_one_line(protocol: str) -> None:
    bodies = [b for v in ("bitmex", "hyperliquid") for _, b in samples(v)]
    bodies += [text(x["body"]) for x in lines("cryptofeed_bitmex_ws_1") if x["dir"] == "in"]
    bodies += [text(x["body"]) for x in lines("alpaca_rest_messages")]
    decoder_, accepted = decoder(protocol, listings(SAMPLE_SYMBOLS)), []
    refusals = list[str]()
    for body in bodies:
        try:
            accepted += [(e, body[:80]) for e in decoder_.decode(body, LATER)]
        except MessageError as error:
            refusals.append(str(error))
    assert len(bodies) > 800
    assert not [text_ for text_ in refusals if "\n" in text_ or len(text_) > 400]
    # BitMEX and Bybit answer a subscription and greet in the same words.
    assert [
        e for e, _ in accepted if not isinstance(e, VenueError) and type(e).__name__ != "Subscribed"
    ] == []


def test_venue_without_a_feed_is_refused_in_one_line() -> None:
    with pytest.raises(ConfigError, match="no feed for venue 'bitmex'"):
        decoder("bitmex", listings([]))


def test_order_of_events_in_a_message_is_kept() -> None:
    trades = [
        {"instId": "BTC-USDT", "tradeId": str(i), "px": "1", "sz": "1", "side": "buy", "ts": "1"}
        for i in (3, 1, 2)
    ]
    body = json.dumps({"arg": {"channel": "trades", "instId": "BTC-USDT"}, "data": trades}).encode()
    found = decoder("okx", listings(["BTC-USDT"])).decode(body, 5)
    assert [e.id for e in found] == [3, 1, 2]  # type: ignore[union-attr]
