"""From a session's journal to the files of its report, which appear together or not at all."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from kedge.domain.control import Parameters
from kedge.domain.errors import JournalError
from kedge.domain.record import Record, decode
from kedge.domain.redact import redact
from kedge.domain.short_floats import short_floats
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, read_journal
from kedge.research.session.page import render
from kedge.research.session.result import result_of
from kedge.research.session.story import instruments_in, told
from kedge.research.session.tables import Tables, tables_of
from kedge.research.whole_folder import check_folder, write_whole
from kedge.settings import Settings, replace

RESULT: Final = "result.json"
REPORT: Final = "report.html"
FILES: Final = (RESULT, REPORT, *(f"{name}.parquet" for name in Tables._fields))
INSTRUMENTS: Final = "instruments"


def write_report(journal: Path, target: Path) -> dict[str, Any]:
    """Rebuild a session from its journal and write what it came to.

    Args:
        journal: folder of the journal.
        target: folder of the report; an older one is replaced.

    Returns:
        The content of ``result.json``.

    Raises:
        JournalError: the journal cannot be read.
        InputError: the target holds something else.
        RunError: it cannot be written; what was there before is still there.
    """
    check_folder(target, FILES)
    reader = read_journal(journal)
    parameters = _last(decode(payload) for _, payload in reader.read())
    contents = Contents(SystemDisk(journal / CONTENTS, read_only=True))
    instruments = instruments_in(contents.get(dict(parameters.files)[INSTRUMENTS]))
    story = told((decode(payload) for _, payload in reader.read()), instruments)
    settings = replace(Settings(), json.loads(parameters.tree))
    code, capital = str(settings.currency), float(settings.capital)
    tables = tables_of(story, code, capital)
    strategies = tuple(spec.name for spec in settings.strategies)
    result: dict[str, Any] = short_floats(
        result_of(story, tables, settings.hash, code, capital, strategies)
    )
    page = render(result, tables)
    text = msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"
    write_whole(target, _contents(tables, {RESULT: redact(text), REPORT: redact(page)}))
    return result


def _last(records: Iterator[Record]) -> Parameters:
    found = [record for record in records if isinstance(record, Parameters)]
    if not found:
        raise JournalError("it holds no parameters", "journal", "let a session begin it")
    return found[-1]


def _contents(tables: Tables, texts: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    for name, frame in tables._asdict().items():
        yield f"{name}.parquet", _parquet(frame)
    for name, text in texts.items():
        yield name, text.encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()
