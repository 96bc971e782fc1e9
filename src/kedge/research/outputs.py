"""The folder of a result: written whole beside its final name, then renamed.

A reader sees the old result or the new one and never a half-written file. On a
full disk nothing changes but the exit code.
"""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl

from kedge.domain.errors import InputError, RunError
from kedge.research.decisions import decisions_table
from kedge.research.live_forecasts import forecasts_table
from kedge.research.run import Run
from kedge.research.tables import attribution_table, equity_table, fills_table, postings_table
from kedge.research.trade_table import trades_table

RESULT: Final = "result.json"
REPORT: Final = "report.html"
FILES: Final = (
    RESULT,
    REPORT,
    "equity.parquet",
    "fills.parquet",
    "attribution.parquet",
    "trades.parquet",
    "postings.parquet",
)
"""Everything a result consists of."""
ON_REQUEST: Final = ("decisions.parquet", "forecasts.parquet")
"""What a result may hold besides; with it, all that may be replaced."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The records of a run as they are written to Parquet; None is not written."""

    equity: pl.DataFrame
    fills: pl.DataFrame
    attribution: pl.DataFrame
    trades: pl.DataFrame
    postings: pl.DataFrame
    decisions: pl.DataFrame | None = None
    forecasts: pl.DataFrame | None = None


def tables_of(run: Run, decisions: bool = False) -> Tables:
    """Every table of a run.

    Args:
        run: whose records they hold.
        decisions: also the one of every cell and the one of living forecasts, for which
            the rows are decided once more.
    """
    return Tables(
        equity=equity_table(run),
        fills=fills_table(run),
        attribution=attribution_table(run),
        trades=trades_table(run),
        postings=postings_table(run),
        decisions=decisions_table(run) if decisions else None,
        forecasts=forecasts_table(run) if decisions else None,
    )


def check_target(folder: Path) -> Path:
    """The folder a result may be written to, with links resolved.

    Raises:
        InputError: it is a file, or holds something that is no result of kedge.
    """
    target = folder.expanduser().resolve()
    if target.exists() and not target.is_dir():
        raise InputError("is a file", str(folder), "name a folder for --out")
    try:
        held = sorted(path.name for path in target.iterdir()) if target.exists() else []
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(folder), "mend that") from error
    foreign = [name for name in held if name not in (*FILES, *ON_REQUEST)]
    if foreign or (held and not _is_result(target / RESULT)):
        found = foreign[0] if foreign else held[0]
        raise InputError(
            f"holds {found}, which is no result of kedge",
            str(folder),
            "name an empty or a new folder for --out",
        )
    return target


def _is_result(path: Path) -> bool:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "kedge" in content


def write_result(folder: Path, tables: Tables, texts: Mapping[str, str]) -> None:
    """Write every file of a result, then let it appear under its final name.

    Args:
        folder: replaced if it holds an older result.
        tables: the Parquet files.
        texts: content by file name, of the JSON and the HTML.

    Raises:
        InputError: the folder holds something else.
        RunError: it cannot be written; what was there before is still there.
    """
    target = check_target(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            _fill(part, tables, texts)
            _swap(part, target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "no space left on the disk" if full else str(error.strerror or error)
        raise RunError(f"{folder}: {why}; nothing was written") from error


def _fill(part: Path, tables: Tables, texts: Mapping[str, str]) -> None:
    part.chmod(0o755)  # a temporary folder is private, a result is not
    for field in fields(tables):
        frame: pl.DataFrame | None = getattr(tables, field.name)
        if frame is not None:
            _durably(part / f"{field.name}.parquet", _parquet(frame))
    for name, text in texts.items():
        _durably(part / name, text.encode())
    _sync(part)


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()  # polars reports a full disk as a panic; a buffer is written by us
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def _durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(part: Path, target: Path) -> None:
    """Put ``part`` in the place of ``target``, which comes back if that fails."""
    old = part.with_name(f"{part.name}.old")
    if not target.exists():
        part.rename(target)
    else:
        target.rename(old)
        try:
            part.rename(target)
        except OSError:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)  # the new result stands: what is left is litter
    _sync(target.parent)
