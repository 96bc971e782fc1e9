import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kedge.domain.errors import JournalError, RunError
from kedge.ledger.journal import lock as lock_
from kedge.ledger.journal.folder import open_journal
from kedge.ledger.journal.lock import account_lease, journal_lease

HOLD = """
import sys, time
from pathlib import Path
from kedge.ledger.journal.folder import open_journal
open_journal(Path(sys.argv[1]), segment_bytes=4096)
print("held", flush=True)
time.sleep(30)
"""


def test_second_opener_of_a_journal_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    first = open_journal(tmp_path, segment_bytes=4096)
    with pytest.raises(JournalError, match=f"in use by process {os.getpid()}") as refused:
        open_journal(tmp_path, segment_bytes=4096)
    assert "\n" not in str(refused.value)
    first.close()
    open_journal(tmp_path, segment_bytes=4096).close()


def test_lease_ends_with_the_process_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(JournalError, match=f"process {process.pid}"):
            open_journal(tmp_path, segment_bytes=4096)
        process.kill()
        process.wait()
    open_journal(tmp_path, segment_bytes=4096).close()


def test_account_at_a_venue_has_one_session(tmp_path: Path) -> None:
    with account_lease(tmp_path, "main", "binance"):
        with pytest.raises(JournalError, match="account 'main' at 'binance' is in use"):
            account_lease(tmp_path, "main", "binance")
        account_lease(tmp_path, "main", "okx").release()
        account_lease(tmp_path, "other", "binance").release()
    account_lease(tmp_path, "main", "binance").release()


def test_names_that_read_alike_have_leases_of_their_own(tmp_path: Path) -> None:
    with account_lease(tmp_path, "a/b", "x"), account_lease(tmp_path, "a-b", "x"):
        assert len(list(tmp_path.iterdir())) == 2


def test_releasing_twice_releases_nobody_else(tmp_path: Path) -> None:
    lease = journal_lease(tmp_path)
    lease.release()
    other = journal_lease(tmp_path)
    lease.release()
    with pytest.raises(JournalError):
        journal_lease(tmp_path)
    other.release()


@pytest.mark.parametrize(("code", "stops"), [(errno.ENOSPC, False), (errno.EIO, True)])
def test_only_a_full_disk_lets_nobody_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, stops: bool
) -> None:
    def fails(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(lock_.os, "pwrite", fails)
    if stops:
        with pytest.raises((OSError, RunError), match="Input/output error"):
            journal_lease(tmp_path)
    else:
        journal_lease(tmp_path).release()
