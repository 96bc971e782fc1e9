"""A session over a half-day's close, a night and the next opening, at made-up hours in minutes."""

from collections.abc import Sequence

import numpy as np
import pytest

from kedge.bootstrap.ready import Ready
from kedge.data.calendars import Sessions
from kedge.data.hours import Hours, Phase
from kedge.domain.decided import OrderApproved, OrderRefused
from kedge.domain.record import Record, decode
from kedge.domain.report import Filled, Rejected
from kedge.domain.row import RowDecided, SessionOpened
from kedge.ledger.journal.folder import read_journal
from papers import RULES, SECOND, START, trade, write_configuration

OPENS = START + 120 * SECOND + np.arange(-12, 3) * 900 * SECOND
CLOSES = OPENS + np.where(np.arange(-12, 3) == 0, 240, 600) * SECOND
"""Ten minutes a session, four on the first one's half-day; fifteen from opening to opening."""
PRE_OPEN_S = 60
FIRST = 12
CLOSE, OPENING = int(CLOSES[FIRST]), int(OPENS[FIRST + 1])
SLICED = {"style": "twap", "span": "8s", "gap": "2s", "min_interval_s": 1, "give_up_s": 1}


class Seen:
    """What stood at each change of the exchange's hours."""

    def __init__(self) -> None:
        self.phases: list[tuple[Phase, int]] = []
        self.held: list[tuple[int, ...]] = []
        self.resting: list[list[bool]] = []

    def look(self, made: Ready, now: int) -> None:
        desk = made.shell.desk
        self.phases.append((made.hours.phase(now), now))
        self.held.append(tuple(desk.positions))
        self.resting.append([state.order.protective for state in desk.orders.values()])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, list[Record]]:
    folder, seen = tmp_path_factory.mktemp("hours"), Seen()
    known = Sessions(OPENS, OPENS, OPENS, CLOSES, "UTC")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kedge.data.hours.sessions", lambda calendar: known)
        made_up = Hours("made up", PRE_OPEN_S * SECOND)
        patch.setattr("kedge.bootstrap.paper.hours_of", lambda settings, instruments: made_up)
        (folder / "session").mkdir()
        configuration = write_configuration(folder / "c")
        rules = folder / "c" / "mine" / "rules.py"
        rules.write_text(
            RULES.replace("now < before", "now > before").replace("= 0.02", "= 3000.0")
        )
        execution = {"execution": SLICED}
        journal = trade(
            configuration, folder / "session", 120 + 900 + 120, execution, look=seen.look
        )
    return seen, [decode(payload) for _, payload in read_journal(journal).read()]


def within(records: Sequence[Record], kind: type, start: int, end: int) -> list:
    """Records of a kind from an instant up to another one."""
    stamps = ((getattr(each, "received", None) or getattr(each, "at", 0), each) for each in records)
    return [each for at, each in stamps if isinstance(each, kind) and start <= at < end]


def test_the_exchange_opens_and_closes_by_its_calendar(told: tuple[Seen, list[Record]]) -> None:
    seen, records = told
    assert seen.phases[1:] == [
        (Phase.PRE_OPEN, START + (120 - PRE_OPEN_S) * SECOND),
        (Phase.OPEN, START + 120 * SECOND),
        (Phase.CLOSED, CLOSE),
        (Phase.PRE_OPEN, OPENING - PRE_OPEN_S * SECOND),
        (Phase.OPEN, OPENING),
    ]
    assert [each.session for each in within(records, SessionOpened, START, 2 * START)] == [
        FIRST, FIRST + 1,
    ]  # fmt: skip


def test_it_trades_before_the_close_and_after_the_next_opening(
    told: tuple[Seen, list[Record]],
) -> None:
    _, records = told
    for start, end in ((OPENS[FIRST], CLOSE), (OPENING, OPENING + 120 * SECOND)):
        assert within(records, Filled, start, end)
        assert within(records, RowDecided, start, end)


def test_nothing_is_decided_or_ordered_while_it_is_closed(told: tuple[Seen, list[Record]]) -> None:
    _, records = told
    assert within(records, RowDecided, CLOSE, OPENING) == []
    ordered = within(records, (OrderApproved, OrderRefused), CLOSE + SECOND, OPENING)
    assert ordered == []
    assert within(records, Rejected, CLOSE, OPENING) == []
    assert within(records, Filled, CLOSE + SECOND, OPENING) == []


def test_a_position_and_its_stop_rest_over_the_night_and_nothing_else_does(
    told: tuple[Seen, list[Record]],
) -> None:
    seen, _ = told
    at_close, pre_open, opening = seen.resting[3:]
    assert at_close == pre_open == opening == [True]
    assert seen.held[3] == seen.held[4] == seen.held[5] != (0,)
