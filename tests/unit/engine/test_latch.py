import stat
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.domain.control import Asked, Verb
from kedge.domain.errors import RunError
from kedge.engine.latch import KEPT, PAGE, WHO, KillLatch, blank, latch_in_memory
from kedge.engine.latch_file import FILE, open_latch

KILL = Asked(1, Verb.KILL, "uid 1 pid 2")


def test_new_latch_is_open_and_its_file_is_whole_and_private(tmp_path: Path) -> None:
    assert not open_latch(tmp_path).closed
    found = (tmp_path / FILE).stat()
    assert (found.st_size, stat.S_IMODE(found.st_mode)) == (PAGE, 0o600)
    assert found.st_blocks * 512 >= PAGE  # allocated: closing needs no room on a full disk


def test_kill_survives_a_restart_with_who_and_when(tmp_path: Path) -> None:
    open_latch(tmp_path).close(KILL)
    again = open_latch(tmp_path)
    assert again.closed
    assert again.asks == (KILL,)


def test_kill_of_another_process_is_seen_at_the_next_look(tmp_path: Path) -> None:
    latch = open_latch(tmp_path)
    code = (
        "import sys; from pathlib import Path; from kedge.domain.control import Asked, Verb;"
        "from kedge.engine.latch_file import open_latch;"
        "open_latch(Path(sys.argv[1])).close(Asked(5, Verb.FLATTEN, 'other'))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert latch.closed
    assert latch.asks == (Asked(5, Verb.FLATTEN, "other"),)


def test_close_is_synced_before_it_returns_and_set_before_it_is_synced() -> None:
    seen: list[bool] = []
    latch = KillLatch(bytearray(blank()), lambda: seen.append(latch.closed))
    latch.close(KILL)
    assert seen == [True]


def test_latch_stays_closed_when_the_disk_fails() -> None:
    def broken() -> None:
        raise OSError(5, "Input/output error")

    latch = KillLatch(bytearray(blank()), broken)
    with pytest.raises(OSError, match="Input"):
        latch.close(KILL)
    assert latch.closed
    latch.offer()
    with pytest.raises(OSError, match="Input"):
        latch.release()
    assert latch.closed


def test_only_a_resumption_opens_it() -> None:
    latch = latch_in_memory()
    latch.close(KILL)
    assert not latch.release()
    latch.offer()
    assert latch.closed
    assert latch.release()
    assert latch.asks == ()


def test_kill_after_the_resumption_was_asked_for_keeps_it_closed() -> None:
    latch = latch_in_memory()
    latch.close(KILL)
    latch.offer()
    latch.close(Asked(2, Verb.KILL, "second"))
    assert not latch.release()
    assert latch.closed


def test_resumption_that_crashed_halfway_is_closed_at_the_next_start(tmp_path: Path) -> None:
    latch = open_latch(tmp_path)
    latch.close(KILL)
    latch.offer()
    assert open_latch(tmp_path).closed


@pytest.mark.parametrize("content", [b"", b"1", b"x" * PAGE, b"\0" * PAGE, b"0"[:0] + b" 0"])
def test_damaged_file_is_closed(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    latch = open_latch(tmp_path)
    assert latch.closed
    assert latch.asks == ()
    latch.close(KILL)
    assert open_latch(tmp_path).asks == (KILL,)


def test_short_file_that_says_open_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"0")
    assert not open_latch(tmp_path).closed
    assert (tmp_path / FILE).stat().st_size == PAGE


def test_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no kill latch: No such file"):
        open_latch(tmp_path / "x")


@given(st.lists(st.text(max_size=WHO + 9), min_size=1, max_size=12))
def test_first_request_and_the_last_ones_are_kept(names: list[str]) -> None:
    latch = latch_in_memory()
    for at, name in enumerate(names):
        latch.close(Asked(at, Verb.KILL, name))
    kept = [ask.at for ask in latch.asks]
    everything = list(range(len(names)))
    assert kept == (everything if len(names) <= KEPT else [0, *everything[1 - KEPT :]])


def test_many_threads_closing_at_once_leave_a_readable_page(tmp_path: Path) -> None:
    latch = open_latch(tmp_path)
    threads = [Thread(target=latch.close, args=(Asked(n, Verb.KILL, "t"),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(latch.asks) == 8


def test_stopped_process_that_holds_the_lock_does_not_stop_a_kill(tmp_path: Path) -> None:
    import fcntl

    latch = open_latch(tmp_path)
    with (tmp_path / FILE).open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        latch.close(KILL)
    assert latch.closed
