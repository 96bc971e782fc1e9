"""Settings and instruments as a journal keeps them, and back.

The record holds the settings as text and names by SHA-256 every other file that decisions
rest on: the instruments with their steps and fees, what the venue can do, and each file of
the user's. The contents lie beside the journal. A session is wired from the record, never
past it, so that its recovery and its replay are wired alike.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from kedge.domain.control import Parameters
from kedge.domain.errors import ConfigError, JournalError
from kedge.domain.instrument import Instrument
from kedge.domain.record import Record
from kedge.engine.trading.user_files import UserFiles
from kedge.ledger.journal.contents import Contents
from kedge.settings import Settings, replace
from kedge.strategies.artifacts import source_of
from kedge.strategies.binding import BoundStrategy
from kedge.venues.ccxt.own import ALL, Own
from kedge.venues.contract import Able

INSTRUMENTS: Final = "instruments"
"""Name under which the instruments are kept."""
VENUE: Final = "venue"
"""Name under which it is kept what the venue is and can do."""


class VenueFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What decisions rest on of a venue, and what a session found there first.

    Attributes:
        name: part of every key.
        able: what it can do.
        own: which part of the account is the session's.
    """

    name: str
    able: Able
    own: Own = ALL


class Kept(NamedTuple):
    """What a `Parameters` record stands for, read back.

    Attributes:
        settings: the whole tree.
        instruments: N, in the order of every array.
        venue: where they are traded.
        files: of the user, by path as configured: where a copy lies that is what was recorded.
    """

    settings: Settings
    instruments: tuple[Instrument, ...]
    venue: VenueFacts
    files: Mapping[str, Path]


def parameters_of(
    settings: Settings,
    instruments: tuple[Instrument, ...],
    venue: VenueFacts,
    contents: Contents,
    at: int,
) -> Parameters:
    """The record of what a session runs with; the files that it names are kept.

    Args:
        settings: with the reporting currency written out.
        instruments: what is traded.
        venue: where.
        contents: beside the journal.
        at: ns UTC.

    Raises:
        ConfigError: a strategy's file cannot be read.
        OSError: of the disk.
    """
    tree = json.dumps(settings.model_dump(mode="json"), sort_keys=True, allow_nan=False)
    files = [
        (INSTRUMENTS, contents.put(msgspec.json.encode(instruments))),
        (VENUE, contents.put(msgspec.json.encode(venue))),
    ]
    for spec in settings.strategies:
        file = settings.strategy_file(spec)
        if file is not None:
            files.append((str(spec.file), contents.put(_source(file))))
    return Parameters(at, tree, tuple(files))


def kept(parameters: Parameters, contents: Contents, files: UserFiles) -> Kept:
    """What a record stands for.

    Args:
        parameters: the record.
        contents: beside the journal.
        files: brings the user's.

    Raises:
        ConfigError: the settings cannot be used by this version.
        JournalError: a file that the record names is missing, or is another one now.
    """
    named = dict(parameters.files)
    try:
        values = json.loads(parameters.tree)
        instruments = msgspec.json.decode(
            contents.get(named[INSTRUMENTS]), type=tuple[Instrument, ...]
        )
        venue = msgspec.json.decode(contents.get(named[VENUE]), type=VenueFacts)
    except (ValueError, KeyError, msgspec.DecodeError) as error:
        raise JournalError(f"the recorded parameters cannot be read: {error}", "journal") from error
    users = tuple(each for each in parameters.files if each[0] not in (INSTRUMENTS, VENUE))
    return Kept(replace(Settings(), values), instruments, venue, files(users))


def first_facts(records: Iterable[Record], contents: Contents) -> VenueFacts | None:
    """The venue as a journal's first parameters have it; None where it holds none yet.

    Raises:
        JournalError: what they name is missing or cannot be read.
    """
    first = next((each for each in records if isinstance(each, Parameters)), None)
    if first is None:
        return None
    try:
        return msgspec.json.decode(contents.get(dict(first.files)[VENUE]), type=VenueFacts)
    except (KeyError, msgspec.DecodeError) as error:
        raise JournalError(f"the recorded venue cannot be read: {error}", "journal") from error


def keep_sources(strategies: Sequence[BoundStrategy], contents: Contents) -> None:
    """Keep the source of each strategy under the hash that decided rows name it by."""
    for bound in strategies:
        contents.put(_source(source_of(bound)))


def _source(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path), "mend it") from error
