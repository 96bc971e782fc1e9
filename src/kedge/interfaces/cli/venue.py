"""``kedge venue``: a simulated exchange for any client of a real one."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Serve a simulated exchange to any client.", no_args_is_help=True, add_completion=False
)


@app.callback()
def group() -> None:
    """Simulated venues."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = 8765,
    host: Annotated[str, typer.Option(help="Address; the default lets nobody else in.")] = (
        "127.0.0.1"
    ),
    seed: Annotated[int, typer.Option(help="Of the market, the delays and the faults.")] = 0,
    speed: Annotated[float, typer.Option(min=0.01, max=1e4, help="Of the venue's clock.")] = 1.0,
    symbols: Annotated[str, typer.Option(help="In one quote currency.")] = "BTCUSDT,ETHUSDT",
    faults: Annotated[
        str, typer.Option(help="none, some, or such as answer-lost=0.05,outage=60.")
    ] = "none",
    latency_ms: Annotated[str, typer.Option(help="Each way, between two bounds.")] = "0-0",
    lockstep: Annotated[
        bool, typer.Option("--lockstep", help="The tape moves only when the client says so.")
    ] = False,
    state: Annotated[
        Path | None, typer.Option(help="Folder that keeps the venue over restarts.")
    ] = None,
    history: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=168.0,
            help="Hours of tape before the start, 1 unless a tape is given; "
            "60 days of bars come before it.",
        ),
    ] = None,
    cash: Annotated[int, typer.Option(min=0, max=10**9, help="Of the account.")] = 100_000,
    fees_in: Annotated[str, typer.Option(help="quote, bought, or a coin such as BNB.")] = "quote",
    tape: Annotated[
        list[str] | None,
        typer.Option(help="Recorded books and trades, or bars, to play back: [SYMBOL=]FILE."),
    ] = None,
) -> None:
    """Speak Binance's spot protocol, REST and WebSocket, over a simulated venue."""
    from kedge.interfaces.cli.venue_run import Wanted, run

    pace = 0.0 if lockstep else speed
    names = tuple(name.strip() for name in symbols.split(",") if name.strip())
    hours = history if history is not None else 0.0 if tape else 1.0
    run(
        Wanted(
            host, port, seed, pace, names, faults, latency_ms, state, hours, cash, fees_in,
            tuple(tape or ()),
        )
    )  # fmt: skip
