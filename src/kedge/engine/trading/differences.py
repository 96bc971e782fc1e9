"""What differs between a record as it was written and as it was derived again, in words."""

import struct
from collections.abc import Iterator
from math import isfinite
from typing import Any

import msgspec
import numpy as np

from kedge.domain.decided import Intent
from kedge.domain.forecast import FIELDS
from kedge.domain.record import Decided
from kedge.domain.row import RowDecided
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.words import Words, word_names
from kedge.execution.slicing.plan import plan_of

FORECAST_FIELDS = ("edge", "standard error", "confidence", "stop", "target", "trail")


DIGITS = 16
"""Of the hash of the parameters' numbers."""


class Difference(msgspec.Struct, frozen=True):
    """One figure that is not the same.

    Attributes:
        record: number in the journal.
        what: which, and both values.
        exact: it is no float: there is no platform on which it may differ.
        size: of a float, relative to the larger of the two; inf where one is not finite.
    """

    record: int
    what: str
    exact: bool
    size: float = 0.0


def differences(
    number: int, recorded: Decided, derived: Decided, desk: Desk
) -> Iterator[Difference]:
    """Every figure that differs, in the order of the record's fields.

    Args:
        number: of the record.
        recorded, derived: both.
        desk: as it was before either of them.
    """
    if type(recorded) is not type(derived):
        what = f"{_named(recorded)} recorded, {_named(derived)} derived"
        yield Difference(number, what, True)
    elif isinstance(recorded, RowDecided) and isinstance(derived, RowDecided):
        yield from _rows(number, recorded, derived, desk)
    else:
        what = type(recorded).__name__
        if isinstance(recorded, Intent):
            what = f"intent {recorded.number}"
        for path, a, b in _fields("", recorded, derived):
            yield _difference(number, f"{what}, {path}" if path else what, a, b)


def _named(record: Decided) -> str:
    """A record with what is said of it."""
    fields = [
        f"{name} {value}"
        for name in ("number", "order", "why", "what", "row")
        if (value := getattr(record, name, None)) is not None
    ]
    said = ", ".join(f if len(f) < 60 else f"{f[:57]}..." for f in fields)
    return f"{type(record).__name__} ({said})" if said else type(record).__name__


def _difference(number: int, what: str, a: Any, b: Any) -> Difference:
    line = f"{what}: {a!r} recorded, {b!r} derived"
    if not (isinstance(a, float) and isinstance(b, float)):
        return Difference(number, line, True)
    return Difference(number, line, False, relative(a, b))


def relative(a: float, b: float) -> float:
    """|a - b| over the larger of both; 0 for equal values and two NaN, inf for one that is none."""
    if a == b or (a != a and b != b):
        return 0.0
    return abs(a - b) / max(abs(a), abs(b)) if isfinite(a) and isfinite(b) else float("inf")


def _fields(path: str, a: Any, b: Any) -> Iterator[tuple[str, Any, Any]]:
    """Fields of two values that differ, deepest first, with their paths."""
    if isinstance(a, msgspec.Struct) and type(a) is type(b):
        for name in a.__struct_fields__:
            mine, other = getattr(a, name), getattr(b, name)
            if name == "plan" and mine and other:
                mine, other = plan_of(mine), plan_of(other)
            yield from _fields(f"{path}.{name}" if path else name, mine, other)
    elif isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        for at, (mine, other) in enumerate(zip(a, b, strict=True)):
            yield from _fields(f"{path}[{at}]", mine, other)
    elif not _equal(a, b):
        yield path, a, b


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    return bool(a == b) and type(a) is type(b)


def _rows(
    number: int, recorded: RowDecided, derived: RowDecided, desk: Desk
) -> Iterator[Difference]:
    row = f"row {recorded.row}"
    if recorded.row != derived.row or recorded.at != derived.at:
        what = f"{(recorded.row, recorded.at)} recorded, {(derived.row, derived.at)} derived"
        yield Difference(number, f"{row}, number and time: {what}", True)
    names = strategy_names(desk, derived)
    yield from _forecasts(number, row, recorded, derived, names, desk)
    yield from _arrays(number, row, recorded, derived, desk)
    for name, a, b in zip(("equity", "cash", "gross"), recorded.marks, derived.marks, strict=True):
        if a != b:
            yield _difference(number, f"{row}, {name}", a, b)
    yield from _words(number, row, recorded, derived, desk)
    yield from _sources(number, row, recorded, derived, names)


def _sources(
    number: int, row: str, recorded: RowDecided, derived: RowDecided, names: list[str]
) -> Iterator[Difference]:
    """Strategies' sources, and the numbers of the parameters: floats among them."""
    if len(recorded.artifacts) != len(derived.artifacts):
        yield _difference(number, f"{row}, sources", recorded.artifacts, derived.artifacts)
        return
    pairs = list(zip(recorded.artifacts, derived.artifacts, strict=True))
    for s, (mine, other) in enumerate(pairs):
        if mine == other:
            continue
        what = f"source of {names[s]}" if s < len(names) else "source"
        if len(other) == DIGITS:
            what = "numbers that the parameters came to (rules of the step and of the gate)"
        line = f"{row}, {what}: {mine} recorded, {other} derived"
        yield Difference(number, line, len(other) != DIGITS)


def _arrays(
    number: int, row: str, recorded: RowDecided, derived: RowDecided, desk: Desk
) -> Iterator[Difference]:
    """Reasons and targets, instrument by instrument."""
    symbols = [i.symbol for i in desk.universe.instruments]
    for what, kind in (("reason", np.int8), ("target", np.int64)):
        mine, other = (np.frombuffer(getattr(r, f"{what}s"), kind) for r in (recorded, derived))
        if mine.shape != other.shape:
            yield _difference(number, f"{row}, number of {what}s", len(mine), len(other))
            continue
        for n in np.flatnonzero(mine != other):
            name = f"{row}, {what} of {symbols[n]}"
            yield _difference(number, name, int(mine[n]), int(other[n]))


def strategy_names(desk: Desk, derived: RowDecided) -> list[str]:
    """Names of the strategies, in the order of every array."""
    bound = [each.name for each in desk.book.decision.strategies]
    count = desk.book.decision.program.strategies
    return bound if len(bound) == count else [f"strategy {s}" for s in range(max(count, 1))]


def _forecasts(
    number: int, row: str, recorded: RowDecided, derived: RowDecided, names: list[str], desk: Desk
) -> Iterator[Difference]:
    if recorded.forecasts == derived.forecasts:
        return
    if len(recorded.forecasts) != len(derived.forecasts):
        sizes = len(recorded.forecasts), len(derived.forecasts)
        yield _difference(number, f"{row}, bytes of forecasts", *sizes)
        return
    symbols = [i.symbol for i in desk.universe.instruments]
    shape = (-1, len(symbols), FIELDS)
    a, b = (np.frombuffer(r.forecasts, np.float64).reshape(shape) for r in (recorded, derived))
    for s, n, f in np.argwhere(a.view(np.int64) != b.view(np.int64)):
        what = f"{row}, forecast of {names[s]} for {symbols[n]}, {FORECAST_FIELDS[f]}"
        yield _difference(number, what, float(a[s, n, f]), float(b[s, n, f]))


def _words(
    number: int, row: str, recorded: RowDecided, derived: RowDecided, desk: Desk
) -> Iterator[Difference]:
    """Words of the state; one that only one side changed is as it stood on the other."""
    if (recorded.places, recorded.words) == (derived.places, derived.words):
        return
    changed = [
        dict(
            zip(
                np.frombuffer(r.places, np.int32).tolist(),
                np.frombuffer(r.words, np.int64).tolist(),
                strict=True,
            )
        )
        for r in (recorded, derived)
    ]
    names: Words = word_names(desk)
    for place in sorted({*changed[0], *changed[1]}):
        if not 0 <= place < desk.book.words.size:
            yield Difference(number, f"{row}, state word {place}: there is none", True)
            continue
        before = int(desk.book.words[place])
        a, b = (side.get(place, before) for side in changed)
        if a != b:
            name = f"{row}, state of {names.name(place)}"
            yield _difference(number, name, names.value(place, a), names.value(place, b))
