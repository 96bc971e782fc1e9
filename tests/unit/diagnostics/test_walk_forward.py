from dataclasses import replace as changed
from pathlib import Path

import numpy as np
import pytest

from kedge.bootstrap import decide_on
from kedge.domain.errors import InputError
from kedge.domain.panel import Panel
from kedge.research.account import cash_of, market_of
from kedge.research.grid import parse_grid
from kedge.research.trials import read_ledger, record_trials
from kedge.research.walk_forward import Schedule, WalkForward, fold_scores, walk_forward
from kedge.research.worlds import DAY_NS, WorldSpec, planted
from kedge.settings import Settings, replace

SETTINGS = replace(Settings(), {"strategies": ["ma_momentum"]})
GRID = parse_grid("ma_momentum", ["short=5,15", "long=30,60"])
SCHEDULE = Schedule(train_ns=540 * DAY_NS, test_ns=180 * DAY_NS, gap_ns=5 * DAY_NS, folds=4)


@pytest.fixture(scope="module")
def market() -> Panel:
    return planted(WorldSpec(instruments=3, years=3.5), 9, 0.2)


def walked(panel: Panel, ledger: Path) -> WalkForward:
    decision = decide_on(SETTINGS, panel)
    benchmark = market_of(panel, cash_of(decision, panel.rows))
    known = read_ledger(ledger)
    return walk_forward(SETTINGS, panel, decision, GRID, SCHEDULE, benchmark, known)


@pytest.fixture(scope="module")
def walk(market: Panel, tmp_path_factory: pytest.TempPathFactory) -> WalkForward:
    return walked(market, tmp_path_factory.mktemp("trials"))


def test_segments_follow_each_other_and_their_own_training(
    market: Panel, walk: WalkForward
) -> None:
    assert len(walk.segments) >= 4
    for segment in walk.segments:
        assert segment.train_from < segment.train_to
        assert segment.test_from - segment.train_to >= SCHEDULE.gap_ns
        assert segment.test_from <= segment.test_to
    starts, ends = [s.test_from for s in walk.segments], [s.test_to for s in walk.segments]
    between = np.searchsorted(market.ts, starts[1:]) - np.searchsorted(market.ts, ends[:-1])
    assert (between == 1).all()  # every session is met once, none is left out
    assert len(walk.days) == len(walk.returns) == len(np.unique(walk.days))


def test_no_choice_and_no_return_knows_a_later_price(
    market: Panel, walk: WalkForward, tmp_path: Path
) -> None:
    cut = int(np.searchsorted(market.ts, walk.segments[1].test_to)) + 1
    bars = market.bars.copy()
    bars[cut:] = bars[cut:][::-1] * 3
    other = walked(changed(market, bars=bars), tmp_path)
    known = int(np.searchsorted(walk.days, market.ts[cut - 1])) + 1
    assert [s.params for s in other.segments[:2]] == [s.params for s in walk.segments[:2]]
    assert np.array_equal(other.returns[:known], walk.returns[:known])
    assert not np.array_equal(other.returns[known:], walk.returns[known:])


def test_a_rerun_is_judged_as_the_first_run(
    market: Panel, walk: WalkForward, tmp_path: Path
) -> None:
    added = sum(record_trials(tmp_path, batch) for batch in walk.trials)
    assert added == 1 + 4 * len(walk.segments)
    again = walked(market, tmp_path)
    assert again.evidence == walk.evidence
    assert sum(record_trials(tmp_path, batch) for batch in again.trials) == 0


def test_a_fold_counts_as_much_as_any_other() -> None:
    steady = np.tile([0.01, 0.03], 20)  # daily Sharpe ratio 2 over its deviation
    burst = np.concatenate([np.zeros(30), np.tile([0.01, 0.03], 5)])
    scores = fold_scores(np.stack([steady, burst], axis=1), 4)
    each = 0.02 / np.std([0.01, 0.03] * 5, ddof=1)
    assert scores == pytest.approx([each, each / 4])


def test_a_history_too_short_for_its_windows_is_refused(market: Panel, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too few"):
        walked(market.window(0, 300), tmp_path)
