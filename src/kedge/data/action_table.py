"""``actions.parquet``: splits, dividends, deals, funding and fx as a table."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from kedge.data.files import write_atomic
from kedge.domain.errors import DataError
from kedge.domain.panel import EventKind
from kedge.ports.store import Action

FILE: Final = "actions.parquet"
SYMBOL_CHANGE: Final = "symbol_change"
SCHEMA: Final = {
    "id": pl.String,
    "kind": pl.String,
    "ts": pl.Int64,
    "available_at": pl.Int64,
    "a": pl.Int64,
    "b": pl.Int64,
    "x": pl.Float64,
    "symbol": pl.String,
}


def key(action: Action) -> tuple[str, str, int]:
    """What makes two records the same event."""
    return action.id, kind_name(action), action.ts


def kind_name(action: Action) -> str:
    """The event's kind as it is written in files."""
    return SYMBOL_CHANGE if action.kind is None else action.kind.name.lower()


def read(path: Path) -> tuple[Action, ...]:
    """Every event of the store, by time, then id and kind; none without the file."""
    if not path.exists():
        return ()
    try:
        table = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError("cannot be read", str(path), "import the events again") from error
    return tuple(
        Action(
            id=row["id"],
            kind=None if row["kind"] == SYMBOL_CHANGE else EventKind[row["kind"].upper()],
            ts=row["ts"],
            available_at=row["available_at"],
            a=row["a"],
            b=row["b"],
            x=row["x"],
            symbol=row["symbol"],
        )
        for row in table.iter_rows(named=True)
    )


def write(path: Path, actions: Iterable[Action]) -> None:
    """Replace the table, sorted by time, then id and kind."""
    ordered = sorted(actions, key=lambda each: (each.ts, each.id, kind_name(each)))
    rows = [
        {**{name: getattr(each, name) for name in SCHEMA}, "kind": kind_name(each)}
        for each in ordered
    ]
    buffer = io.BytesIO()
    pl.DataFrame(rows, schema=SCHEMA).write_parquet(buffer, compression="zstd")
    write_atomic(path, buffer.getvalue())
