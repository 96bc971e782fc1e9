"""Text to numbers: decimal commas where unambiguous, blanks as missing, errors by line."""

from typing import Final

import numpy as np
import polars as pl

from kedge.domain.errors import DataError
from kedge.domain.panel import F64

MISSING: Final = ("", "nan", "null", "none", "na", "n/a", "#n/a", "-", "--", "nat", ".")
LARGEST: Final = 1e15
SUFFIXES: Final = {"K": 1e3, "M": 1e6, "B": 1e9}
GROUPED: Final = r"^-?\d{1,3}(,\d{3})+$"
COMMA: Final = r"^-?\d+,\d+$"
GROUPED_DOT: Final = r"^-?\d{1,3}(\.\d{3})+,\d+$"
GROUPED_BOTH: Final = r"^-?\d{1,3}(,\d{3})+\.\d+$"


class NotANumberError(Exception):
    """A cell that is no number; the caller knows file and line.

    Attributes:
        row: index of the first such cell.
        text: what it holds.
    """

    def __init__(self, row: int, text: str) -> None:
        self.row, self.text = row, text
        super().__init__(f"row {row}: {text!r}")


def decimal_comma(columns: list[pl.Series]) -> bool:
    """Whether the price columns together use a decimal comma.

    Raises:
        DataError: when every comma could as well group thousands.
    """
    texts = [_clean(each) for each in columns if each.dtype == pl.String]
    if not texts:
        return False
    cells = pl.concat([each.rename("cells") for each in texts])
    commas = cells.filter(cells.str.contains(",", literal=True).fill_null(False))
    if not len(commas):
        return False
    if commas.str.contains(GROUPED_DOT).any():
        return True
    dots = cells.str.contains(r"\.\d").fill_null(False).any()
    if dots or commas.str.contains(GROUPED_BOTH).any():
        return False
    if (commas.str.contains(COMMA) & ~commas.str.contains(GROUPED)).any():
        return True
    raise DataError(
        f"{commas[0]!r} may be a decimal comma or thousands",
        "price columns",
        "export with a decimal point",
    )


def to_floats(column: pl.Series, comma: bool) -> F64:
    """A column as float64, NaN where a cell is blank.

    Raises:
        NotANumberError: for the first cell that is neither blank nor a number
            within `LARGEST`.
    """
    if not (column.dtype.is_numeric() or column.dtype in (pl.String, pl.Null)):
        raise NotANumberError(0, f"{column[0]} of type {column.dtype}")
    if column.dtype == pl.String:
        given = _clean(column)
        point = _with_point(given, comma)
        scale = point.str.extract(r"\d([KMB])$").replace_strict(SUFFIXES, default=1.0)
        values = point.str.replace(r"[KMB]$", "").cast(pl.Float64, strict=False) * scale
    else:
        # the shortest text of a 32-bit float is what was written: 127.12, not 127.120002...
        given = column.cast(pl.String) if column.dtype == pl.Float32 else column
        values = given.cast(pl.Float64, strict=False)
    # polars orders NaN above every number; here NaN is a missing value
    unusable = values.is_not_nan() & (values.abs() > LARGEST)
    bad = (given.is_not_null() & values.is_null()) | unusable.fill_null(False)
    if bad.any():
        row = int(bad.arg_max() or 0)
        raise NotANumberError(row, str(column[row]))
    return np.asarray(values.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _clean(column: pl.Series) -> pl.Series:
    """Without blanks, currency signs and the words for a missing value."""
    text = column.str.strip_chars(" \t\u00a0$€£₩¥'\"").str.replace_all(r"[ \u00a0_]", "")
    gone = text.str.to_lowercase().is_in(list(MISSING))
    return text.set(gone.fill_null(True), None)


def _with_point(text: pl.Series, comma: bool) -> pl.Series:
    if comma:
        return text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    grouped = text.str.contains(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$").fill_null(False)
    return text.zip_with(~grouped, text.str.replace_all(",", "", literal=True))
