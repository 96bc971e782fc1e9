"""The sample backtest, pinned: it changes only when somebody means it to.

A change here is a change of what kedge decides. If it is meant, run this file with
``RENEW_GOLDEN=1``, read the difference, and commit it with the reason.
"""

import hashlib
import json
import os
from pathlib import Path

import pytest

from kedge.bootstrap import decide_on, open_panel
from kedge.data.sample import import_sample
from kedge.data.store import ParquetStore
from kedge.research.account import daily_of
from kedge.research.run import Run, run
from kedge.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
PINNED = Path(__file__).with_name("sample_backtest.json")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    store = tmp_path_factory.mktemp("golden") / "store"
    import_sample(ParquetStore(store))
    config = ROOT / "examples" / "sample.yaml"
    settings = load_settings(config, {"data.store": store}, environment={})
    panel = open_panel(settings)
    return run(panel, decide_on(settings, panel))


def _summary(done: Run) -> dict[str, object]:
    daily = daily_of(done)
    return {
        "fills": len(done.fills),
        "trades": len(done.trades),
        "postings": len(done.postings),
        "final_equity": float(daily.equity[-1]),
        "lowest_equity": float(daily.equity.min()),
        "sha256_fills": hashlib.sha256(done.fills.tobytes()).hexdigest(),
        "sha256_rows": hashlib.sha256(done.rows.tobytes()).hexdigest(),
    }


def test_sample_backtest_is_the_pinned_one(done: Run) -> None:
    found = _summary(done)
    if os.environ.get("RENEW_GOLDEN") == "1":
        PINNED.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(PINNED.read_text())
