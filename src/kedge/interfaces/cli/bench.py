"""``kedge bench``: this machine's throughput and latency, of the functions the commands call."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    target: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file as JSON.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the random bars.")] = 7,
) -> None:
    """Measure this machine: backtests of random bars, and rows decided one at a time."""
    from kedge.interfaces.cli.bench_run import measure_all
    from kedge.interfaces.cli.bench_text import show, write

    found = measure_all(seed)
    if target is not None:
        write(target, found)
    show(found)
