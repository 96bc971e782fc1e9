"""A row ends by the venue's clock, and never before ours is there."""

from kedge.domain.account import Key
from kedge.domain.market import Trade
from kedge.engine.trading.desk import Universe
from kedge.engine.trading.market import MarketSide, Watch, utc_days
from simulated import instrument

SECOND = 10**9
MINUTE = 60 * SECOND
START = 1_000 * MINUTE
GRACE = SECOND // 4


class Skew:
    """The venue's clock minus ours."""

    def __init__(self, seconds: float) -> None:
        self.ns = round(seconds * SECOND)

    def __call__(self) -> int:
        return self.ns


def watching(skew: Skew, start: int = START) -> MarketSide:
    universe = Universe((instrument("A"),), (Key("main", "v", "A"),), (0,), (0,), MINUTE, "00")
    watch = Watch(GRACE, 60 * SECOND, utc_days)
    return MarketSide(universe, watch, start, 0, skew=skew)


def trade(there: int, lots: int) -> Trade:
    """One by the venue's clock."""
    return Trade(0, there, there, 100, lots, 1)


def test_with_our_clock_ahead_the_last_trades_are_in_their_row() -> None:
    market = watching(Skew(-1.26))
    end = START + MINUTE
    assert market.due == end + GRACE + round(1.26 * SECOND)
    assert market.rows(end + GRACE + SECOND) == []
    market.take(trade(end - SECOND // 10, 7))  # it comes when our clock says more than the end
    (row,) = market.rows(market.due)
    assert (row.at, row.late) == (end, 0)
    assert row.row == 0


def test_with_our_clock_behind_no_row_is_of_a_time_that_has_not_come() -> None:
    market = watching(Skew(2.0), START - 10 * SECOND)
    end = START + MINUTE
    market.take(trade(end + SECOND, 7))  # it happened by a clock that is ahead
    assert market.rows(end + GRACE - 1) == []
    (row,) = market.rows(end + GRACE)
    assert row.at == end
    (row,) = market.rows(end + MINUTE + GRACE)
    assert row.late == 0


def test_a_row_of_which_the_venue_had_a_part_before_we_watched_is_no_whole_one() -> None:
    market = watching(Skew(2.0), START - SECOND)
    assert market.rows(START + MINUTE + GRACE) == []
    (row,) = market.rows(START + 2 * MINUTE + GRACE)
    assert (row.at, row.row) == (START + 2 * MINUTE, 0)


def test_a_skew_that_is_measured_anew_moves_the_open_row() -> None:
    skew = Skew(0.0)
    market = watching(skew)
    assert market.due == START + MINUTE + GRACE
    skew.ns = -3 * SECOND
    assert market.due == START + MINUTE + GRACE + 3 * SECOND
    assert market.rows(START + MINUTE + GRACE) == []
    assert len(market.rows(market.due)) == 1
