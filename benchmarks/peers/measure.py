"""Timing and memory of one call, the same way on every side.

Each side runs in a process and an environment of its own; this file needs
nothing but the standard library and numpy, so all of them can import it.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

TRADE = ("column", "entry", "exit", "side", "quantity", "entry_price", "exit_price")
"""Columns of a trade table; rows are those whose bar filled, exit -1 while open."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Job:
    """What a side is asked to do.

    Attributes:
        task: ``parity`` (one run, its trades), ``time`` or ``memory``.
        bars: folder of open, high, low, close, volume (T, N) and ts (T,).
        out: folder for the answer.
        runs: timed calls after a warm-up.
        pairs: fast and slow windows; more than one pair is a sweep.
        first: first row that may decide.
        weight: size of a position as a share of equity.
        fee: fraction of notional.
        capital: equity at the start.
        interval_s: length of a row.
        world, limits: read by kedge's side only.
        seconds: longest that the timed calls may take in all; 0 for no bound.
    """

    task: str
    bars: str
    out: str
    runs: int
    pairs: tuple[tuple[int, int], ...]
    first: int
    weight: float
    fee: float
    capital: float
    interval_s: int
    world: str
    limits: str
    seconds: float = 0.0


def main(job_of: Callable[[Job, Arrays], Callable[[], Any]], answer: Callable[[Any], Any]) -> None:
    """Do the job named on the command line and write ``answer.json`` and ``trades.npy``.

    Args:
        job_of: prepares a job's arrays and returns the call to measure.
        answer: from what the call returned to (figures, trades).
    """
    imported = memory()[0]
    raw = json.loads(Path(sys.argv[1]).read_text())
    job = Job(**{**raw, "pairs": tuple(map(tuple, raw["pairs"]))})
    bars = load(Path(job.bars))
    out = Path(job.out)
    result: dict[str, Any] = {"rows": len(bars["ts"]), "columns": bars["close"].shape[1]}
    if job.task == "parity":
        figures, trades = answer(job_of(job, bars)())
        np.save(out / "trades.npy", np.asarray(trades, dtype=np.float64))
        result |= figures
    elif job.task == "memory":
        result |= _memory(job, bars, job_of) | {"imported": imported}
    else:
        call = job_of(job, bars)
        result["seconds"] = repeat(call, job.runs, job.seconds)
    (out / "answer.json").write_text(json.dumps(result))


def load(folder: Path) -> Arrays:
    """The arrays of a folder of bars."""
    return {path.stem: np.load(path) for path in sorted(folder.glob("*.npy"))}


def repeat(call: Callable[[], Any], runs: int, bound: float = 0.0) -> list[float]:
    """Seconds of each of ``runs`` calls after one to warm up.

    Args:
        call: what to time.
        runs: how often.
        bound: stop once so many seconds have gone by, but not before two runs.
    """
    call()
    seconds: list[float] = []
    for _ in range(runs):
        began = perf_counter()
        call()
        seconds.append(perf_counter() - began)
        if bound and len(seconds) >= 2 and sum(seconds) > bound:
            break
    return seconds


def memory() -> tuple[int, int]:
    """Resident memory now and at its peak, bytes."""
    fields = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        fields[name] = value
    now, peak = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


def _memory(job: Job, bars: Arrays, job_of: Callable[[Job, Arrays], Any]) -> dict[str, int]:
    """Peak of one call as a user's process sees it: what other runs compiled is read from disk."""
    call = job_of(job, bars)
    bars.clear()  # a side holds what it needs, in its own form
    Path("/proc/self/clear_refs").write_text("5")  # restart the peak
    before = memory()[0]
    kept = call()
    peak = memory()[1]
    del kept
    return {"before": before, "peak": peak}
