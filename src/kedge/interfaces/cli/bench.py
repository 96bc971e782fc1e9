"""``kedge bench``: this machine's throughput and latency, of the functions the commands call."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    target: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Write the figures there as JSON.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write JSON: to FILE, else to stdout and nothing else.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the random bars.")] = 7,
) -> None:
    """Measure this machine: backtests of random bars, and rows decided one at a time."""
    from kedge.interfaces.cli.bench_run import measure_all
    from kedge.interfaces.cli.bench_text import show, write
    from kedge.interfaces.cli.output import write_json

    found = measure_all(seed)
    if target is not None:
        write(target, found)
    if as_json and target is None:
        write_json(found)
    else:
        show(found)
