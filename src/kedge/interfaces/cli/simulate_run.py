"""The campaign behind ``kedge simulate``: progress, checkpoints, counters."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Final, TextIO

import msgspec
from rich.console import Console
from rich.progress import Progress

from kedge.domain.errors import DataError
from kedge.interfaces.cli.output import write_json, write_table
from kedge.testing.simulation.campaign import Outcome, Totals, run_world
from kedge.testing.simulation.corpus import line_of
from kedge.testing.simulation.scene import EVENTS, ORDERS

_FILE: Final = "outcomes.jsonl"
_KEPT: Final = 5
"""Lines for the corpus that are shown; ``--json`` has all."""


def simulate(seeds: range, processes: int, out: Path | None, as_json: bool) -> int:
    """Run every seed that has not been run, and show what they came to.

    Args:
        seeds: of the worlds.
        processes: how many run side by side.
        out: folder of the checkpoint, None for none.
        as_json: write JSON and nothing else.

    Returns:
        1 where a world failed.
    """
    known = _known(out)
    totals = Totals()
    for seed in seeds:
        if seed in known:
            totals.add(known[seed])
    missing = [seed for seed in seeds if seed not in known]
    run_world(0)  # compiles what is not compiled yet: not a world's time
    began = process_time()
    with _log(out) as log, _bar(as_json) as bar:
        task = bar.add_task("worlds", total=len(seeds), completed=totals.seeds)
        for outcome in _outcomes(missing, processes):
            totals.add(outcome)
            if log is not None:
                log.write(msgspec.json.encode(outcome).decode() + "\n")
                log.flush()
            bar.update(task, advance=1, description=f"worlds, {totals.failures} failures")
    spent = process_time() - began
    _show(totals, len(missing) / spent if processes == 1 and spent > 0 else None, as_json)
    return 1 if totals.failures else 0


def _outcomes(seeds: list[int], processes: int) -> Iterator[Outcome]:
    if processes == 1:
        yield from map(run_world, seeds)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(run_world, seeds, chunksize=8)


def _bar(as_json: bool) -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=as_json or not console.is_terminal)


@contextmanager
def _log(out: Path | None) -> Iterator[TextIO | None]:
    """The checkpoint, None where there is none."""
    if out is None:
        yield None
        return
    out.mkdir(parents=True, exist_ok=True)
    with (out / _FILE).open("a") as file:
        yield file


def _known(out: Path | None) -> dict[int, Outcome]:
    """Outcomes of an earlier run; a last line that was cut off is run again.

    Raises:
        DataError: a line that is none.
    """
    if out is None or not (out / _FILE).exists():
        return {}
    found: dict[int, Outcome] = {}
    lines = (out / _FILE).read_text().splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if not line.endswith("\n"):
            continue
        try:
            outcome = msgspec.json.decode(line, type=Outcome)
        except msgspec.DecodeError as error:
            where = f"{out / _FILE}, line {number}"
            raise DataError(f"is no outcome: {error}", where, "use another folder") from error
        found[outcome.seed] = outcome
    return found


def _show(totals: Totals, rate: float | None, as_json: bool) -> None:
    if as_json:
        write_json(
            {
                "seeds": totals.seeds,
                "failures": totals.failures,
                "failed": [
                    {"seed": seed, "why": why, "keep": line_of(seed, why)}
                    for seed, why in totals.failed
                ],
                "worlds_per_second": rate,
                "events": totals.events,
                "orders": totals.orders,
                "fills": totals.fills,
                "crashes": totals.crashes,
                "thin": len(totals.thin),
                "struck": {name: n / totals.seeds for name, n in sorted(totals.struck.items())},
            }
        )
        return
    console = Console()
    console.print(f"{totals.seeds:,} seeds, {totals.failures:,} failures")
    for seed, why in totals.failed:
        console.print(f"  kedge simulate --seed {seed}: {why}", markup=False)
    if totals.failed:
        console.print("To keep a world, add its line to tests/simulation/corpus.jsonl:")
    for seed, why in totals.failed[:_KEPT]:
        console.print(line_of(seed, why), markup=False, highlight=False, soft_wrap=True)
    each = totals.seeds
    write_table(
        ("a world", "mean"),
        [
            ("events", f"{totals.events / each:,.0f}"),
            ("orders", f"{totals.orders / each:,.0f}"),
            ("fills", f"{totals.fills / each:,.0f}"),
            ("crashes", f"{totals.crashes / each:,.2f}"),
        ],
    )
    if totals.thin:
        console.print(
            f"{len(totals.thin):,} worlds had fewer than {EVENTS:,} events, {ORDERS} orders or a "
            f"crash, the first with seed {totals.thin[0]}"
        )
    shares = sorted(totals.struck.items(), key=lambda item: -item[1])
    write_table(("struck", "worlds"), [(name, f"{n / each:.1%}") for name, n in shares])
    if rate is not None:
        console.print(f"{rate:,.1f} worlds a second of processor time")
