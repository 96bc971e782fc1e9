"""A session's place at an exchange: its market is kept where that is wished."""

import time

from kedge.data.recorder.played import played
from kedge.data.recorder.recording import Recording, names
from kedge.data.streams.budget import SECOND, Budget, Limit
from kedge.domain.report import Kept
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.ccxt.place import CcxtPlace
from kedge.venues.wire.server import Terms
from kedge.venues.wire.world import World
from wire_stage import NAME, RIGHTS, served, until


def test_segments_of_its_market_are_reported_by_name(tmp_path) -> None:
    world = World(symbols=("BTCUSDT",), start=time.time_ns() - 10 * SECOND, seed=4)
    told: list[Kept] = []
    with served(world.open(), Terms()) as server:
        access = Access(
            exchange=exchange_of("binance"), key=NAME, secret=RIGHTS.secret, url=server.url
        )
        coins = {key: spot.instrument for key, spot in server.floor.keyed.items()}
        place = CcxtPlace(
            access, coins, time.time_ns, lambda: 0.5, Budget(Limit(10**6, SECOND)),
            lambda about: Recording(tmp_path, about, frozenset(), 2_000),
        )  # fmt: skip

        def some() -> bool:
            place.market_events()
            told.extend(each for each in place.reports() if isinstance(each, Kept))
            return len(told) >= 3

        place.open()
        try:
            until(some, 20.0)
        finally:
            place.close()
    assert [each.segment for each in told] == names(tmp_path)[: len(told)]
    found = played(tmp_path, lambda _: None)
    assert found.refused == 0
    assert found.symbols[0].updates > 0
