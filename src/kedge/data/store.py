"""The embedded market store: a folder of Parquet files, read through DuckDB.

::

    instruments.yaml                          settings of every instrument
    bars/id=AAPL/interval=1d/bars.parquet     one partition; its tick is in the file
    actions.parquet                           splits, dividends, deals, funding, fx
    universes.parquet                         dated membership

Every file is replaced as a whole and atomically (`kedge.data.files`), by one
writer at a time (`kedge.data.lock`).
"""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

import numpy as np
import polars as pl

from kedge.data import action_table, universe_table
from kedge.data.files import write_atomic
from kedge.data.instruments import FILE, read_instruments, write_instruments
from kedge.data.intervals import interval_ns
from kedge.data.lock import StoreLock
from kedge.data.names import bore
from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument
from kedge.ports.store import Action, Bars, Universe

if TYPE_CHECKING:
    import duckdb

TICK_KEY: Final = "kedge.tick"
VERSIONS_KEY: Final = "kedge.versions"
ONE: Final = "one"
"""Value of `VERSIONS_KEY` where no bar was ever corrected, so that none must be chosen."""
PRICES: Final = ("open", "high", "low", "close")
FOREVER: Final = np.iinfo(np.int64).max
READ: Final = """
    SELECT ts, closed_at, available_at, open, high, low, close, volume
    FROM read_parquet(?) WHERE available_at <= ? {choice} ORDER BY ts, available_at
"""
CHOICE: Final = "QUALIFY row_number() OVER (PARTITION BY ts ORDER BY available_at {order}) = 1"


class ParquetStore:
    """`kedge.ports.store.Store` over a folder.

    Args:
        folder: the store; made by the first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._lock = StoreLock(self.folder)
        self._actions: dict[str, list[Action]] | None = None
        self._renamed: dict[str, set[str]] = {}
        self._instruments: dict[str, Instrument] | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer: what is read inside is still so when it is written.

        Every ``put_`` method does this by itself; hold it around several that belong together.

        Raises:
            DataError: another process went on writing: which one.
            RunError: the folder cannot be written.
        """
        with self._lock.held() as taken:
            if taken:  # another writer may have been here since we last read
                self._actions = self._instruments = None
            yield

    # -- instruments -------------------------------------------------------------------

    def instruments(self) -> tuple[Instrument, ...]:
        """Every instrument, in order of id."""
        return tuple(self._known().values())

    def instrument(self, name: str) -> Instrument:
        """The instrument with this id, or else the only one with this symbol or present name."""
        known = self._known()
        if name in known:
            return known[name]
        found = [each for each in known.values() if each.symbol == name]
        found = found or self._bearers(name, FOREVER)
        if found:
            return self._only(found, name)
        have = ", ".join(list(known)[:12]) or "nothing"
        raise DataError(
            f"no instrument {name!r}",
            str(self.folder),
            f"it holds {have}; kedge data show lists everything, kedge data import adds more",
        )

    def instrument_at(self, symbol: str, as_of: int) -> Instrument | None:
        """The instrument that bore a symbol at ``as_of`` (ns UTC), None where nobody did.

        Raises:
            DataError: when several did.
        """
        found = self._bearers(symbol, as_of)
        return self._only(found, symbol) if found else None

    def _bearers(self, symbol: str, as_of: int) -> list[Instrument]:
        events = self._dated()
        renamed = self._renamed.get(symbol, ())
        return [
            each
            for each in self._known().values()
            if (each.symbol == symbol or each.id in renamed)
            and bore(each, events.get(each.id, ()), symbol, as_of)
        ]

    def _only(self, found: list[Instrument], name: str) -> Instrument:
        if len(found) == 1:
            return found[0]
        ids = ", ".join(each.id for each in found)
        raise DataError(f"{name!r} names several instruments", str(self.folder), f"use {ids}")

    def put_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Add instruments, or replace those with the same id."""
        with self.writing():
            known = self._known() | {each.id: each for each in instruments}
            if known == self._known():
                return
            write_instruments(self.folder / FILE, known)
            self._instruments = None

    def _known(self) -> dict[str, Instrument]:
        if self._instruments is None:
            self._instruments = read_instruments(self.folder / FILE)
        return self._instruments

    # -- bars --------------------------------------------------------------------------

    def intervals(self, name: str) -> tuple[str, ...]:
        """The intervals for which there are bars, shortest first."""
        folder = self._partition(self.instrument(name).id, "1d").parent.parent
        found = [each.parent.name.partition("=")[2] for each in folder.glob("*/bars.parquet")]
        return tuple(sorted((unquote(each) for each in found), key=interval_ns))

    def bars(self, name: str, interval: str, as_of: int | None = None) -> Bars:
        """The latest version of each bar available at ``as_of`` (ns UTC)."""
        return self._read(name, interval, as_of, CHOICE.format(order="DESC"))

    def first_bars(self, name: str, interval: str, as_of: int | None = None) -> Bars:
        """The version of each bar that became available first."""
        return self._read(name, interval, as_of, CHOICE.format(order="ASC"))

    def put_bars(self, instrument: Instrument, interval: str, bars: Bars) -> int:
        """Add bars; one with the same ``ts`` and ``available_at`` replaces the old one.

        The instrument is stored too. Bars already stored are rescaled when its
        tick became finer.

        Returns:
            How many stored bars were replaced by different ones.
        """
        with self.writing():
            return self._merge(instrument, interval, _frame(bars))

    def _merge(self, instrument: Instrument, interval: str, new: pl.DataFrame) -> int:
        path = self._partition(instrument.id, interval)
        old = _frame(self._versions(path, instrument)) if path.exists() else new.clear()
        key = ["ts", "available_at"]
        clash = old.join(new, on=key, how="inner", suffix="_new")
        same = [pl.col(c).eq_missing(pl.col(f"{c}_new")) for c in (*PRICES, "volume")]
        revised = clash.filter(~pl.all_horizontal(same)).height
        merged = pl.concat([old.join(new, on=key, how="anti"), new]).sort(key)
        buffer = io.BytesIO()
        versions = ONE if merged["ts"].is_unique().all() else "several"
        metadata = {TICK_KEY: str(instrument.tick), VERSIONS_KEY: versions}
        merged.write_parquet(buffer, compression="zstd", metadata=metadata)
        self.put_instruments([instrument])
        write_atomic(path, buffer.getvalue())
        return revised

    def _partition(self, entity: str, interval: str) -> Path:
        safe = quote(entity, safe="")
        return self.folder / "bars" / f"id={safe}" / f"interval={interval}" / "bars.parquet"

    def _read(self, name: str, interval: str, as_of: int | None, choice: str) -> Bars:
        instrument = self.instrument(name)
        path = self._partition(instrument.id, interval)
        if not path.exists():
            have = ", ".join(self.intervals(name)) or "none"
            raise DataError(
                f"no {interval} bars of {name}", str(self.folder), f"intervals stored: {have}"
            )
        return self._query(path, instrument, choice, FOREVER if as_of is None else as_of)

    def _versions(self, path: Path, instrument: Instrument) -> Bars:
        return self._query(path, instrument, "", FOREVER)

    def _query(self, path: Path, instrument: Instrument, choice: str, as_of: int) -> Bars:
        import duckdb

        try:
            metadata = pl.read_parquet_metadata(path)
            stored = Decimal(metadata[TICK_KEY])
            several = metadata.get(VERSIONS_KEY) != ONE
            sql = READ.format(choice=choice if several else "")
            with _connection(os.getpid()).cursor() as cursor:
                read = cursor.execute(sql, [str(path), as_of]).fetchnumpy()
        except (pl.exceptions.PolarsError, OSError, KeyError, duckdb.Error) as error:
            raise _damaged(path, error) from error
        factor = self._rescale(stored, instrument)
        prices = np.stack([read[name] for name in PRICES], axis=1) * factor
        return Bars(read["ts"], read["closed_at"], read["available_at"], prices, read["volume"])

    def _rescale(self, stored: Decimal, instrument: Instrument) -> int:
        """Whole number of the instrument's ticks in one tick of the file."""
        factor = stored / instrument.tick
        if factor != int(factor):
            raise DataError(
                f"{instrument.id}: stored prices need a tick of {stored:f}, not "
                f"{instrument.tick:f}",
                str(self.folder / FILE),
                f"write tick: {stored:f}, or import the prices again",
            )
        return int(factor)

    # -- dated events and universes ----------------------------------------------------

    def actions(self, name: str, as_of: int | None = None) -> tuple[Action, ...]:
        """The dated events of an instrument (or of a currency's rate) known at ``as_of``."""
        limit = FOREVER if as_of is None else as_of
        held = self._dated().get(self._entity(name), [])
        return tuple(each for each in held if each.available_at <= limit)

    def _dated(self) -> dict[str, list[Action]]:
        if self._actions is None:
            self._actions, self._renamed = {}, {}
            for each in action_table.read(self.folder / action_table.FILE):
                self._actions.setdefault(each.id, []).append(each)
                if each.kind is None:
                    self._renamed.setdefault(each.symbol, set()).add(each.id)
        return self._actions

    def put_actions(self, actions: Iterable[Action]) -> int:
        """Add events; one of the same id, kind and time is replaced.

        Returns:
            How many of them were not stored before.
        """
        path = self.folder / action_table.FILE
        with self.writing():
            held = {action_table.key(each): each for each in action_table.read(path)}
            before = len(held)
            held.update({action_table.key(each): each for each in actions})
            action_table.write(path, held.values())
            self._actions = None
        return len(held) - before

    def _entity(self, name: str) -> str:
        known = self._known()
        if name in known:
            return name
        found = [each.id for each in known.values() if each.symbol == name]
        return found[0] if len(found) == 1 else name

    def universe(self, name: str) -> Universe:
        """A universe by name."""
        found = {each.name: each for each in self.universes()}
        if name not in found:
            raise DataError(
                f"no universe {name!r}", str(self.folder), f"known: {', '.join(found) or 'none'}"
            )
        return found[name]

    def universes(self) -> tuple[Universe, ...]:
        """Every universe, in order of name."""
        return universe_table.read(self.folder / universe_table.FILE)

    def put_universe(self, universe: Universe) -> None:
        """Add a universe, or replace the one of that name."""
        with self.writing():
            others = [each for each in self.universes() if each.name != universe.name]
            universe_table.write(self.folder / universe_table.FILE, [*others, universe])

    # -- questions of your own ---------------------------------------------------------

    def query(self, sql: str, as_of: int | None = None) -> list[tuple[Any, ...]]:
        """Rows of any SQL over the view ``bars`` (with ``id`` and ``interval``), in ticks.

        Args:
            sql: a DuckDB query.
            as_of: rows that became available later are not in the view, ns UTC.
        """
        import duckdb

        limit = FOREVER if as_of is None else int(as_of)
        pattern = str(self.folder / "bars" / "*" / "*" / "bars.parquet").replace("'", "''")
        view = (
            f"CREATE VIEW bars AS SELECT * FROM read_parquet('{pattern}', "
            f"hive_partitioning = true) WHERE available_at <= {limit}"
        )
        try:
            with duckdb.connect() as connection:  # of its own: the view must not stay
                connection.execute(view)
                return connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise DataError(f"query failed: {error}", str(self.folder), "see the view bars") from (
                error
            )


@lru_cache(maxsize=1)
def _connection(_process: int) -> "duckdb.DuckDBPyConnection":
    """One in-memory DuckDB for this process; a forked child opens its own."""
    import duckdb

    return duckdb.connect()


def _frame(bars: Bars) -> pl.DataFrame:
    columns: dict[str, Any] = {
        "ts": bars.ts,
        "closed_at": bars.closed_at,
        "available_at": bars.available_at,
    }
    columns |= {name: bars.prices[:, k] for k, name in enumerate(PRICES)}
    return pl.DataFrame({**columns, "volume": np.asarray(bars.volume, dtype=np.float64)})


def _damaged(path: Path, error: Exception) -> DataError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DataError(f"cannot be read: {reason}", str(path), "import the data again")
