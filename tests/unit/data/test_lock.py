"""Two processes and one store: the second waits, then says who writes; nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kedge.data import lock
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain.errors import RunError
from kedge.interfaces.cli.main import main

HOLD = """
import sys, time
from pathlib import Path
from kedge.data.store import ParquetStore

with ParquetStore(Path(sys.argv[1])).writing():
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""
ADD = """
import sys
from pathlib import Path
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument

store = ParquetStore(Path(sys.argv[1]))
store.instruments()  # what it remembers from here is old by the time it writes
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    store.put_instruments([default_instrument(f"{sys.argv[2]}{number}")])
"""


def start(code: str, *words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


@contextmanager
def holder(store: Path, seconds: float) -> Iterator[int]:
    """A process that writes the store for some seconds; gives its pid."""
    with start(HOLD, str(store), str(seconds)) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.fixture
def bars(tmp_path: Path) -> str:
    path = tmp_path / "AAA.csv"
    path.write_text("date,open,high,low,close,volume\n2024-01-02,10,11,9,10.5,100\n")
    return str(path)


def test_second_writer_names_the_first_in_one_line_and_exits_with_2(
    bars: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.2)
    store = tmp_path / "store"
    with holder(store, 60) as pid:
        assert main(["data", "import", bars, "--store", str(store)]) == 2
        said = capsys.readouterr().err
        assert said == (
            f"kedge: {store}: the store is being written by process {pid} "
            "(run again when it has ended)\n"
        )
        assert ParquetStore(store).instruments() == ()  # and a reader does not wait
    assert main(["data", "import", bars, "--store", str(store)]) == 0


def test_second_writer_waits_for_one_that_ends_in_time(bars: str, tmp_path: Path) -> None:
    with holder(tmp_path, 0.5):
        assert main(["data", "import", bars, "--store", str(tmp_path)]) == 0


def test_killed_writer_leaves_no_lock(
    bars: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.5)
    with holder(tmp_path, 60) as pid:
        os.kill(pid, signal.SIGKILL)
        assert main(["data", "import", bars, "--store", str(tmp_path)]) == 0
    assert (tmp_path / lock.FILE).read_text() == ""


def test_two_writers_lose_nothing_of_each_other(tmp_path: Path) -> None:
    both = [start(ADD, str(tmp_path), name) for name in ("A", "B")]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(ParquetStore(tmp_path).instruments()) == 40


def test_holder_may_write_and_an_error_gives_the_lock_back(tmp_path: Path) -> None:
    store, other = ParquetStore(tmp_path), ParquetStore(tmp_path)

    def fail() -> None:
        with store.writing():
            store.put_instruments([default_instrument("AAA")])
            raise RunError("no luck")

    with pytest.raises(RunError):
        fail()
    start_s = time.perf_counter()
    other.put_instruments([default_instrument("BBB")])
    assert time.perf_counter() - start_s < lock.PATIENCE_S
    assert len(ParquetStore(tmp_path).instruments()) == 2
