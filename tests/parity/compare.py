"""Says in words where a run of the step first leaves the oracle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kedge.domain.reason import Reason
from oracle.result import OracleResult

FILL_COLUMNS = ("row", "instrument", "lots", "ticks", "base", "fee", "notional", "reason", "profit")
"""Columns of a fill table, in order."""
_INSTRUMENT, _REASON = FILL_COLUMNS.index("instrument"), FILL_COLUMNS.index("reason")

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """The first place where two runs differ."""

    row: int
    text: str

    def __str__(self) -> str:
        return self.text


def compare(
    expected: OracleResult,
    lots: I64,
    cash: I64,
    equity: I64,
    reasons: I64,
    fills: I64,
) -> list[str]:
    """Every kind of difference, each at its first place; empty when all agree.

    Args:
        expected: what the oracle says.
        lots: (T, N) after the row.
        cash: (T, C) minor units after the row.
        equity: (T,) the row's mark in reporting minor units.
        reasons: (T, N) reason codes.
        fills: (F, 9) int64, columns as `FILL_COLUMNS`.
    """
    return [str(d) for d in differences(expected, lots, cash, equity, reasons, fills)]


def differences(
    expected: OracleResult, lots: I64, cash: I64, equity: I64, reasons: I64, fills: I64
) -> list[Difference]:
    """As `compare`, with rows, earliest first."""
    found = [
        _first(expected.lots, lots, "lots", "instrument"),
        _first(expected.cash, cash, "cash", "currency"),
        _first([[x] for x in expected.equity], np.asarray(equity).reshape(-1, 1), "equity", ""),
        _first_reason(expected, reasons),
        _first_fill(expected, fills),
    ]
    return sorted((d for d in found if d is not None), key=lambda d: d.row)


def unexplained(expected: OracleResult, found: Sequence[Difference]) -> list[str]:
    """Differences whose row no near miss of the oracle can explain.

    A run that left the oracle at a rounding boundary is exempt from there on,
    so the earliest difference decides.
    """
    if not found or expected.exempt_from(found[0].row):
        return []
    return [str(d) for d in found]


def _first(
    expected: Sequence[Sequence[int]], actual: npt.NDArray[np.generic], what: str, axis: str
) -> Difference | None:
    want, got = np.asarray(expected), np.asarray(actual)
    if want.shape != got.shape:
        return Difference(-1, f"{what}: shape {got.shape}, the oracle has {want.shape}")
    places = np.argwhere(want != got)
    if not len(places):
        return None
    row, column = int(places[0][0]), int(places[0][1])
    where = f" {axis} {column}" if axis else ""
    values = f"{got[row, column]}, the oracle has {want[row, column]}"
    return Difference(row, f"row {row}{where}: {what} {values}")


def _first_reason(expected: OracleResult, actual: I64) -> Difference | None:
    """Reasons, except where two limits tie to the last bit."""
    want, got = np.asarray(expected.reason), np.asarray(actual)
    if want.shape != got.shape:
        return Difference(-1, f"reasons: shape {got.shape}, the oracle has {want.shape}")
    for row, n in np.argwhere(want != got):
        if (int(row), int(n)) not in expected.soft:
            names = f"{name_of(got[row, n])}, the oracle has {name_of(want[row, n])}"
            return Difference(int(row), f"row {row} instrument {n}: reason {names}")
    return None


def name_of(code: int | np.integer) -> str:
    """A reason's name, or its number where there is none."""
    known = int(code) in Reason._value2member_map_
    return Reason(int(code)).name if known else f"code {int(code)}"


def _first_fill(expected: OracleResult, actual: I64) -> Difference | None:
    """Fills by row and instrument; within one instrument their order counts."""
    want = sorted(
        ([int(x) for x in fill] for fill in expected.fills), key=lambda f: f[: _INSTRUMENT + 1]
    )
    got = sorted(([int(x) for x in fill] for fill in actual), key=lambda f: f[: _INSTRUMENT + 1])
    for mine, other in zip(want, got, strict=False):
        for column, name in enumerate(FILL_COLUMNS):
            if mine[column] != other[column] and not _same_cause(column, mine, other):
                row = min(mine[0], other[0])
                place = f"fill in row {mine[0]} instrument {mine[_INSTRUMENT]}"
                values = f"{name} {other[column]}, the oracle has {mine[column]}"
                return Difference(row, f"{place}: {values}")
    if len(want) != len(got):
        longer, who = (want, "the oracle") if len(want) > len(got) else (got, "the step")
        extra = longer[min(len(want), len(got))]
        text = f"fill in row {extra[0]} instrument {extra[_INSTRUMENT]}: only {who} has it"
        return Difference(extra[0], text)
    return None


def _same_cause(column: int, mine: list[int], other: list[int]) -> bool:
    """An ordinary fill may carry any reason of its decision; a forced one only its own."""
    ordinary = max(mine[_REASON], other[_REASON]) < Reason.STOP
    return column == _REASON and ordinary
