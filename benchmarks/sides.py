"""Asking a side: a process of its own, a job in, an answer out."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.envs import PEERS, ROOT, python_of
from benchmarks.peers.measure import Job

OWN = {
    "kedge": "benchmarks.kedge_side",
    "phases": "benchmarks.phases",
    "bare": "benchmarks.floor_side",
}


class SideError(RuntimeError):
    """A side failed; the message ends with what it said."""


@dataclass(frozen=True)
class Answer:
    """What a side said.

    Attributes:
        facts: its figures.
        trades: (K, 7) trades of a parity run, else empty.
    """

    facts: dict[str, Any]
    trades: np.ndarray

    @property
    def seconds(self) -> float:
        """Median of the timed calls."""
        return float(median(self.facts["seconds"]))


def ask(side: str, job: Job) -> Answer:
    """Run a side's process.

    Raises:
        SideError: it ended with an error.
    """
    with TemporaryDirectory() as folder:
        out = Path(folder)
        given = out / "job.json"
        given.write_text(json.dumps({**asdict(job), "out": str(out)}))
        done = subprocess.run(
            [*_command(side), str(given)], cwd=ROOT, env=_environment(side), check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SideError(f"{side} ({job.task}): {done.stderr.strip()[-2000:]}")
        facts = json.loads((out / "answer.json").read_text())
        table = out / "trades.npy"
        return Answer(facts, np.load(table) if table.exists() else np.empty((0, 7)))


def _command(side: str) -> list[str]:
    if side in PEERS:
        return [str(python_of(side)), "-m", f"benchmarks.peers.{side}_side"]
    return [sys.executable, "-m", OWN[side]]


def _environment(side: str) -> dict[str, str]:
    """The process's own; a peer gets nothing that leads into our environment."""
    ours = ("PYTHONPATH", "VIRTUAL_ENV") if side in PEERS else ()
    return {name: value for name, value in os.environ.items() if name not in ours}
