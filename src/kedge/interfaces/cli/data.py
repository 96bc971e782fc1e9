"""``kedge data``: import, check and sample market data."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kedge.domain.errors import DataError

app = typer.Typer(
    help="Import, show, check and sample market data.", no_args_is_help=True, add_completion=False
)

StoreOption = Annotated[Path, typer.Option("--store", help="Folder of the market store.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for programs.")]


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="CSV (gzip too) or Parquet.")],
    interval: Annotated[str, typer.Option(help="Length of a bar: 1m, 5m, 1h, 1d.")] = "1d",
    symbol: Annotated[str, typer.Option(help="Else the symbol column or the file's name.")] = "",
    venue: Annotated[str, typer.Option(help="binance, xkrx, ...; none is a US stock.")] = "",
    store: StoreOption = Path("store"),
    tz: Annotated[str, typer.Option(help="Time zone of times that state none.")] = "",
    keep: Annotated[str, typer.Option(help="first or last of contradicting bars.")] = "",
    adjusted: Annotated[bool, typer.Option("--adjusted", help="Prices are adjusted.")] = False,
    average_volume: Annotated[
        float, typer.Option(help="Units a bar where the file has no volume.", min=0.0)
    ] = 1_000_000.0,
    actions: Annotated[
        bool, typer.Option("--actions", help="The file holds splits, dividends, deals, rates.")
    ] = False,
    universe: Annotated[str, typer.Option(help="The file holds this universe's members.")] = "",
    point_in_time: Annotated[
        bool, typer.Option("--point-in-time", help="Membership was recorded at the time.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put bars, dated events or a universe into the store, and report."""
    from kedge.data.dated_import import import_actions, import_universe
    from kedge.data.importers import ImportSpec
    from kedge.data.store import ParquetStore
    from kedge.interfaces.cli.data_output import import_with_progress, write_dated, write_imports
    from kedge.settings import find_file, load_settings

    if actions and universe:
        raise DataError("--actions and --universe exclude each other", "kedge data import")
    target = ParquetStore(store)
    if universe:
        write_dated(import_universe(target, path, universe, point_in_time), as_json)
    elif actions:
        write_dated(import_actions(target, path), as_json)
    else:
        spec = ImportSpec(
            interval=interval,
            symbol=symbol,
            venue=venue,
            zone=tz,
            keep=_keep(keep),
            adjusted=adjusted,
            average_volume=average_volume,
        )
        limits = load_settings(find_file(None)).quality
        write_imports(target, import_with_progress(target, path, spec, as_json), limits, as_json)


@app.command()
def check(
    symbols: Annotated[list[str] | None, typer.Argument(help="None: everything.")] = None,
    interval: Annotated[str, typer.Option(help="None: every interval there is.")] = "",
    store: StoreOption = Path("store"),
    as_of: Annotated[
        str, typer.Option(help="Time of the check, UTC: see only what was known, say what is late.")
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when there is an error.")] = (
        False
    ),
    as_json: JsonOption = False,
) -> None:
    """Look for gaps, duplicates, contradictions, stale runs, outliers, missed splits.

    What counts as suspicious is the section quality of the kedge.yaml here.
    """
    from kedge.data.quality.check import check_instrument
    from kedge.data.store import ParquetStore
    from kedge.interfaces.cli.data_output import errors_in, write_quality
    from kedge.settings import find_file, load_settings

    source = ParquetStore(store)
    instant, limits = _instant(as_of), load_settings(find_file(None)).quality
    names = symbols or [each.id for each in source.instruments()]
    if not names:
        raise _nothing(store)
    checked = [
        check_instrument(source, name, each, instant, limits)
        for name in names
        for each in ((interval,) if interval else source.intervals(name))
    ]
    write_quality(checked, as_json)
    if strict and errors_in(checked):
        raise typer.Exit(1)


@app.command()
def show(
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Symbols or ids; none: everything.")
    ] = None,
    store: StoreOption = Path("store"),
    as_of: Annotated[
        str, typer.Option(help="A time, UTC: symbols, bars and events as they were known then.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Say what the store holds; find an instrument by the symbol it had at a time."""
    from kedge.data.contents import describe, find
    from kedge.data.store import ParquetStore
    from kedge.interfaces.cli.data_output import write_contents

    source = ParquetStore(store)
    instant = _instant(as_of)
    if not source.instruments():
        raise _nothing(store)
    chosen = tuple(find(source, each, instant) for each in symbols or ())
    found = chosen or source.instruments()
    write_contents([describe(source, each, instant) for each in found], bool(symbols), as_json)


@app.command()
def sample(store: StoreOption = Path("store"), as_json: JsonOption = False) -> None:
    """Fill the store with real daily US stocks from installed packages, offline."""
    from kedge.data.store import ParquetStore
    from kedge.interfaces.cli.data_output import sample_with_progress, write_sample

    write_sample(sample_with_progress(ParquetStore(store), as_json), str(store), as_json)


@app.command()
def recording(
    folder: Annotated[Path, typer.Argument(help="Folder 'market' of a session that recorded.")],
    as_json: JsonOption = False,
) -> None:
    """Play a session's recorded market back through decoder and books, and say what is in it."""
    _check_zstandard("kedge data recording")
    from kedge.interfaces.cli.recording_output import played_with_progress, write_played

    write_played(played_with_progress(folder, as_json), as_json)


@app.command()
def rows(
    folder: Annotated[Path, typer.Argument(help="Folder 'market' of a session that recorded.")],
    out: Annotated[Path, typer.Option("--out", help="File to write: .parquet or .csv.")],
    by: Annotated[str, typer.Option(help="time, trades, volume, turnover or book.")] = "time",
    size: Annotated[
        str, typer.Option(help="1s, 1m, ...; else so many trades, units, worth, updates of a book.")
    ] = "1m",
    as_json: JsonOption = False,
) -> None:
    """Make rows of a session's recorded market: open, high, low, close, volume of each symbol."""
    _check_zstandard("kedge data rows")
    from kedge.data.recorder.rows import Rule
    from kedge.interfaces.cli.recording_output import rows_with_progress, write_rows

    write_rows(rows_with_progress(folder, Rule(by, size), as_json), out, as_json)


def _check_zstandard(command: str) -> None:
    from importlib.util import find_spec

    from kedge.domain.errors import ConfigError

    if find_spec("zstandard") is None:
        raise ConfigError("needs zstandard, not installed", command, "pip install -e '.[crypto]'")


def _instant(text: str) -> int | None:
    from kedge.data.times import one_instant

    return one_instant(text, "--as-of") if text else None


def _nothing(store: Path) -> DataError:
    return DataError("holds no instrument", str(store), "kedge data sample fills it")


def _keep(text: str) -> Literal["", "first", "last"]:
    match text:
        case "" | "first" | "last":
            return text
        case _:
            raise DataError(f"--keep {text!r}", "kedge data import", "write first or last")
