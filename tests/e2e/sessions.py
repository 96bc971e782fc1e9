"""``kedge run`` as a process: started, watched, killed, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kedge.domain.record import Record, decode
from kedge.ledger.journal.folder import read_journal
from kedge.venues.embedded.venue import open_venue
from kedge.venues.simulated.truth import Truth

ROOT = Path(__file__).resolve().parents[2]
CODE = "import sys; from kedge.interfaces.cli.main import main; sys.exit(main())"
PATIENCE_S = 240.0
"""Of the first start, which may have to compile everything on a busy machine."""


def command(*words: object) -> list[str]:
    """A command line of kedge, with this interpreter."""
    return [sys.executable, "-c", CODE, *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    """Of a process that sees these sources and no configuration of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEDGE_")}
    caches = {n: v for n, v in os.environ.items() if n == "KEDGE_CACHE_DIR"}
    return {**kept, **caches, "PYTHONPATH": str(ROOT / "src"), **more}


def kedge(*words: object, where: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """A command, run to its end."""
    return subprocess.run(
        command(*words), cwd=where, env=environment(**more), capture_output=True, text=True,
        timeout=PATIENCE_S, check=False,
    )  # fmt: skip


class Process:
    """A session that runs in a process of its own."""

    def __init__(self, folder: Path, where: Path, words: Sequence[object], **more: str) -> None:
        self.folder, self._where = folder, where
        self.log = where / f"{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command("run", *words, "--session", folder), cwd=where, env=environment(**more),
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def status(self) -> dict[str, Any]:
        """What ``kedge status --json`` says; empty while there is nothing."""
        done = kedge("status", "--session", self.folder, "--json", where=self._where)
        return json.loads(done.stdout)["status"] or {} if done.returncode == 0 else {}

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The status once something holds of it."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            status = self.status()
            if status and holds(status):
                return status
            time.sleep(0.1)
        raise AssertionError(f"it never came to that: {self.log.read_text()[-3000:]}")

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@contextmanager
def session(folder: Path, where: Path, *words: object, **more: str):
    """A running session, gone in the end."""
    process = Process(folder, where, words, **more)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait()


def records(folder: Path) -> list[Record]:
    """Everything durable in a session's journal."""
    return [decode(payload) for _, payload in read_journal(folder / "journal").read()]


def truth(folder: Path) -> Truth:
    """What is so at the embedded venue, at the last line of its log or later."""
    venue = open_venue(folder / "venue")
    found = venue.truth()
    venue.close()
    return found
