"""What ``kedge data recording`` shows of a market that was recorded."""

from decimal import Decimal
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from kedge.data.recorder.played import Played, played
from kedge.interfaces.cli.output import console, write_json, write_table
from kedge.interfaces.tui.words import instant


def played_with_progress(folder: Path, quiet: bool) -> Played:
    """Play a recording behind a count of its bytes that shows on a terminal only."""
    screen, done = Console(stderr=True), 0
    with Progress(console=screen, transient=True, disable=quiet or not screen.is_terminal) as bar:
        task = bar.add_task("playing", total=None)

        def step(size: int) -> None:
            nonlocal done
            done += size
            bar.update(task, description=f"playing, {done / 1e6:,.0f} MB")

        return played(folder, step)


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
        f"open one{span}; {found.refused} could not be read, books lost something "
        f"{found.losses} times"
    )


def _price(price: Decimal | None) -> str:
    return "-" if price is None else f"{price:,}"
