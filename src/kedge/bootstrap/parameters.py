"""Settings and instruments as a journal keeps them, and back.

The record holds the settings as text and names by SHA-256 every other file that decisions
rest on: the instruments with their steps and fees, and the source of each strategy. The
contents lie beside the journal. A session is wired from the record, never past it.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from kedge.domain.control import Parameters
from kedge.domain.errors import ConfigError, JournalError
from kedge.domain.instrument import Instrument
from kedge.ledger.journal.contents import Contents
from kedge.settings import Settings, replace
from kedge.strategies.binding import BoundStrategy

INSTRUMENTS: Final = "instruments"
"""Name under which the instruments are kept."""


class Kept(NamedTuple):
    """What a `Parameters` record stands for, read back.

    Attributes:
        settings: the whole tree.
        instruments: N, in the order of every array.
    """

    settings: Settings
    instruments: tuple[Instrument, ...]


def parameters_of(
    settings: Settings, instruments: tuple[Instrument, ...], contents: Contents, at: int
) -> Parameters:
    """The record of what a session runs with; the files that it names are kept.

    Args:
        settings: with the reporting currency written out.
        instruments: what is traded.
        contents: beside the journal.
        at: ns UTC.

    Raises:
        ConfigError: a strategy's file cannot be read.
        OSError: of the disk.
    """
    tree = json.dumps(settings.model_dump(mode="json"), sort_keys=True, allow_nan=False)
    files = [(INSTRUMENTS, contents.put(msgspec.json.encode(instruments)))]
    for spec in settings.strategies:
        file = settings.strategy_file(spec)
        if file is not None:
            files.append((str(spec.file), contents.put(_source(file))))
    return Parameters(at, tree, tuple(files))


def kept(parameters: Parameters, contents: Contents, folder: Path) -> Kept:
    """The settings and instruments of a record.

    Args:
        parameters: the record.
        contents: beside the journal.
        folder: that the configuration's relative paths start from.

    Raises:
        ConfigError: the settings cannot be used by this version.
        JournalError: a file that the record names is missing, or is another one now.
    """
    named = dict(parameters.files)
    try:
        values = json.loads(parameters.tree)
        raw = contents.get(named[INSTRUMENTS])
        instruments = msgspec.json.decode(raw, type=tuple[Instrument, ...])
    except (ValueError, KeyError, msgspec.DecodeError) as error:
        raise JournalError(f"the recorded parameters cannot be read: {error}", "journal") from error
    settings = replace(Settings(), values).at(folder)
    for spec in settings.strategies:
        file = settings.strategy_file(spec)
        if file is not None and _source(file) != contents.get(named.get(str(spec.file), "")):
            raise JournalError("is not the file that the journal names", str(file), "restore it")
    return Kept(settings, instruments)


def artifacts_of(strategies: tuple[BoundStrategy, ...], contents: Contents) -> tuple[str, ...]:
    """SHA-256 of each strategy's source, kept beside the journal."""
    return tuple(contents.put(_module(bound)) for bound in strategies)


def _module(bound: BoundStrategy) -> bytes:
    function = bound.strategy.function
    module = sys.modules.get(function.__module__)
    path = getattr(module, "__file__", None) or inspect.getsourcefile(function)
    return _source(Path(path)) if path else bound.name.encode()


def _source(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path), "mend it") from error
