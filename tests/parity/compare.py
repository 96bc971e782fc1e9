"""Says in words where a run of the step first leaves the oracle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kedge.domain.reason import Reason
from oracle.result import OracleResult

FILL_COLUMNS = ("row", "instrument", "lots", "ticks", "base", "fee", "notional", "reason", "profit")
"""Columns of a fill table, in order."""
TRADE_COLUMNS = ("instrument", "opened", "closed", "side", "profit")
SHARE_COLUMNS = ("fill", "strategy", "quantity", "fee", "pnl")

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
    *,
    trades: I64 | None = None,
    attribution: I64 | None = None,
) -> list[str]:
    """Every kind of difference, each at its first place; empty when all agree.

    Args:
        expected: what the oracle says.
        lots: (T, N) after the row.
        cash: (T, C) minor units after the row.
        equity: (T,) the row's mark in reporting minor units.
        reasons: (T, N) reason codes.
        fills: (F, 9) int64, columns as `FILL_COLUMNS`.
        trades: closed trades, columns as `TRADE_COLUMNS`; not compared when not given.
        attribution: columns as `SHARE_COLUMNS`, the first an index into ``fills``;
            not compared when not given.
    """
    found = differences(expected, lots, cash, equity, reasons, fills)
    if trades is not None:
        found.append(first_trade(expected, trades))
    if attribution is not None:
        found.append(first_share(expected, fills, attribution))
    return [str(d) for d in in_order(found)]


def differences(
    expected: OracleResult, lots: I64, cash: I64, equity: I64, reasons: I64, fills: I64
) -> list[Difference | None]:
    """As `compare`, with rows; None where a kind agrees."""
    return [
        _first(expected.lots, lots, "lots", "instrument"),
        _first(expected.cash, cash, "cash", "currency"),
        _first([[x] for x in expected.equity], np.asarray(equity).reshape(-1, 1), "equity", ""),
        _first_reason(expected, reasons),
        _first_fill(expected, fills),
    ]


def in_order(found: Sequence[Difference | None]) -> list[Difference]:
    """What differs, earliest row first."""
    return sorted((d for d in found if d is not None), key=lambda d: d.row)


def unexplained(expected: OracleResult, found: Sequence[Difference | None]) -> list[str]:
    """Differences whose row no near miss of the oracle can explain.

    A run that left the oracle at a rounding boundary is exempt from there on,
    so the earliest difference decides.
    """
    ordered = in_order(found)
    if not ordered or expected.exempt_from(ordered[0].row):
        return []
    return [str(d) for d in ordered]


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


def first_target(expected: OracleResult, actual: I64) -> Difference | None:
    """Lots that the row's orders reach."""
    return _first(expected.target, actual, "target", "instrument")


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


def _by_place(table: Sequence[Sequence[int]] | I64) -> list[int]:
    """Fill numbers by row and instrument; within one instrument their order counts."""
    return sorted(range(len(table)), key=lambda i: (int(table[i][0]), int(table[i][1])))


def _first_fill(expected: OracleResult, actual: I64) -> Difference | None:
    want = [list(expected.fills[i]) for i in _by_place(expected.fills)]
    got = [[int(x) for x in actual[i]] for i in _by_place(actual)]
    for line in (*want, *got):
        if _tied(expected, line):
            line[FILL_COLUMNS.index("reason")] = Reason.NONE
    return _first_line("fill", FILL_COLUMNS, want, got, lambda line: line[0])


def _tied(expected: OracleResult, fill: Sequence[int]) -> bool:
    """Whether two limits tied in a row this fill may have been decided in."""
    ordinary = fill[FILL_COLUMNS.index("reason")] < Reason.STOP
    return ordinary and any(n == fill[1] and row < fill[0] for row, n in expected.soft)


def first_trade(expected: OracleResult, actual: I64) -> Difference | None:
    """Closed trades, in any order."""
    want = sorted([int(x) for x in trade] for trade in expected.trades)
    got = sorted([int(x) for x in trade] for trade in actual)
    closed = TRADE_COLUMNS.index("closed")
    return _first_line("trade", TRADE_COLUMNS, want, got, lambda line: line[closed])


def first_share(expected: OracleResult, fills: I64, actual: I64) -> Difference | None:
    """Attribution, its fills numbered by row and instrument on both sides."""

    def table(order: list[int], shares: Sequence[Sequence[int]] | I64) -> list[list[int]]:
        place = {fill: position for position, fill in enumerate(order)}
        lines = [[place[int(x[0])], *(int(y) for y in x[1:5])] for x in shares]
        return sorted(line for line in lines if any(line[2:]))

    order = _by_place(expected.fills)
    want = table(order, expected.attribution)
    got = table(_by_place(fills), actual)
    rows = [expected.fills[i].row for i in order]
    return _first_line("share", SHARE_COLUMNS, want, got, lambda line: rows[line[0]])


def _first_line(
    what: str,
    columns: Sequence[str],
    want: list[list[int]],
    got: list[list[int]],
    row_of: Callable[[list[int]], int],
) -> Difference | None:
    """The first line of two sorted tables that differs."""
    for mine, other in zip(want, got, strict=False):
        for column, name in enumerate(columns):
            if mine[column] != other[column]:
                key = ", ".join(f"{columns[i]} {mine[i]}" for i in range(2))
                values = f"{name} {other[column]}, the oracle has {mine[column]}"
                return Difference(min(row_of(mine), row_of(other)), f"{what} {key}: {values}")
    if len(want) == len(got):
        return None
    longer, who = (want, "the oracle") if len(want) > len(got) else (got, "the step")
    extra = longer[min(len(want), len(got))]
    key = ", ".join(f"{columns[i]} {extra[i]}" for i in range(2))
    return Difference(row_of(extra), f"{what} {key}: only {who} has it")
