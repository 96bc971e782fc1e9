"""Whatever the gate holds against an order is said in the units of what it measured."""

from decimal import Decimal
from typing import Any

import pytest

from kedge.domain.decided import OrderRefused, Refusal
from kedge.domain.instrument import Instrument
from kedge.domain.money import currency
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.refusal import refusal_words
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.timings import Timings
from kedge.research.session.page import render
from kedge.research.session.result import result_of
from kedge.research.session.story import Story
from kedge.research.session.tables import tables_of

COIN = Instrument(
    id="C", symbol="CUSD", base="C", tick=Decimal("0.01"), lot=Decimal("0.001"), settle="USD"
)
CENT = 10 ** (currency("USD").digits - 2)
S = 1_000_000_000
NAN = float("nan")


def refused(why: Refusal, limit: float, value: float, lots: int = 1_500) -> OrderRefused:
    order = Order("k-1", 0, 1, lots, OrderType.LIMIT, TimeInForce.GTC, limit=10_000)
    return OrderRefused(1, order, why, limit, value)


@pytest.mark.parametrize(
    ("why", "limit", "value", "words"),
    [
        (Refusal.MODE, 1, 2, "mode REDUCING; only ACTIVE may add risk"),
        (Refusal.MODE, 1, 1, "killed; only ACTIVE may add risk"),
        (Refusal.QUOTE_MISSING, 1, 0, "no quote to trust on one side or both"),
        (Refusal.QUOTE_MISSING, 0, -1, "no quote has been seen yet"),
        (Refusal.QUOTE_MISSING, 10_001, 10_000, "crossed quote, bid 100.01 above ask 100.00"),
        (Refusal.QUOTE_STALE, 5 * S, 7.25 * S, "quote 7.25 s old, at most 5 s"),
        (Refusal.SPREAD, 20, 21.5833, "spread 21.583 bp, at most 20 bp"),
        (Refusal.PRICE_BAND, 200, 310,
         "price 3.1 % from the other side of the quote, at most 2 %"),
        (Refusal.SLIPPAGE, 50, 60, "expected slippage 60 bp, at most 50 bp"),
        (Refusal.LOT, 7, 1_500, "quantity 1.5 C is no multiple of 0.007 C"),
        (Refusal.LOT, 1, 1_500, "quantity 1.5 C is more than the venue takes"),
        (Refusal.LOT, 1_500, 1_600, "shows 1.6 C of 1.5 C"),
        (Refusal.TICK, 5, 10_001, "price 100.01 is no multiple of 0.05"),
        (Refusal.TICK, 1, 0, "a price is missing"),
        (Refusal.TICK, 1, 10_000, "price 100.00, where its type has none"),
        (Refusal.TICK, 1, NAN, "price none is no multiple of 0.01"),
        (Refusal.NOTIONAL, 500 * CENT, 321 * CENT,
         "worth 3.21 USD, the venue takes 5.00 USD or more"),
        (Refusal.ORDER_NOTIONAL, 10**6 * CENT, 1.2e6 * CENT,
         "worth 12,000.00 USD, at most 10,000.00 USD an order"),
        (Refusal.POSITION, 10**6 * CENT, 1.2e6 * CENT,
         "position could reach 12,000.00 USD, at most 10,000.00 USD"),
        (Refusal.GROSS, 10**6 * CENT, 1.2e6 * CENT,
         "gross exposure could reach 12,000.00 USD, at most 10,000.00 USD"),
        (Refusal.CASH, 5 * CENT, 100 * CENT,
         "working buys and this one cost 1.00 USD, cash 0.05 USD"),
        (Refusal.SHORT, 0, -7, "position could reach -0.007 C; it may not be short"),
        (Refusal.INTERVAL, 30 * S, 0.5 * S,
         "0.5 s since the last order that added risk, at least 30 s"),
        (Refusal.OPEN_ORDERS, 10, 12, "orders at work 12, at most 10"),
        (Refusal.PARTICIPATION, 500, 501,
         "quantity 0.501 C, its share of the average volume is 0.5 C"),
        (Refusal.NOT_ABLE, 0, 4, "the venue takes no such stop-limit order"),
        (Refusal.INPUT, 0, NAN, "a figure that risk is measured with is missing or absurd: nan"),
        (Refusal.LINK, 1, 0, "no link to the venue"),
    ],
)  # fmt: skip
def test_limit_and_value_are_said_in_their_units(
    why: Refusal, limit: float, value: float, words: str
) -> None:
    assert refusal_words(refused(why, limit, value), COIN) == words


@pytest.mark.parametrize("why", Refusal)
@pytest.mark.parametrize(("limit", "value"), [(0.0, 0.0), (1.0, NAN), (0.0, -1.0), (3.0, 2.0)])
def test_every_check_has_words_whatever_its_numbers(
    why: Refusal, limit: float, value: float
) -> None:
    words = refusal_words(refused(why, limit, value), COIN)
    assert words
    assert "\n" not in words


def test_log_and_report_say_the_same() -> None:
    record = refused(Refusal.PRICE_BAND, 200.0, 310.0)
    words = refusal_words(record, COIN)
    chronicle = Chronicle((COIN,), Timings(), lambda each: False)
    chronicle.hear(record)
    [line] = chronicle.log
    assert line.text == f"the gate refused: buy 1.5 CUSD: {words}"
    story = Story((COIN,))
    story.hear(record)
    tables = tables_of(story, "USD", 100.0)
    row: dict[str, Any] = tables.refusals.to_dicts()[0]
    assert (row["why"], row["limit"], row["value"]) == ("price_band", 200.0, 310.0)
    result = result_of(story, tables, "", "USD", 100.0, ())
    assert result["refusals"] == [{"by": "gate", "why": "price_band", "count": 1}]
    assert words in render(result, tables)
