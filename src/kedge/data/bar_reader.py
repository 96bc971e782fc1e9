"""One instrument's rows of a table: text to times and numbers, errors by file and line."""

from pathlib import Path

import numpy as np
import polars as pl

from kedge.data.bar_times import open_instants
from kedge.data.calendars import ALWAYS_OPEN
from kedge.data.columns import clock_column
from kedge.data.intervals import DAY
from kedge.data.numbers import NotANumberError, to_floats
from kedge.data.tables import Table
from kedge.data.times import NotATimeError, parse_times
from kedge.domain.errors import DataError
from kedge.domain.panel import F64, I64

ROW = "__row"
"""Column with the index of each row in its table."""


class BarReader:
    """One instrument's rows.

    Args:
        path: the file, for errors.
        table: the whole file.
        frame: the instrument's rows of it, with their index in column `ROW`.
        columns: role to column name.
        comma: the file writes decimal commas.
    """

    def __init__(
        self, path: Path, table: Table, frame: pl.DataFrame, columns: dict[str, str], comma: bool
    ) -> None:
        self.path, self.table, self.frame = path, table, frame
        self.columns, self.comma = columns, comma
        self.row = frame[ROW].to_numpy().astype(np.int64)

    def place(self, row: int) -> str:
        """Where a row stands, in words an editor understands."""
        return self.table.place(self.path, int(self.row[row]))

    def floats(self, role: str) -> F64:
        """A number column, all NaN where the file has none."""
        if role not in self.columns:
            return np.full(self.frame.height, np.nan)
        name = self.columns[role]
        try:
            return to_floats(self.frame[name], self.comma)
        except NotANumberError as error:
            raise DataError(
                f"{error.text!r} in column {name} is no number to trade on",
                self.place(error.row),
                "correct or remove the row",
            ) from error

    def opens(self, interval: int, calendar: str, zone: str) -> tuple[I64, tuple[str, ...]]:
        """Open instants and notes."""
        name = self.columns["ts"]
        clock = clock_column(self.frame.columns, name) if interval != DAY else None
        column = self.frame[name]
        if clock is not None and column.dtype == pl.String:
            column = column + " " + self.frame[clock].cast(pl.String)
        try:
            return open_instants(parse_times(column), interval, calendar, zone)
        except NotATimeError as error:
            raise DataError(error.what, self.place(error.row), error.remedy) from error

    def available(self, ts: I64, zone: str) -> I64:
        """When each bar became available, 0 where the file does not say."""
        if "available_at" not in self.columns:
            return np.zeros(len(ts), dtype=np.int64)
        try:
            times = parse_times(self.frame[self.columns["available_at"]])
        except NotATimeError as error:
            raise DataError(error.what, self.place(error.row), error.remedy) from error
        return open_instants(times, 1, ALWAYS_OPEN, zone)[0]
