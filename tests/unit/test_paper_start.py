"""A first start that fails leaves nothing that the next one would trip over."""

from pathlib import Path

import pytest

from kedge.domain.errors import StrategyError
from kedge.venues.embedded.files import VENUE_FOLDER
from kedge.venues.embedded.venue import read_birth
from papers import trade, write_configuration


def test_a_start_that_failed_does_not_fix_what_the_venue_lists(tmp_path: Path) -> None:
    session, configuration = tmp_path / "session", write_configuration(tmp_path / "c")
    session.mkdir()
    with pytest.raises(StrategyError):
        trade(configuration, session, 1, {"strategies": ["no_such_strategy"]})
    other = {"universe": {"symbols": ["ETHUSDT"]}, "capital": 5_000}
    trade(configuration, session, 1, other)
    birth = read_birth(session / VENUE_FOLDER)
    assert [listing.symbol for listing in birth.setup.listings] == ["ETHUSDT"]
    assert birth.setup.cash == {"USDT": 5_000 * 10**8}
