"""The session of US stocks that ships: its warm-up teaches it when volume is traded."""

from pathlib import Path

import pytest

from kedge.data.sample import import_sample
from kedge.data.store import ParquetStore
from kedge.domain.decided import Intent
from kedge.domain.record import decode
from kedge.execution.slicing.plan import Weighted, plan_of
from kedge.interfaces.cli.replay_output import replayed
from kedge.ledger.journal.folder import read_journal
from papers import trade
from support import ROOT

EXAMPLE = ROOT / "examples" / "us-stocks-session.yaml"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five minutes before the opening and ten after it."""
    folder = tmp_path_factory.mktemp("stocks")
    store = folder / "store"
    store.mkdir()
    import_sample(ParquetStore(store))
    return trade(EXAMPLE, folder / "session", 900, {"data.store": str(store)})


def test_its_plans_follow_the_volume_of_the_session_before(journal: Path) -> None:
    records = [decode(payload) for _, payload in read_journal(journal).read()]
    plans = [plan_of(each.plan) for each in records if isinstance(each, Intent)]
    assert len(plans) >= 5
    uneven = 0
    for plan in plans:
        assert isinstance(plan, Weighted)
        assert plan.sessions == 1
        count = len(plan.times)
        uneven += plan.goals != tuple(plan.lots * (i + 1) // count for i in range(count))
    assert uneven > 0


def test_its_decisions_are_derived_again(journal: Path) -> None:
    verdict = replayed(journal, 1, Path(), True)
    assert verdict.equal, verdict.first
    assert verdict.rows > 780
