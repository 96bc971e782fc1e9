"""``universes.parquet``: who belonged to which universe, and when."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from kedge.data.files import write_atomic
from kedge.domain.errors import DataError
from kedge.ports.store import Member, Universe

FILE: Final = "universes.parquet"
SCHEMA: Final = {
    "universe": pl.String,
    "id": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "point_in_time": pl.Boolean,
}


def read(path: Path) -> tuple[Universe, ...]:
    """Every universe, by name; none without the file."""
    if not path.exists():
        return ()
    try:
        table = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError("cannot be read", str(path), "import the universe again") from error
    return tuple(
        Universe(
            str(name),
            tuple(Member(*row) for row in part.select("id", "start", "end").iter_rows()),
            bool(part["point_in_time"].all()),
        )
        for (name,), part in table.sort("universe", "start", "id").group_by(
            "universe", maintain_order=True
        )
    )


def write(path: Path, universes: Iterable[Universe]) -> None:
    """Replace the table."""
    rows = [
        (each.name, stay.id, stay.start, stay.end, each.point_in_time)
        for each in universes
        for stay in each.members
    ]
    buffer = io.BytesIO()
    pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(buffer, compression="zstd")
    write_atomic(path, buffer.getvalue())
