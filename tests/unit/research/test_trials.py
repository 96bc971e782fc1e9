import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kedge.data import lock
from kedge.data.lock import StoreLock
from kedge.domain.errors import DataError, RunError
from kedge.research.trials import LEDGER, RETURNS, TrialBatch, read_ledger, record_trials

DAY = 86_400 * 10**9


def batch(
    names: tuple[str, ...],
    instruments: tuple[str, ...] = ("AAA", "BBB"),
    first: int = 0,
    days: int = 30,
    seed: int = 0,
) -> TrialBatch:
    rng = np.random.default_rng(seed)
    instants = (first + np.arange(days)) * DAY
    return TrialBatch(instruments, instants, names, rng.normal(0, 0.01, (days, len(names))))


def test_a_ledger_that_does_not_exist_yet_is_empty(tmp_path: Path) -> None:
    ledger = read_ledger(tmp_path)
    assert ledger.trials == ()
    assert ledger.overlapping(["AAA"], 0, DAY) == ()


def test_every_distinct_configuration_counts_once(tmp_path: Path) -> None:
    assert record_trials(tmp_path, batch(("a", "b", "c"))) == 3
    assert record_trials(tmp_path, batch(("b",))) == 0
    assert record_trials(tmp_path, batch(("b", "d"))) == 1
    ledger = read_ledger(tmp_path)
    names = [trial.config_hash for trial in ledger.overlapping(["AAA"], 0, DAY)]
    assert sorted(names) == ["a", "b", "c", "d"]


def test_a_search_is_recorded_whole_whatever_of_it_was_tried_before(tmp_path: Path) -> None:
    record_trials(tmp_path, batch(("b",)))
    searched = batch(("a", "b", "c"), seed=1)
    assert record_trials(tmp_path, searched) == 2
    ledger = read_ledger(tmp_path)
    members = [trial for trial in ledger.trials if trial.series == ledger.trials[-1].series]
    assert [trial.config_hash for trial in members] == ["a", "b", "c"]
    assert ledger.series(members)[1].tolist() == searched.returns.tolist()


def test_an_identical_rerun_changes_neither_count_nor_hash(tmp_path: Path) -> None:
    record_trials(tmp_path, batch(("a", "b")))
    before = read_ledger(tmp_path).hash
    assert record_trials(tmp_path, batch(("a", "b"))) == 0
    assert read_ledger(tmp_path).hash == before


def test_the_hash_changes_with_every_trial(tmp_path: Path) -> None:
    hashes = {read_ledger(tmp_path).hash}
    for name in "abc":
        record_trials(tmp_path, batch((name,)))
        hashes.add(read_ledger(tmp_path).hash)
    assert len(hashes) == 4


def test_same_trials_give_the_same_ledger_bytes(tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        record_trials(folder, batch(("a", "b")))
    assert read_ledger(tmp_path / "one").hash == read_ledger(tmp_path / "two").hash


def test_related_trials_share_an_instrument_and_a_day(tmp_path: Path) -> None:
    record_trials(tmp_path, batch(("same",)))
    record_trials(tmp_path, batch(("shared",), instruments=("BBB", "ZZZ")))
    record_trials(tmp_path, batch(("foreign",), instruments=("ZZZ",)))
    record_trials(tmp_path, batch(("later",), first=30))
    record_trials(tmp_path, batch(("touching",), first=29))
    ledger = read_ledger(tmp_path)
    related = ledger.overlapping(["BBB", "AAA"], 0, 29 * DAY)
    assert {trial.config_hash for trial in related} == {"same", "shared", "touching"}


def test_running_again_tomorrow_is_not_another_trial(tmp_path: Path) -> None:
    for days in (30, 31, 32):
        record_trials(tmp_path, batch(("a",), days=days))
    (kept,) = read_ledger(tmp_path).overlapping(["AAA"], 0, 10 * DAY)
    assert kept.last_ns == 31 * DAY


def test_order_of_instruments_does_not_make_another_trial(tmp_path: Path) -> None:
    record_trials(tmp_path, batch(("a",), instruments=("AAA", "BBB")))
    assert record_trials(tmp_path, batch(("a",), instruments=("BBB", "AAA"))) == 0


def test_returns_come_back_aligned_by_day(tmp_path: Path) -> None:
    early, late = batch(("a", "b"), seed=1), batch(("c",), first=10, seed=2)
    record_trials(tmp_path, early)
    record_trials(tmp_path, late)
    ledger = read_ledger(tmp_path)
    days, series = ledger.series(ledger.trials)
    assert days.tolist() == [d * DAY for d in range(40)]
    assert series[:30, 0].tolist() == early.returns[:, 0].tolist()
    assert series[:30, 1].tolist() == early.returns[:, 1].tolist()
    assert series[10:, 2].tolist() == late.returns[:, 0].tolist()
    assert np.isnan(series[30:, 0]).all()
    assert np.isnan(series[:10, 2]).all()


def test_no_trials_have_no_series(tmp_path: Path) -> None:
    days, series = read_ledger(tmp_path).series(())
    assert (days.size, series.size) == (0, 0)


@pytest.mark.parametrize("at", [0, 10, 60, -3])
def test_a_flipped_byte_is_one_clear_error(tmp_path: Path, at: int) -> None:
    record_trials(tmp_path, batch(("a", "b")))
    path = tmp_path / LEDGER
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"ledger\.jsonl:[12].*damaged"):
        read_ledger(tmp_path)


@pytest.mark.parametrize("lost", [1, 5, 60])
def test_a_truncated_line_is_one_clear_error(tmp_path: Path, lost: int) -> None:
    record_trials(tmp_path, batch(("a", "b")))
    path = tmp_path / LEDGER
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.raises(DataError, match=r"ledger\.jsonl:2.*backup"):
        read_ledger(tmp_path)


def test_bytes_that_are_no_text_are_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_bytes(b"\xff\xfe{}\n")
    with pytest.raises(DataError, match="damaged"):
        read_ledger(tmp_path)


def test_a_ledger_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / LEDGER).mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        read_ledger(tmp_path)


def test_missing_and_damaged_returns_are_one_clear_error(tmp_path: Path) -> None:
    record_trials(tmp_path, batch(("a",)))
    ledger = read_ledger(tmp_path)
    (file,) = (tmp_path / RETURNS).iterdir()
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(DataError, match="missing or damaged"):
        ledger.series(ledger.trials)
    file.unlink()
    with pytest.raises(DataError, match="missing or damaged"):
        ledger.series(ledger.trials)


def test_a_full_disk_leaves_the_ledger_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_trials(tmp_path, batch(("a",)))
    before = (tmp_path / LEDGER).read_bytes()
    write = os.write

    def half(handle: int, content: bytes) -> int:
        return write(handle, content[: len(content) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(RunError, match="cannot be written"):
        record_trials(tmp_path, batch(("b",)))
    monkeypatch.undo()
    assert (tmp_path / LEDGER).read_bytes() == before
    assert record_trials(tmp_path, batch(("b",))) == 1


def test_a_disk_full_for_returns_leaves_no_partial_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RunError, match="No space left"):
        record_trials(tmp_path, batch(("a",)))
    monkeypatch.undo()
    assert list((tmp_path / RETURNS).iterdir()) == []
    assert read_ledger(tmp_path).trials == ()


def test_returns_are_durable_before_the_line_that_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RunError, match=r"parquet: could not be written: No space left"):
        record_trials(tmp_path, batch(("a",)))
    monkeypatch.undo()
    assert not (tmp_path / LEDGER).exists()
    assert list((tmp_path / RETURNS).iterdir()) == []


def test_a_damaged_ledger_is_not_appended_to(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_bytes(b"{}\n")
    with pytest.raises(DataError, match="damaged"):
        record_trials(tmp_path, batch(("a",)))
    assert (tmp_path / LEDGER).read_bytes() == b"{}\n"


def test_returns_that_do_not_fit_their_days_are_refused() -> None:
    with pytest.raises(DataError, match="do not fit"):
        TrialBatch(("A",), np.arange(3, dtype=np.int64), ("a",), np.zeros((2, 1)))


RECORD = """
import sys
from pathlib import Path

import numpy as np

from kedge.research.trials import TrialBatch, record_trials

days = np.arange(10, dtype=np.int64) * 86_400 * 10**9
print("ready", flush=True)
sys.stdin.readline()
for number in range(30):
    returns = np.full((10, 1), 0.01 * number)
    record_trials(Path(sys.argv[1]), TrialBatch(("A",), days, (f"t{number}",), returns))
"""


def test_two_processes_record_a_trial_once(tmp_path: Path) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", RECORD, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline()
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(60) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    names = sorted(trial.config_hash for trial in read_ledger(tmp_path).trials)
    assert names == sorted(f"t{number}" for number in range(30))


def test_a_ledger_that_another_process_holds_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.1)
    with (
        StoreLock(tmp_path).held(),  # another descriptor excludes as another process does
        pytest.raises(DataError, match=r"written by process \d+"),
    ):
        record_trials(tmp_path, batch(("a",)))
    assert record_trials(tmp_path, batch(("a",))) == 1
