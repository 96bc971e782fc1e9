"""The trial ledger: every configuration that was ever evaluated on this market.

It lives in the store beside the data it is about. ``ledger.jsonl`` gains one
line per trial, each with its own checksum; the trials' daily returns lie in
Parquet files named by their content. What was tried together, as in a search, shares
its file, whole: a member that was on record already gets another line. Trials are
related when their instruments and their time overlap; a configuration counts once
among related trials, however often it ran. The ledger's hash before a run is one of
the run's inputs.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from kedge.data.files import write_atomic
from kedge.data.lock import StoreLock
from kedge.domain.errors import DataError, RunError
from kedge.domain.panel import F64, I64

FOLDER = "trials"
"""Folder of the ledger inside a store."""
LEDGER = "ledger.jsonl"
RETURNS = "returns"
_DIGEST = 16  # bytes


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger.

    Attributes:
        config_hash: of the whole configuration that was evaluated.
        instruments: stable entity ids, sorted.
        first_ns, last_ns: first and last day of its returns, ns UTC.
        series: file in ``returns/`` whose column ``config_hash`` holds them.
        check: checksum of the other fields.
    """

    config_hash: str
    instruments: tuple[str, ...]
    first_ns: int
    last_ns: int
    series: str
    check: str = ""


@dataclass(frozen=True, slots=True)
class TrialBatch:
    """Configurations evaluated over the same instruments and days.

    Attributes:
        instruments: stable entity ids.
        days: (D,) one instant per session, ns UTC, increasing.
        config_hashes: K distinct hashes.
        returns: (D, K) daily residual returns.
    """

    instruments: tuple[str, ...]
    days: I64
    config_hashes: tuple[str, ...]
    returns: F64

    def __post_init__(self) -> None:
        if self.returns.shape != (len(self.days), len(self.config_hashes)) or not len(self.days):
            raise DataError(f"trial returns of shape {self.returns.shape} do not fit their days")


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger as it stood when it was read.

    Attributes:
        folder: where it lives.
        trials: in the order in which they were recorded.
        hash: of the whole file, hex; the hash of nothing when there is none.
    """

    folder: Path
    trials: tuple[Trial, ...]
    hash: str

    def overlapping(
        self, instruments: Iterable[str], first_ns: int, last_ns: int
    ) -> tuple[Trial, ...]:
        """Trials that share an instrument and a day with the given span.

        Of a configuration recorded more than once the longest span is kept,
        then the latest: running again tomorrow is not another trial.
        """
        wanted = set(instruments)
        kept: dict[str, Trial] = {}
        for trial in self.trials:
            shared = wanted.intersection(trial.instruments)
            if not shared or trial.first_ns > last_ns or trial.last_ns < first_ns:
                continue
            known = kept.get(trial.config_hash)
            if known is None or _length(trial) >= _length(known):
                kept[trial.config_hash] = trial
        return tuple(kept.values())

    def series(self, trials: Sequence[Trial]) -> tuple[I64, F64]:
        """Daily returns of trials, aligned.

        Returns:
            (D,) days in ns UTC and (D, K) returns, NaN outside a trial's days.

        Raises:
            DataError: a returns file is missing or damaged.
        """
        columns: dict[str, list[str]] = {}
        for trial in trials:
            columns.setdefault(trial.series, []).append(trial.config_hash)
        frames = [_read_returns(self.folder, name, names) for name, names in columns.items()]
        if not frames:
            return np.empty(0, np.int64), np.empty((0, 0))
        joined = frames[0]
        for frame in frames[1:]:
            joined = joined.join(frame, on="ts", how="full", coalesce=True)
        joined = joined.sort("ts")
        values = joined.select([trial.config_hash for trial in trials]).fill_null(float("nan"))
        return joined["ts"].to_numpy(), np.ascontiguousarray(values.to_numpy(), np.float64)


def read_ledger(folder: Path) -> Ledger:
    """The ledger in a folder; an empty one where nothing was recorded yet.

    Raises:
        DataError: it cannot be read, or a line is damaged: which one, and what to do.
    """
    path = folder / LEDGER
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise DataError(
            "the trial ledger cannot be read", str(path), str(error.strerror)
        ) from error
    lines = content.splitlines(keepends=True)
    trials = tuple(_parse(line, f"{path}:{number}") for number, line in enumerate(lines, 1))
    return Ledger(folder, trials, hashlib.blake2b(content, digest_size=_DIGEST).hexdigest())


def record_trials(folder: Path, batch: TrialBatch) -> int:
    """Add a batch, unless the ledger holds it already.

    It is held when the same configurations were recorded together for the same
    instruments and the same days, a single one in whatever company, so an identical
    rerun leaves the ledger as it is. Returns are on disk before the line that names
    them, and lines are appended in one write that is taken back if the disk is full.
    The ledger's folder is locked meanwhile: of two runs that end together the second
    waits and finds what the first one added.

    Returns:
        How many of the configurations were not recorded before.

    Raises:
        DataError: the ledger is damaged, or another process held it for too long.
        RunError: it could not be written.
    """
    with StoreLock(folder).held():
        return _add(folder, batch)


def _add(folder: Path, batch: TrialBatch) -> int:
    """`record_trials` for whoever holds the lock: nobody writes between the look and the line."""
    span = (tuple(sorted(batch.instruments)), int(batch.days[0]), int(batch.days[-1]))
    groups: dict[str, set[str]] = {}
    for trial in read_ledger(folder).trials:
        if (trial.instruments, trial.first_ns, trial.last_ns) == span:
            groups.setdefault(trial.series, set()).add(trial.config_hash)
    names, held = batch.config_hashes, set().union(*groups.values())
    if set(names) in groups.values() or (len(names) == 1 and held.issuperset(names)):
        return 0
    try:
        series = _write_returns(folder / RETURNS, batch.days, names, batch.returns)
        lines = [
            Trial(
                config_hash=name,
                instruments=span[0],
                first_ns=span[1],
                last_ns=span[2],
                series=series,
            )
            for name in names
        ]
        _append(folder / LEDGER, b"".join(_line(trial) for trial in lines))
    except OSError as error:
        raise RunError(f"{folder}: the trial ledger cannot be written: {error.strerror}") from error
    return len(set(names) - held)


def _length(trial: Trial) -> int:
    return trial.last_ns - trial.first_ns


def _checksum(trial: Trial) -> str:
    body = msgspec.json.encode(msgspec.structs.replace(trial, check=""))
    return hashlib.blake2b(body, digest_size=_DIGEST).hexdigest()


def _line(trial: Trial) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(trial, check=_checksum(trial))) + b"\n"


def _parse(line: bytes, where: str) -> Trial:
    try:
        trial = msgspec.json.decode(line, type=Trial)
    except (msgspec.DecodeError, UnicodeDecodeError):
        trial = None
    if trial is None or not line.endswith(b"\n") or trial.check != _checksum(trial):
        raise DataError(
            "this line of the trial ledger is damaged",
            where,
            "restore the file from a backup: without it no trial can be counted",
        )
    return trial


def _append(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        before = os.fstat(handle).st_size
        try:
            written = os.write(handle, content)
            if written != len(content):
                raise OSError(28, "no space left")
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)


def _write_returns(folder: Path, days: I64, names: Sequence[str], returns: F64) -> str:
    """Write returns under the hash of their content; returns the file's name."""
    content = days.tobytes() + "\n".join(names).encode() + np.ascontiguousarray(returns).tobytes()
    name = f"{hashlib.blake2b(content, digest_size=_DIGEST).hexdigest()}.parquet"
    final = folder / name
    if final.exists():
        return name
    frame = pl.DataFrame({"ts": days, **{n: returns[:, i] for i, n in enumerate(names)}})
    buffer = BytesIO()  # polars reports a full disk as a panic; a buffer is written by us
    frame.write_parquet(buffer, compression="zstd")
    write_atomic(final, buffer.getvalue())
    return name


def _read_returns(folder: Path, name: str, columns: Sequence[str]) -> pl.DataFrame:
    path = folder / RETURNS / name
    try:
        return pl.read_parquet(path, columns=["ts", *columns])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            "the returns of a recorded trial are missing or damaged",
            str(path),
            "restore the file from a backup",
        ) from error
