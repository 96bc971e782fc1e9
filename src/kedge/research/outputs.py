"""The files of a backtest's result, which appear together or not at all."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl

from kedge.research.decisions import decisions_table
from kedge.research.live_forecasts import forecasts_table
from kedge.research.run import Run
from kedge.research.tables import attribution_table, equity_table, fills_table, postings_table
from kedge.research.trade_table import trades_table
from kedge.research.whole_folder import check_folder, foreign, write_whole

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
    target = check_folder(folder, (*FILES, *ON_REQUEST))
    if target.exists() and any(target.iterdir()) and not _is_result(target / RESULT):
        raise foreign(min(path.name for path in target.iterdir()), folder)
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
    check_target(folder)
    write_whole(folder, _contents(tables, texts))


def _contents(tables: Tables, texts: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for field in fields(tables):
        frame: pl.DataFrame | None = getattr(tables, field.name)
        if frame is not None:
            yield f"{field.name}.parquet", _parquet(frame)
    for name, text in texts.items():
        yield name, text.encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()  # polars reports a full disk as a panic; a buffer is written by us
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()
