"""What ``kedge data recording`` shows of a market that was recorded."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import polars as pl
from rich.console import Console
from rich.progress import Progress

from kedge.data.recorder.played import Played, played
from kedge.data.recorder.rows import Rule, rows_of
from kedge.domain.errors import ConfigError, RunError
from kedge.interfaces.cli.output import console, write_json, write_table
from kedge.interfaces.tui.words import instant

T = TypeVar("T")
WRITERS: Final[dict[str, Callable[[pl.DataFrame, Path], None]]] = {
    ".parquet": pl.DataFrame.write_parquet,
    ".csv": pl.DataFrame.write_csv,
}


def played_with_progress(folder: Path, quiet: bool) -> Played:
    """Play a recording behind a count of its bytes that shows on a terminal only."""
    return _with_progress(quiet, lambda step: played(folder, step))


def rows_with_progress(folder: Path, rule: Rule, quiet: bool) -> pl.DataFrame:
    """Make rows behind a count of the bytes that shows on a terminal only."""
    return _with_progress(quiet, lambda step: rows_of(folder, rule, step))


def write_rows(rows: pl.DataFrame, out: Path, as_json: bool) -> None:
    """Rows to a file, whole or not at all, and how many there are of each symbol.

    Raises:
        ConfigError: the file's name says no known form.
        RunError: it cannot be written.
    """
    write = WRITERS.get(out.suffix)
    if write is None:
        raise ConfigError(f"{out.suffix or out.name!r} is no known form", "--out", ".parquet, .csv")
    part = out.with_suffix(".part")
    try:
        write(rows, part)
        part.replace(out)
    except OSError as error:
        raise RunError(f"{out}: could not be written: {error.strerror}") from error
    counts = rows.group_by("symbol", maintain_order=True).len().rows()
    if as_json:
        write_json({"file": str(out), "rows": dict(counts)})
        return
    write_table(("symbol", "rows"), [(symbol, f"{count:,}") for symbol, count in counts])
    console().print(f"written to {out}")


def _with_progress(quiet: bool, work: Callable[[Callable[[int], None]], T]) -> T:
    screen, done = Console(stderr=True), 0
    with Progress(console=screen, transient=True, disable=quiet or not screen.is_terminal) as bar:
        task = bar.add_task("playing", total=None)

        def step(size: int) -> None:
            nonlocal done
            done += size
            bar.update(task, description=f"playing, {done / 1e6:,.0f} MB")

        return work(step)


def write_played(found: Played, as_json: bool) -> None:
    """What there was, symbol by symbol."""
    if as_json:
        write_json(msgspec.to_builtins(found))
        return
    write_table(
        ("symbol", "updates", "trades", "traded", "first", "last", "bid", "ask"),
        [
            (
                each.symbol, f"{each.updates:,}", f"{each.trades:,}", f"{each.traded:,}",
                *map(_price, (each.first, each.last, each.bid, each.ask)),
            )
            for each in found.symbols
        ],
    )  # fmt: skip
    span = f", {instant(found.begun)} to {instant(found.ended)} UTC" if found.messages else ""
    console().print(
        f"{found.venue}: {found.messages:,} messages in {found.segments} closed segments and an "
        f"open one{span}, over {found.connections} connections; {found.refused} could not be read, "
        f"books lost something {found.losses} times"
    )


def _price(price: Decimal | None) -> str:
    return "-" if price is None else f"{price:,}"
