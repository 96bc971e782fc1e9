"""``kedge simulate``: whole sessions with faults; a seed makes each of them again."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many worlds.")] = 100,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="This one world only.")] = None,
    first: Annotated[int, typer.Option("--from", min=0, help="Seed of the first world.")] = 0,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="How many run side by side.")
    ] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for checkpoints, from which it resumes.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON and nothing else.")] = False,
) -> int:
    """Run sessions against a faulty venue, a faulty disk and crashes, and judge every one.

    Exit code 1 when a world failed; its seed makes it again.
    """
    from kedge.interfaces.cli.simulate_run import simulate

    wanted = range(first, first + seeds) if seed is None else range(seed, seed + 1)
    return simulate(wanted, processes, out, as_json)
