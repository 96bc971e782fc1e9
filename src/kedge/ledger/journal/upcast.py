"""Records of older schemas, brought up one schema at a time when they are read.

An upcaster gets a record as the list that MessagePack holds (the tag first) and gives
the list of the next schema. The journal itself is never rewritten. A schema that was
released once stays readable for good, and a golden journal of each keeps it so.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

import msgspec

from kedge.domain.errors import JournalError
from kedge.domain.record import SCHEMA, Opened, Record, decode

Upcaster = Callable[[list[Any]], list[Any]]

UPCASTERS: Final[dict[int, Upcaster]] = {}
"""From a schema to the next one; there has been only one so far."""


class Readable(Protocol):
    """An open journal or a reader of one."""

    def read(self, first: int = 1) -> Iterator[tuple[int, bytes]]:
        """Payloads from ``first`` on with their numbers."""

    def schema_of(self, seq: int) -> int:
        """Schema that a record was written in."""


def upcast(
    payload: bytes,
    schema: int,
    current: int = SCHEMA,
    table: Mapping[int, Upcaster] = UPCASTERS,
) -> bytes:
    """A payload of ``schema`` as ``current`` would have written it.

    Raises:
        JournalError: a step between the two is missing.
    """
    if schema == current:
        return payload
    fields = msgspec.msgpack.decode(payload)
    for step in range(schema, current):
        if step not in table:
            raise JournalError(f"records of schema {step} cannot be read by this version")
        fields = table[step](fields)
    return msgspec.msgpack.encode(fields)


def records(journal: Readable, first: int = 1) -> Iterator[tuple[int, Record]]:
    """Records from ``first`` on with their numbers, in the present schema.

    Raises:
        JournalError: one is damaged, no record, or of a newer version.
    """
    for seq, payload in journal.read(first):
        yield seq, record_of(seq, payload, journal.schema_of(seq))


def record_of(seq: int, payload: bytes, schema: int) -> Record:
    """A record that was written in ``schema``, in the present one.

    Raises:
        JournalError: it is no record, or of a newer version.
    """
    try:
        record = decode(upcast(payload, schema))
    except msgspec.DecodeError as error:
        raise JournalError(f"record {seq} is not understood: {error}") from error
    if isinstance(record, Opened) and record.schema > SCHEMA:
        raise JournalError(
            f"record {seq} says schema {record.schema}; this version reads up to {SCHEMA}",
            remedy="install the kedge that wrote it, or a later one",
        )
    return record
