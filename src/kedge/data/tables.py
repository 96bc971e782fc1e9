"""Reading a file into a table of text or typed columns, whatever its shape."""

import gzip
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from kedge.data.columns import looks_like_header
from kedge.domain.errors import DataError
from kedge.domain.panel import I64

HEADER_SEARCH: Final = 6
SEPARATORS: Final = (",", ";", "\t", "|")
PLAIN: Final = ("ts", "open", "high", "low", "close", "volume")
KLINE: Final = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "trades",
    "taker_base",
    "taker_quote",
    "ignore",
)
NUMBER: Final = re.compile(r"\s*-?\d+([.,]\d+)?([eE][-+]?\d+)?\s*")
MARKUP: Final = re.compile(rb"\s*(<!doctype|<html|<\?xml|<head|<body|<!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows before anything has been interpreted.

    Attributes:
        frame: one column per file column; all text when it came from CSV.
        lines: line number of each row in the file; empty for Parquet.
        notes: what was found out about the file's shape.
    """

    frame: pl.DataFrame
    lines: I64
    notes: tuple[str, ...]

    def place(self, path: Path, row: int) -> str:
        """Where a row stands, in words an editor understands."""
        return f"{path}:{self.lines[row]}" if len(self.lines) else f"{path}: row {row + 1}"


def read_table(path: Path, is_header: Callable[[list[str]], bool] = looks_like_header) -> Table:
    """Read CSV (gzip too) or Parquet.

    Args:
        path: the file.
        is_header: whether the cells of a line are the column names looked for.

    Raises:
        DataError: for a missing, empty, truncated or header-only file, a web page,
            or text that is no table.
    """
    content = _content(path)
    if content[:4] == b"PAR1" or path.suffix.lower() in (".parquet", ".pq"):
        return _parquet(path, content)
    return _csv(path, content, is_header)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except IsADirectoryError as error:
        raise DataError("is a folder", str(path), "name one file") from error
    except FileNotFoundError as error:
        raise DataError("does not exist", str(path), "check the path") from error
    except (OSError, EOFError) as error:
        raise DataError(f"cannot be read: {error}", str(path), "copy the file again") from error
    if not content.strip():
        raise DataError("is empty", str(path), "export the data again")
    return content


def _parquet(path: Path, content: bytes) -> Table:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = "is truncated" if content[-4:] != b"PAR1" else "is no readable Parquet file"
        raise DataError(reason, str(path), "copy or download the file again") from error
    frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    if not frame.height:
        raise DataError("holds no row", str(path), "export the data again")
    return Table(frame, np.empty(0, dtype=np.int64), (f"Parquet, {frame.height:,} rows",))


def _csv(path: Path, content: bytes, is_header: Callable[[list[str]], bool]) -> Table:
    if MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")):
        raise DataError("is a web page, not a table", str(path), "download the file itself")
    text = _decode(path, content)
    if not text.strip():
        raise DataError("is empty", str(path), "export the data again")
    lines = text.splitlines()
    separator = _separator(lines)
    header, names, notes = _header(path, lines, separator, is_header)
    body = "\n".join(lines[header:])
    if not body.strip():
        raise DataError("has a header and no row", str(path), "export the data again")
    frame = _parse(path, body, separator, names)
    filled = frame.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    if not filled.any():
        raise DataError("has a header and no row", str(path), "export the data again")
    places = np.flatnonzero(filled.to_numpy()) + header + 1
    frame = frame.filter(filled)
    word = {"\t": "tab"}.get(separator, separator)
    return Table(frame, places, (f"CSV, separator '{word}', {frame.height:,} rows", *notes))


def _parse(path: Path, body: str, separator: str, names: list[str]) -> pl.DataFrame:
    try:
        frame = pl.read_csv(
            body.encode(),
            separator=separator,
            has_header=False,
            new_columns=names,
            infer_schema=False,
            truncate_ragged_lines=False,
        )
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"is no table of {len(names)} columns: {str(error).splitlines()[0]}",
            str(path),
            "every line needs the same number of columns",
        ) from error
    if frame.width != len(names):
        raise DataError(
            f"has {len(names)} names for {frame.width} columns",
            str(path),
            "mend the header",
        )
    return frame


def _decode(path: Path, content: bytes) -> str:
    for encoding in (
        "utf-8-sig",
        "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8",
    ):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise DataError("is neither text nor Parquet", str(path), "export it as CSV in UTF-8")


def _separator(lines: list[str]) -> str:
    """The separator that splits the first lines into most columns."""
    head = [line for line in lines[: 4 * HEADER_SEARCH] if line.strip()]
    counts = {each: sorted(line.count(each) for line in head) for each in SEPARATORS}
    # the median line decides, and a decimal comma inside ;-separated numbers does not
    ranked = [each for each in (";", "\t", "|", ",") if counts[each][len(head) // 2] > 0]
    return ranked[0] if ranked else ","


def _header(
    path: Path, lines: list[str], separator: str, is_header: Callable[[list[str]], bool]
) -> tuple[int, list[str], tuple[str, ...]]:
    """Index of the first data line, column names, and what was noticed."""
    for index, line in enumerate(lines[:HEADER_SEARCH]):
        cells = _cells(line, separator)
        if is_header(cells):
            skipped = (f"{index} line(s) above the header skipped",) if index else ()
            return index + 1, _unique(cells), skipped
    first = _cells(lines[0], separator)
    numbers = sum(bool(NUMBER.fullmatch(cell)) for cell in first)
    if numbers >= len(first) - 1 and len(first) in (len(PLAIN), len(KLINE)):
        names = PLAIN if len(first) == len(PLAIN) else KLINE
        return 0, list(names), (f"no header: columns taken as {', '.join(names[:6])}",)
    raise DataError(
        "no header with the columns that are needed",
        f"{path}:1",
        f"for bars name them ts, open, high, low, close, volume; the first line reads "
        f"{lines[0][:60]!r}",
    )


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in line.split(separator)]


def _unique(names: list[str]) -> list[str]:
    """Names made distinct: an unnamed or repeated column gets its position."""
    seen: set[str] = set()
    out = []
    for position, name in enumerate(names, 1):
        fresh = name if name and name not in seen else f"{name or 'column'}_{position}"
        seen.add(fresh)
        out.append(fresh)
    return out
