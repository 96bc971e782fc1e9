"""Files that a served market is played back from: recorded books and trades, or bars.

What a file holds is told by its columns:

- a book: ``recv_ns`` (ns UTC), ``side`` (``b`` or ``a``), ``price``, ``qty`` (what rests there
  from then on, 0 removes it), ``is_snapshot``; what comes before the first snapshot is left out
- trades: ``recv_ns``, ``price``, ``qty``, ``buyer_is_maker``
- bars: as for ``kedge data import``, with a volume; a folder is a store of them

Of a file with a column ``symbol`` the rows of the symbol are taken, with a column ``market``
those of ``spot``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
import polars as pl

from kedge.data.columns import looks_like_header
from kedge.data.tables import Table, read_table
from kedge.data.ticks import fits
from kedge.domain.errors import ConfigError, DataError
from kedge.domain.market import ASK, BID, I64, BookDelta, Trade
from kedge.domain.panel import F64
from kedge.venues.simulated.tape import CLEAR, LEVEL, PRINT, lines_of
from kedge.venues.wire.spot import Spot
from kedge.venues.wire.tape_bars import file_bars, store_bars
from kedge.venues.wire.tape_part import OTHERS, Part

BOOK: Final = ("recv_ns", "side", "price", "qty", "is_snapshot")
TRADES: Final = ("recv_ns", "price", "qty", "buyer_is_maker")
MARKET: Final = "spot"
TRUE: Final = ("true", "1")
SIDES: Final = {"b": BID, "bid": BID, "buy": BID, "a": ASK, "ask": ASK, "sell": ASK}


class TapeFile(msgspec.Struct, frozen=True):
    """One file of a tape.

    Attributes:
        symbol: whose market it is.
        path: of the file, or of a store.
        digest: SHA-256 of what is in it; of a store, of its files' names, sizes and times.
    """

    symbol: str
    path: str
    digest: str


def tape_files(given: Sequence[str], symbols: Sequence[str]) -> tuple[TapeFile, ...]:
    """Files as a command line names them: ``FILE`` for the only symbol, or ``SYMBOL=FILE``.

    Raises:
        ConfigError: a symbol has no file, or a file no symbol.
        DataError: one cannot be read.
    """
    found = tuple(_tape_file(each, symbols) for each in given)
    bare = [each for each in symbols if each not in {file.symbol for file in found}]
    if found and bare:
        raise ConfigError(f"no tape of {', '.join(bare)}", "--tape", _REMEDY)
    return found


_REMEDY: Final = "name one symbol with --symbols, or write --tape SYMBOL=FILE for each"


def _tape_file(given: str, symbols: Sequence[str]) -> TapeFile:
    symbol, equals, path = given.partition("=")
    if not equals:
        symbol, path = symbols[0] if len(symbols) == 1 else "", given
    if symbol not in symbols:
        raise ConfigError(f"whose market {given} is, is not said", "--tape", _REMEDY)
    return TapeFile(symbol, path, _digest(Path(path)))


def _digest(path: Path) -> str:
    try:
        if not path.is_dir():
            return sha256(path.read_bytes()).hexdigest()
        files = [(each, each.stat()) for each in sorted(path.rglob("*.parquet"))]
        names = [f"{each.relative_to(path)} {s.st_size} {s.st_mtime_ns}" for each, s in files]
        return sha256("\n".join(names).encode()).hexdigest()
    except OSError as error:
        remedy = "check the path"
        raise DataError(f"cannot be read: {error.strerror}", str(path), remedy) from error


class Tape(NamedTuple):
    """A market that is played back.

    Attributes:
        lines: (rows, 6) int64 on the venue's clock.
        told: what is played of each symbol, and what was left out, a line each.
    """

    lines: I64
    told: tuple[str, ...]


def tape_of(files: Sequence[TapeFile], spots: Sequence[Spot], start: int) -> Tape:
    """The lines of all files on one clock, the first of them at ``start``.

    Args:
        files: one or several to a symbol.
        spots: the symbols.
        start: ns UTC.

    Raises:
        DataError: a file is not what it was, cannot be read, or has nothing of its symbol.
    """
    parts = [_part(spot, [f for f in files if f.symbol == spot.symbol]) for spot in spots]
    told = tuple(part.words(spot.symbol) for spot, part in zip(spots, parts, strict=True))
    tape = np.concatenate([part.lines for part in parts])
    tape = tape[np.argsort(tape[:, 0], kind="stable")]
    tape[:, 0] += start - tape[0, 0]
    return Tape(tape, told)


def first_prices(tape: I64) -> dict[int, int]:
    """Ticks by key that each book begins at: its first trade's, or the middle of its levels'."""
    found: dict[int, int] = {}
    for key in np.unique(tape[:, 1]).tolist():
        own = tape[tape[:, 1] == key]
        prints = own[own[:, 2] == PRINT]
        levels = own[(own[:, 2] == LEVEL) & (own[:, 5] > 0)][:_NEAR]
        found[key] = int(prints[0, 4]) if len(prints) else int(np.median(levels[:, 4]))
    return found


_NEAR: Final = 2_000
"""Levels that the first price is taken from where nothing was traded."""


def _part(spot: Spot, files: Sequence[TapeFile]) -> Part:
    """Of one symbol: its books and trades together, or bars."""
    told: list[BookDelta | Trade] = []
    barred: list[Part] = []
    left: Counter[str] = Counter()
    for file in files:
        if _digest(Path(file.path)) != file.digest:
            raise DataError("is not what the venue began with", file.path, "bring that back")
        if Path(file.path).is_dir():
            barred.append(store_bars(spot, Path(file.path)))
            continue
        table = read_table(Path(file.path), _is_header)
        names = table.frame.columns
        if set(BOOK) <= set(names):
            told += _books(spot, _own(spot, file, table, left), file, left)
        elif set(TRADES) <= set(names):
            told += _trades(spot, _own(spot, file, table, left), file, left)
        else:
            barred.append(file_bars(spot, Path(file.path), table))
    if barred and (told or len(barred) > 1):
        raise DataError(
            f"bars of {spot.symbol} and something else", files[0].path, "give one or the other"
        )
    return barred[0] if barred else _from_snapshot(spot, files, told, left)


def _is_header(cells: list[str]) -> bool:
    return "recv_ns" in cells or looks_like_header(cells)


def _own(spot: Spot, file: TapeFile, table: Table, left: Counter[str]) -> pl.DataFrame:
    frame = table.frame.with_row_index("__row")
    for column, wanted in (("symbol", spot.symbol), ("market", MARKET)):
        if column in frame.columns:
            frame = frame.filter(pl.col(column) == wanted)
    left[OTHERS] += table.frame.height - frame.height
    if not frame.height:
        raise DataError(
            f"has no row of {spot.symbol} at a {MARKET} market", file.path, "give a file that has"
        )
    kinds = {"recv_ns": pl.Int64, "price": pl.Float64, "qty": pl.Float64}
    for column, kind in kinds.items():
        cast = frame[column].cast(kind, strict=False)
        wrong = (cast < 0).fill_null(True)
        if wrong.any():
            row = int(wrong.arg_max() or 0)
            place = table.place(Path(file.path), int(frame["__row"][row]))
            raise DataError(f"{frame[column][row]!r} is no {column}", place, "mend the row")
        frame = frame.with_columns(cast.alias(column))
    return frame.sort("recv_ns", maintain_order=True)


def _books(
    spot: Spot, frame: pl.DataFrame, file: TapeFile, left: Counter[str]
) -> Iterator[BookDelta]:
    sides = frame["side"].cast(pl.String).str.to_lowercase()
    if not sides.is_in(list(SIDES)).all():
        raise DataError("a side is neither b nor a", file.path, "write b for bids, a for asks")
    frame = frame.with_columns(
        sides.replace_strict(SIDES, return_dtype=pl.Int64).alias("side"),
        pl.Series("ticks", _ticks(spot, frame["price"].to_numpy(), file)),
        pl.Series("lots", _lots(spot, frame["qty"].to_numpy())),
        _truth(frame["is_snapshot"]).alias("is_snapshot"),
    )
    left["levels of less than a lot"] += int(((frame["qty"] > 0) & (frame["lots"] == 0)).sum())
    key = spot.listing.key
    for (at, whole), rows in frame.group_by("recv_ns", "is_snapshot", maintain_order=True):
        moment = int(str(at))
        levels = rows.select("side", "ticks", "lots").to_numpy().astype(np.int64)
        yield BookDelta(key, moment, moment, 0, 0, -1, levels, bool(whole))


def _trades(spot: Spot, frame: pl.DataFrame, file: TapeFile, left: Counter[str]) -> Iterator[Trade]:
    ticks = _ticks(spot, frame["price"].to_numpy(), file).tolist()
    lots = _lots(spot, frame["qty"].to_numpy()).tolist()
    selling = _truth(frame["buyer_is_maker"]).to_list()
    times = frame["recv_ns"].to_list()
    left["trades of less than a lot"] += lots.count(0)
    for number, (at, price, size, sold) in enumerate(
        zip(times, ticks, lots, selling, strict=True), 1
    ):
        if size:
            yield Trade(spot.listing.key, at, at, number, price, size, -1 if sold else 1)


def _from_snapshot(
    spot: Spot, files: Sequence[TapeFile], told: Iterable[BookDelta | Trade], left: Counter[str]
) -> Part:
    """From the first whole book on; without one nobody knows what rests."""
    lines = lines_of(told)
    (starts,) = np.nonzero(lines[:, 2] == CLEAR)
    if not len(starts):
        raise DataError(
            f"has no whole book of {spot.symbol}", files[0].path,
            "give a recording with a snapshot (is_snapshot); trades alone are not enough",
        )  # fmt: skip
    left["levels and trades before the first whole book"] += int(starts[0])
    return Part(lines[starts[0] :], 0, left)


def _truth(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Boolean:
        return column
    return column.cast(pl.String).str.to_lowercase().is_in(TRUE)


def _ticks(spot: Spot, prices: F64, file: TapeFile) -> I64:
    tick = spot.instrument.tick
    if not fits(prices, tick) or not (prices > 0).all():
        raise DataError(
            f"a price is no multiple of {spot.symbol}'s tick {tick}", file.path,
            "the recording is of another market",
        )  # fmt: skip
    return np.rint(prices / float(tick)).astype(np.int64)


def _lots(spot: Spot, quantities: F64) -> I64:
    """Whole lots; what is less than one is not there."""
    return np.floor(quantities / float(spot.instrument.lot) + 1e-6).astype(np.int64)
