"""What a session is said to have done."""

from kedge.domain.instrument import Instrument
from kedge.domain.report import Filled
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.timings import Timings
from kedge.execution.seen import Seen, Sight

COIN = Instrument(id="X", symbol="XUSD")


def fill(trade: str) -> Filled:
    return Filled(
        key=0, order="k-1", at=1, received=2, venue_id="v", trade=trade, side=1, lots=3, ticks=100,
        fee=0, maker=False, base=100,
    )  # fmt: skip


def test_an_execution_that_was_booked_before_is_told_of_once_and_not_counted_again() -> None:
    seen = Seen()
    seen.note(fill("before the restart"))
    chronicle = Chronicle((COIN,), Timings(), lambda each: seen.look(each) is not Sight.NEW)
    chronicle.hear(fill("before the restart"))
    assert (chronicle.counts["fills"], list(chronicle.log)) == (0, [])
    chronicle.hear(fill("new"))
    seen.note(fill("new"))
    chronicle.hear(fill("new"))
    assert chronicle.counts["fills"] == len(chronicle.log) == 1
