"""A journal that was written once keeps leading to the same decisions."""

from pathlib import Path

import pytest

from golden.make_session import FOLDER
from kedge.interfaces.cli.replay_output import replayed
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.verify import verify
from kedge.numeric_platform import differing_parts


def test_the_journal_is_whole_and_small() -> None:
    assert verify(SystemDisk(FOLDER, read_only=True)).whole
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 300_000


def test_its_decisions_are_derived_again() -> None:
    verdict = replayed(FOLDER, 1, Path(), True)
    assert verdict.first is None or not verdict.first.exact, verdict.first
    assert (verdict.starts, verdict.changes) == (2, 1)
    assert verdict.decisions > 100
    assert verdict.equal, verdict.first
    if not verdict.same_platform:
        parts = "; ".join(differing_parts(verdict.recorded[0], verdict.platform))
        pytest.skip(f"written elsewhere ({parts}): integers are the same, floats may differ")
