"""The journal's records: a closed union, its bytes, and the version of its schema.

Records are MessagePack arrays that start with an integer tag. A field is only ever
added at the end with a default, a tag never reused; anything else raises `SCHEMA`
and brings an upcaster, so that a journal of any released version can be read.
"""

from decimal import Decimal
from typing import Final

import msgspec

from kedge.domain.account import Key
from kedge.domain.control import Asked, Parameters, Started, Tick
from kedge.domain.decided import (
    AccountAsked,
    Adjusted,
    Adopted,
    CancelAsked,
    Doubted,
    Intent,
    IntentEnded,
    ModeSet,
    Odd,
    OrderApproved,
    OrderRefused,
    QueryAsked,
    Routed,
)
from kedge.domain.report import VenueReport
from kedge.domain.row import Dated, RowClosed, RowDecided, SessionOpened

SCHEMA: Final = 1
"""Version of the records of this source; a journal of a later one is refused."""


class Opened(msgspec.Struct, frozen=True, array_like=True, tag=60):
    """The first record of a journal: what everything after it refers to.

    Attributes:
        schema: `SCHEMA` of the writer.
        lineage: 8 hexadecimal digits, part of every client order id.
        at: ns UTC.
        version: of kedge.
        platform: fingerprint of the numeric platform.
        keys: the table that ``key`` fields point into.
        instruments: entity ids in the order of every array.
        terms: (currency, numerator, denominator) of each key: minor units of the settlement
            currency per lot and tick, so that fills can be booked without anything else.
        coins: (base, lot) of each key, for fees that were taken out of what was bought.
    """

    schema: int
    lineage: str
    at: int
    version: str
    platform: str
    keys: tuple[Key, ...]
    instruments: tuple[str, ...]
    terms: tuple[tuple[str, int, int], ...] = ()
    coins: tuple[tuple[str, Decimal], ...] = ()


Event = Started | Parameters | Asked | Tick | SessionOpened | Dated | RowClosed | VenueReport
"""What happens to the engine from outside; `kedge replay` keeps these and derives the rest."""

Decided = (
    RowDecided
    | Intent
    | IntentEnded
    | OrderApproved
    | OrderRefused
    | CancelAsked
    | QueryAsked
    | Doubted
    | AccountAsked
    | ModeSet
    | Odd
    | Adjusted
    | Adopted
    | Routed
)
"""What the engine makes of events."""

Record = Opened | Event | Decided

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Record] = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """One record as MessagePack."""
    return _encoder.encode(record)


def decode(payload: bytes) -> Record:
    """The inverse of `encode`.

    Raises:
        msgspec.DecodeError: the bytes are no record of this schema.
    """
    return _decoder.decode(payload)


def tag_of(payload: bytes) -> int:
    """The tag of an encoded record, without decoding it.

    Every record is an array of fewer than sixteen elements that starts with its tag.
    """
    return payload[1]
