"""What a person waits for: the commands themselves, as processes.

Cold is an empty folder for compiled code, warm the same folder once filled.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import yaml

from benchmarks.kedge_side import instruments, settings_of
from benchmarks.market import INTERVAL_NS, Market
from benchmarks.worlds import World
from kedge.data.store import ParquetStore
from kedge.ports.store import Bars

KEDGE = (
    sys.executable,
    "-c",
    "import sys; from kedge.interfaces.cli.main import main; sys.exit(main())",
)
SAMPLE = Path(__file__).parents[1] / "examples" / "sample.yaml"
AFTER_THE_FIRST_ROW = ("running", "robustness", "judging", "writing")
"""Stages of a backtest that begin once its first row has been decided."""


def start_up(runs: int) -> dict[str, float]:
    """Seconds of a first and of later ``kedge backtest`` of the sample, and of ``--help``."""
    with TemporaryDirectory() as folder:
        here = Path(folder)
        environment = {**os.environ, "KEDGE_CACHE_DIR": str(here / "cache")}
        _kedge(here, environment, "data", "sample", "--store", "store")
        (here / "kedge.yaml").write_text(sample_config())
        whole = ("backtest", "kedge.yaml", "--out", "out")
        cold, _ = _timed(here, environment, *whole)
        quick = [_to_first_row(here, environment, *whole, "--quick") for _ in range(runs)]
        again = [_timed(here, environment, *whole)[0] for _ in range(runs)]
        helped = [_timed(here, environment, "--help")[0] for _ in range(runs)]
        return {
            "cold_backtest": cold,
            "warm_backtest": median(again),
            "warm_quick": median(total for total, _ in quick),
            "first_row": median(first for _, first in quick),
            "help": median(helped),
        }


def sample_config() -> str:
    """``examples/sample.yaml`` for a store beside it: its universe, not all that is stored."""
    config = yaml.safe_load(SAMPLE.read_text())
    config["data"]["store"] = "store"
    written: str = yaml.safe_dump(config)
    return written


def _to_first_row(here: Path, environment: Mapping[str, str], *words: str) -> tuple[float, float]:
    """Seconds in all, and until the first row: what is left without the stages after it."""
    total, _ = _timed(here, environment, *words)
    spent = _phases(here / "out")
    return total, total - sum(spent.get(name, 0.0) for name in AFTER_THE_FIRST_ROW)


def backtest_phases(market: Market, world: World) -> dict[str, float]:
    """Seconds of each stage of ``kedge backtest`` on a world's bars, reading to report."""
    with TemporaryDirectory() as folder:
        here = Path(folder)
        _fill(ParquetStore(here / "store"), market, world)
        config = json.loads(settings_of(world, slack=False).canonical())
        config["data"] = {"store": "store"}
        config["strategies"] = [
            {**spec, "params": dict(spec["params"])} for spec in config["strategies"]
        ]
        (here / "kedge.yaml").write_text(yaml.safe_dump(config))
        _kedge(here, dict(os.environ), "backtest", "--quick", "--out", "out")
        _kedge(here, dict(os.environ), "backtest", "--out", "out")
        return _phases(here / "out")


def _fill(store: ParquetStore, market: Market, world: World) -> None:
    """Bars in the store as an import would leave them: instants are openings there."""
    opened, closed = market.ts - INTERVAL_NS, market.ts
    for n, instrument in enumerate(instruments(world, slack=False)):
        ticks = np.ascontiguousarray(market.ticks[:, :, n])
        bars = Bars(opened, closed, closed, ticks, np.ascontiguousarray(market.volume[:, n]))
        store.put_bars(instrument, "5m", bars)


def _phases(out: Path) -> dict[str, float]:
    result: dict[str, Any] = json.loads((out / "result.json").read_text())
    return dict(result["timing"]["phases"])


def _timed(here: Path, environment: Mapping[str, str], *words: str) -> tuple[float, str]:
    began = perf_counter()
    said = _kedge(here, environment, *words)
    return perf_counter() - began, said


def _kedge(here: Path, environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        [*KEDGE, *words],
        cwd=here,
        env=dict(environment),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"kedge {' '.join(words)}: {done.stderr.strip()[-1000:]}")
    return done.stdout
