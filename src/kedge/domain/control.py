"""How a session is steered: its mode, and what people and deadlines ask of it."""

from enum import IntEnum

import msgspec


class Mode(IntEnum):
    """What a session may do. Codes are stable: they are stored in journals.

    ACTIVE trades. REDUCING only makes positions smaller. HALTED works no order of ours but
    protective stops and reductions; killed is HALTED until somebody resumes it.
    """

    ACTIVE = 1
    REDUCING = 2
    HALTED = 3


class Verb(IntEnum):
    """What a person can ask of a running session. Codes are stable."""

    KILL = 1
    FLATTEN = 2
    RESUME = 3
    STATUS = 4
    STOP = 5


class Asked(msgspec.Struct, frozen=True, array_like=True, tag=20):
    """Somebody asked for something over the control socket, or was refused there.

    Attributes:
        at: ns UTC.
        verb: what for.
        who: peer as the socket knows it: user id and process id.
        granted: whether the token was right.
    """

    at: int
    verb: Verb
    who: str
    granted: bool = True


class Quoted(msgspec.Struct, frozen=True, array_like=True):
    """Best prices of one key as they stood at an instant.

    Attributes:
        bid, ask: ticks, 0 where a side is absent or the book is not trusted.
        age: ns since the book last changed or was confirmed; -1 where there never was one.
        bid_lots, ask_lots: resting there.
        traded: lots that the market has traded since the process watches.
    """

    bid: int
    ask: int
    age: int
    bid_lots: int = 0
    ask_lots: int = 0
    traded: int = 0


class Tick(msgspec.Struct, frozen=True, array_like=True, tag=21):
    """A deadline of the engine came due.

    Attributes:
        at: ns UTC, at or after the deadline.
        quotes: one for each key, as they stood.
    """

    at: int
    quotes: tuple[Quoted, ...]


class Started(msgspec.Struct, frozen=True, array_like=True, tag=22):
    """A process opened the journal and goes on from it: every start is a recovery.

    Attributes:
        at: ns UTC.
        version: of kedge.
        platform: fingerprint of the numeric platform.
        cut: records that were found beyond the synced watermark and dropped.
        skipped: numbers of intents and stops that are left out: after a restore nobody knows
            which of them were used, and an id is never given twice.
    """

    at: int
    version: str
    platform: str
    cut: int = 0
    skipped: int = 0


class Parameters(msgspec.Struct, frozen=True, array_like=True, tag=23):
    """The whole parameter tree from here on; takes effect between rows.

    Attributes:
        at: ns UTC.
        tree: YAML text of the settings, secrets left out.
        files: (path as configured, SHA-256) of every user file; contents are kept by hash.
    """

    at: int
    tree: str
    files: tuple[tuple[str, str], ...] = ()
