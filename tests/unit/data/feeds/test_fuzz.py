"""A seeded part of the campaign of `feed_fuzz`; the whole of it runs from the command line."""

from pathlib import Path

import pytest

from feed_fuzz import campaign, main
from recorded import STREAMS


@pytest.mark.parametrize("name", STREAMS)
def test_mutated_messages_never_crash_nor_earn_trust_they_do_not_deserve(name: str) -> None:
    campaign(1, 60, name)  # compiles
    tally = campaign(7, 600, name)
    assert tally.messages == 600
    assert tally.compared > 20
    assert tally.decoded >= 0.3 * tally.mutated > 0
    assert tally.slowest_ms < 2_000


def test_campaign_goes_on_from_where_it_stopped(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first = main(50, state, batch=20)
    again = main(first.mutated + 1, state, batch=20)
    assert again.mutated > first.mutated
    assert again.compared >= first.compared
