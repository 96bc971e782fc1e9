"""Corporate actions, funding, fx rates and universe membership from files."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from kedge.data.action_table import SYMBOL_CHANGE
from kedge.data.columns import normalise
from kedge.data.store import ParquetStore
from kedge.data.tables import Table, read_table
from kedge.data.times import NotATimeError, Times, localise, parse_times
from kedge.domain.errors import DataError
from kedge.domain.panel import EventKind
from kedge.ports.store import Action, Member, Universe

KINDS: Final[dict[str, EventKind | None]] = {
    **{kind.name.lower(): kind for kind in EventKind},
    "merger": EventKind.DEAL,
    "delisting": EventKind.DEAL,
    "fundingrate": EventKind.FUNDING,
    "symbolchange": None,
    "rename": None,
}
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "symbol": ("symbol", "ticker", "id", "currency"),
    "kind": ("kind", "type", "action", "event"),
    "ts": ("ts", "date", "exdate", "effective", "effectivedate", "time", "timestamp"),
    "available_at": ("availableat", "announced", "knownat"),
    "value": ("value", "x", "amount", "dividend", "rate", "ratio", "price", "fundingrate"),
    "new_symbol": ("newsymbol", "renamedto", "to"),
}
LARGEST: Final = 10**9
STAY: Final[dict[str, tuple[str, ...]]] = {
    "symbol": ("symbol", "ticker", "id"),
    "start": ("from", "start", "added", "since", "entry"),
    "end": ("to", "end", "until", "removed", "exit"),
}


class DatedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import of events or of a universe stored.

    Attributes:
        source: the file.
        rows: rows read.
        added: events that were not stored before, or members.
        counts: rows by kind of event, or stays by symbol.
    """

    source: str
    rows: int
    added: int
    counts: dict[str, int]


def import_actions(store: ParquetStore, path: Path) -> DatedReport:
    """Read ``symbol, kind, date, value`` rows (and ``new_symbol``, ``available_at``).

    The value of a split is its ratio (``2``, ``3:2`` or ``1/10``, new for old), of a
    dividend the amount per unit, of a deal the cash price per unit, of funding and
    fx the rate.

    Raises:
        DataError: naming file and line of the first row that is wrong.
    """
    table = read_table(path, _names_a_symbol)
    columns = _columns(table, FIELDS, ("symbol", "kind", "ts"), path)
    ts = _instants(table, columns["ts"], path)
    known = _instants(table, columns.get("available_at", columns["ts"]), path)
    actions = [
        _action(row, columns, ts[at], known[at], table.place(path, at))
        for at, row in enumerate(table.frame.iter_rows(named=True))
    ]
    names = [each.kind.name.lower() if each.kind else SYMBOL_CHANGE for each in actions]
    with store.writing():
        added = store.put_actions([_with_entity(store, each) for each in actions])
    counts = {name: names.count(name) for name in sorted(set(names))}
    return DatedReport(source=str(path), rows=len(actions), added=added, counts=counts)


def import_universe(store: ParquetStore, path: Path, name: str, point_in_time: bool) -> DatedReport:
    """Read ``symbol, from, to`` rows as a universe; an empty ``to`` is still a member.

    Args:
        store: receives the universe.
        path: CSV or Parquet.
        name: the universe's name.
        point_in_time: the membership was recorded at the time, not chosen later.

    Raises:
        DataError: naming file and line of the first row that is wrong.
    """
    table = read_table(path, _names_a_symbol)
    columns = _columns(table, STAY, ("symbol", "start"), path)
    starts = _instants(table, columns["start"], path)
    ends = _optional_instants(table, columns.get("end"), path)
    stays = []
    for at, symbol in enumerate(table.frame[columns["symbol"]].to_list()):
        end = ends[at]
        if end is not None and end <= starts[at]:
            raise DataError("leaves before it joins", table.place(path, at), "swap from and to")
        stays.append(Member(_entity(store, str(symbol), starts[at]), starts[at], end))
    ordered = tuple(sorted(stays, key=lambda each: (each.start, each.id)))
    store.put_universe(Universe(name, ordered, point_in_time))
    ids = [each.id for each in ordered]
    counts = {each: ids.count(each) for each in sorted(set(ids))}
    return DatedReport(source=str(path), rows=len(ids), added=len(counts), counts=counts)


def _names_a_symbol(cells: list[str]) -> bool:
    return any(normalise(cell) in FIELDS["symbol"] for cell in cells)


def _columns(
    table: Table, fields: dict[str, tuple[str, ...]], needed: tuple[str, ...], path: Path
) -> dict[str, str]:
    plain = {normalise(name): name for name in reversed(table.frame.columns)}
    found = {
        role: next(plain[name] for name in names if name in plain)
        for role, names in fields.items()
        if any(name in plain for name in names)
    }
    for role in needed:
        if role not in found:
            have = ", ".join(table.frame.columns[:12])
            raise DataError(
                f"no {fields[role][0]} column", str(path), f"add one; the columns are {have}"
            )
    return found


def _instants(table: Table, column: str, path: Path) -> list[int]:
    try:
        return _utc(parse_times(table.frame[column]))
    except NotATimeError as error:
        raise DataError(error.what, table.place(path, error.row), error.remedy) from error


def _utc(times: Times) -> list[int]:
    instants = localise(times, "UTC") if times.naive else times.ns
    return [int(each) for each in instants]


def _optional_instants(table: Table, column: str | None, path: Path) -> list[int | None]:
    out: list[int | None] = [None] * table.frame.height
    if column is None:
        return out
    values = table.frame[column]
    blank = values.is_null() | (values.cast(pl.String).str.strip_chars() == "")
    rows = (~blank.fill_null(True)).arg_true()
    if not len(rows):
        return out
    try:
        found = _utc(parse_times(values.gather(rows)))
    except NotATimeError as error:
        place = table.place(path, int(rows[error.row]))
        raise DataError(error.what, place, error.remedy) from error
    for at, instant in zip(rows.to_list(), found, strict=True):
        out[at] = instant
    return out


def _action(
    row: dict[str, Any], columns: dict[str, str], ts: int, known: int, where: str
) -> Action:
    word = str(row[columns["kind"]])
    if normalise(word) not in KINDS:
        raise DataError(f"unknown kind {word!r}", where, f"write one of {', '.join(KINDS)}")
    kind = KINDS[normalise(word)]
    symbol = str(row[columns["symbol"]]).strip()
    if kind is None:
        new = str(row.get(columns.get("new_symbol", ""), "") or "").strip()
        if not new:
            raise DataError("a symbol change needs new_symbol", where, "add the column")
        return Action(id=symbol, kind=None, ts=ts, available_at=known, symbol=new)
    text = str(row.get(columns.get("value", ""), "") or "").strip()
    value = _ratio(text, where)
    if kind is EventKind.SPLIT:
        terms = value.limit_denominator(10_000)
        return Action(
            id=symbol,
            kind=kind,
            ts=ts,
            available_at=known,
            a=_positive(terms, where).numerator,
            b=terms.denominator,
        )
    if kind is not EventKind.FUNDING and not (kind is EventKind.DEAL and value == 0):
        _positive(value, where)
    return Action(id=symbol, kind=kind, ts=ts, available_at=known, x=float(value))


def _ratio(text: str, where: str) -> Fraction:
    new, _, old = text.replace(":", "/").partition("/")
    try:
        value = Fraction(new.strip()) / Fraction(old.strip() or "1")
    except (ValueError, ZeroDivisionError) as error:
        raise DataError(f"{text!r} is no value", where, "write 2, 3:2 or 0.25") from error
    if abs(value) > LARGEST:
        raise DataError(f"{text!r} is too large", where, "correct the row")
    return value


def _positive(value: Fraction, where: str) -> Fraction:
    if value <= 0:
        raise DataError(f"{float(value):g} must be above zero", where, "correct the row")
    return value


def _with_entity(store: ParquetStore, action: Action) -> Action:
    """The action under its instrument's id; an fx rate stays under its currency."""
    if action.kind is EventKind.FX:
        return action
    # a change of name is announced under the old one
    named = action.ts - 1 if action.kind is None else action.ts
    return msgspec.structs.replace(action, id=_entity(store, action.id, named))


def _entity(store: ParquetStore, symbol: str, instant: int) -> str:
    """Id of what bore the symbol at that instant, else of what it names today."""
    return (store.instrument_at(symbol, instant) or store.instrument(symbol)).id
