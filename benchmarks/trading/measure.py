"""Every figure of a trading session, and NautilusTrader's side, in one run."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import feeds
from benchmarks.envs import HERE, python_of
from benchmarks.trading import durable, endurance, events, orders, stages


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        rows: of the sessions.
        runs: of each, where runs are compared.
        messages: of the recorded depth stream, repeated; 0 leaves feeds out.
        events: of the memory run.
        bars: of NautilusTrader's side; 0 leaves it out.
    """

    rows: int
    runs: int
    messages: int
    events: int
    bars: int


FULL = Size(rows=2_000, runs=5, messages=1_000_000, events=10_000_000, bars=40_000)
QUICK = Size(rows=200, runs=2, messages=20_000, events=100_000, bars=4_000)


def measure(size: Size, disk: Path | None = None) -> dict[str, Any]:
    """Raw figures by part.

    Args:
        size: how much.
        disk: folder on the disk whose syncs are measured, None for the temporary one.
    """
    found: dict[str, Any] = {
        "events": events.measure(size.rows, size.runs),
        "orders": orders.measure(size.rows),
        "stages": stages.measure(size.rows),
        "durable": durable.measure(size.rows, disk),
    }
    if size.messages:
        found["feeds"] = feeds.main(size.messages, size.runs)
    if size.events:
        found["memory"] = endurance.measure(size.events)
    if size.bars:
        found["nautilus"] = _nautilus(size.bars, size.runs)
    return found


def _nautilus(bars: int, runs: int) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with TemporaryDirectory() as folder:
        job = Path(folder) / "job.json"
        job.write_text(json.dumps({"bars": bars, "runs": runs, "out": folder}))
        command = [str(python_of("nautilus")), str(HERE / "peers" / "nautilus_trading.py")]
        done = subprocess.run(
            [*command, str(job)], check=False, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"nautilus: {done.stderr.strip()[-2000:]}")
        answer: dict[str, Any] = json.loads((Path(folder) / "answer.json").read_text())
        return answer
