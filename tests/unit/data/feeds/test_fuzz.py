"""A seeded part of the campaign of `feed_fuzz`; the whole of it runs from the command line."""

import pytest

from feed_fuzz import Tally, campaign, main
from recorded import STREAMS


@pytest.mark.parametrize("name", STREAMS)
def test_mutated_messages_never_crash_nor_earn_trust_they_do_not_deserve(name: str) -> None:
    tally = campaign(7, 600, name)
    assert tally.messages == 600
    assert tally.decoded >= 0.3 * tally.messages
    assert tally.slowest_ms < 2_000


def test_trusted_books_were_compared_at_all() -> None:
    tally = Tally()
    for name in ("okx_ws_1", "kraken_ws_50", "bybit_ws_25"):
        tally = tally.plus(campaign(11, 300, name))
    assert tally.compared > 30


def test_campaign_goes_on_from_where_it_stopped(tmp_path) -> None:  # type: ignore[no-untyped-def]
    state = tmp_path / "state.json"
    first = main(100, state, batch=20)
    again = main(first.messages + 1, state, batch=20)
    assert again.messages == first.messages + 20 * len(STREAMS)
