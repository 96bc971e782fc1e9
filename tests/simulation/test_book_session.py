"""A session whose strategy reads order books: it trades, and its replay derives it again.

Its rows hold what an independent computation makes of the raw events. Prints that cannot be
true change nothing but its log.
"""

from pathlib import Path

import numpy as np
import pytest

from kedge.bootstrap.ready import Ready
from kedge.domain import micro as m
from kedge.domain.control import Started
from kedge.domain.decided import ModeSet, OrderApproved
from kedge.domain.forecast import EDGE_BPS, FIELDS
from kedge.domain.market import MarketEvent, Trade
from kedge.domain.record import Record
from kedge.domain.report import Filled
from kedge.domain.row import RowClosed, RowDecided
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.timings import Timings
from kedge.interfaces.cli.main import main
from kedge.ledger.journal.folder import read_journal
from kedge.ledger.journal.upcast import records
from papers import SECOND, trade, write_configuration
from unit.data.micro_by_hand import events_of, rows_by_hand

BOOKS = {"strategies": ["book_pressure"], "session.warm_up": 80}
SECONDS = 300
ROW = 10 * SECOND


class Heard:
    """What a session's market brought, by process; a test may put prints of its own in between.

    Args:
        odd: (seconds since the start, ticks) of prints that nobody made.
    """

    def __init__(self, odd: tuple[tuple[float, int], ...] = ()) -> None:
        self.sessions: list[Ready] = []
        self.events: list[list[MarketEvent]] = []
        self._odd = odd

    def look(self, made: Ready, now: int) -> None:
        """Listen from the first call on; see `papers.trade`."""
        if made in self.sessions:
            return
        self.sessions.append(made)
        self.events.append([])
        odd, bring, kept = list(self._odd), made.place.market_events, self.events[-1]

        def market_events() -> list[MarketEvent]:
            found = bring()
            while odd and made.at + odd[0][0] * SECOND <= made.place.now:
                at, ticks = made.place.now, odd.pop(0)[1]
                found.append(Trade(0, at, at, 0, ticks, 1_000, -1))
            kept.extend(found)
            return found

        made.place.market_events = market_events


def held(journal: Path) -> list[Record]:
    return [record for _, record in records(read_journal(journal))]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Heard]:
    """A session that was started twice, and what it heard."""
    folder, heard = tmp_path_factory.mktemp("books"), Heard()
    configuration = write_configuration(folder / "configuration")
    for _ in range(2):
        journal = trade(configuration, folder / "session", SECONDS, BOOKS, look=heard.look)
    return journal, heard


def lives(found: list[Record]) -> list[list[Record]]:
    """Records before the first start, then those of each process."""
    cuts = [i for i, each in enumerate(found) if isinstance(each, Started)]
    return [found[a:b] for a, b in zip([0, *cuts], [*cuts, len(found)], strict=True)]


def test_it_trades(told: tuple[Path, Heard]) -> None:
    found = held(told[0])
    assert sum(isinstance(r, OrderApproved) for r in found) > 5
    assert sum(isinstance(r, Filled) for r in found) > 5


def test_its_replay_derives_every_forecast_again(told: tuple[Path, Heard], capsys) -> None:
    assert main(["replay", str(told[0])]) == 0
    assert "equal: " in capsys.readouterr().out


def test_rows_of_history_hold_nothing_and_are_not_decided_upon(told: tuple[Path, Heard]) -> None:
    history, *watched = lives(held(told[0]))
    assert {r.micro for r in history if isinstance(r, RowClosed)} == {b""}
    assert not any(np.isfinite(edges(r)).any() for r in history if isinstance(r, RowDecided))
    for life in watched:
        assert all(r.micro for r in life if isinstance(r, RowClosed))
        assert all(np.isfinite(edges(r)).all() for r in life if isinstance(r, RowDecided))


def edges(row: RowDecided) -> np.ndarray:
    return np.frombuffer(row.forecasts).reshape(-1, FIELDS)[:, EDGE_BPS]


def test_the_log_says_what_it_waits_for(told: tuple[Path, Heard]) -> None:
    first, second = (made.notes for made in told[1].sessions)
    waits = (
        "book_pressure reads trades and order books, of which history holds nothing: it is "
        "silent until 1 row has been watched"
    )
    assert first == (waits,)
    assert second == (f"{waits}; those before this start count",)


@pytest.mark.parametrize("life", [0, 1])
def test_rows_hold_what_a_plain_computation_makes_of_the_events(
    told: tuple[Path, Heard], life: int
) -> None:
    journal, heard = told
    rows = [r for r in lives(held(journal))[life + 1] if isinstance(r, RowClosed)]
    assert len(rows) > 25
    closes = [row.at for row in rows]
    opened = heard.sessions[life].at // ROW * ROW  # of a row that may not be whole
    ends = list(range(opened + ROW, closes[-1] + 1, ROW))
    expected = rows_by_hand(opened, events_of(heard.events[life]), ends)[-len(rows) :]
    assert ends[-len(rows) :] == closes
    for row, wanted in zip(rows, expected, strict=True):
        own = dict(zip(m.NAMES, np.frombuffer(row.micro), strict=True))
        for name in m.NAMES:
            np.testing.assert_allclose(own[name], wanted[name], 1e-9, 1e-9, err_msg=name)
    assert sum(row["impact_count"] > 3 for row in expected) > 20


def test_prints_that_cannot_be_true_halt_nothing_and_are_said(tmp_path: Path, capsys) -> None:
    configuration = write_configuration(tmp_path / "configuration")
    # The last print of a row is the one that closes it; another row has nothing but it.
    odd = ((58.0, 1), (95.0, 1), (97.0, 10**9), (140.0, 2))
    heard = Heard(odd)
    journal = trade(configuration, tmp_path / "session", 200, BOOKS, look=heard.look)
    found, made = held(journal), heard.sessions[0]
    assert not any(isinstance(r, ModeSet) for r in found)
    closes = [int(np.frombuffer(r.bars, np.int64)[3]) for r in found if isinstance(r, RowClosed)]
    assert min(closes) > 0.8 * max(closes)
    marks = [r.marks[0] for r in found if isinstance(r, RowDecided)]
    assert min(marks) > 0.98 * max(marks)
    chronicle = Chronicle(made.setup.universe.instruments, Timings(), lambda fill: False)
    for at, each in made.market.left_out:
        chronicle.leave_out(at, each)
    assert chronicle.counts["implausible prints"] == len(odd)
    lines = [line for line in chronicle.log if line.grave]
    assert len(lines) == 3
    assert lines[0].text.startswith("left out 1 print of BTCUSDT at 1: the book and recent rows")
    assert main(["replay", str(journal)]) == 0
    assert "equal: " in capsys.readouterr().out
