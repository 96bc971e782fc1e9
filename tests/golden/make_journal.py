"""One record of every kind, and the golden journal that was written from them once.

``python tests/golden/make_journal.py`` writes the journal of the present schema and as many
records as there are now, where there is none yet. A kind that is added to a schema stands at the
end, so that an older journal holds the first of them. None is ever written again.
"""

import sys
from pathlib import Path

from kedge.domain.account import Key
from kedge.domain.control import Asked, Mode, Parameters, Quoted, Started, Tick, Verb
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
    Refusal,
    Routed,
)
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.record import SCHEMA, Opened, Record, encode
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    End,
    Ended,
    Filled,
    FillsThrough,
    Found,
    Kept,
    Link,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.domain.row import Dated, RowClosed, RowDecided, SessionOpened
from kedge.ledger.journal.folder import open_journal

FOLDER = Path(__file__).parent / "journals"
SEGMENT = 2048
A, B, C = "k0a1b2c3d-1-0", "k0a1b2c3d-1-1", "k0a1b2c3d-2-0"
BUY = Order(id=A, key=0, side=1, lots=30, type=OrderType.LIMIT, limit=1001, intent=1, reason=3)
STOP = Order(
    id=B, key=0, side=-1, lots=30, type=OrderType.STOP, tif=TimeInForce.GTC, trigger=950,
    reduce_only=True,
)  # fmt: skip
SELL = Order(id=C, key=1, side=-1, lots=7, intent=2)
HAND = Order("by-hand", 0, 1, 3, OrderType.LIMIT)


def golden() -> list[Record]:
    """The records, of a session that could have been."""
    keys = (Key("main", "sim", "crypto:BTCUSDT"), Key("main", "sim", "crypto:ETHUSDT"))
    at = iter(range(1_700_000_000_000_000_000, 1_800_000_000_000_000_000, 1_000_000))
    row = bytes(range(8))
    return [
        Opened(1, "0a1b2c3d", next(at), "0.2.0", "cpu libm", keys,
               tuple(key.instrument for key in keys), (("USDT", 7, 2), ("USDT", 5, 1))),
        Started(next(at), "0.2.0", "cpu libm", 0),
        Parameters(next(at), "capital: 100000\n", (("rules.py", "ab" * 32),)),
        ModeSet(next(at), Mode.ACTIVE, False, "started"),
        SessionOpened(next(at), 1),
        RowClosed(next(at), 0, 1, row, row, b"\0\0", row, row, b"", row, 2),
        RowDecided(next(at), 0, row, ("cd" * 32,), b"\3\0", row * 2, b"", b"",
                   (10_000_000, 9_000_000, 1_000_000)),
        Intent(next(at), 1, 0, 0, 30, 1000, 50, 3, next(at)),
        OrderApproved(next(at), BUY),
        Accepted(0, A, next(at), next(at), "v1"),
        Filled(0, A, next(at), next(at), "v1", "t1", 1, 20, 1000, 12, False, 999),
        Filled(0, A, next(at), next(at), "v1", "t1", 1, 20, 1000, 12, False, 999),
        Filled(0, A, next(at), next(at), "v1", "t2", 1, 10, 1001, 6, True, 1001),
        Ended(0, A, next(at), next(at), End.FILLED, 30, ""),
        IntentEnded(next(at), 1, 0, "done"),
        OrderApproved(next(at), STOP),
        Accepted(0, B, next(at), next(at), "v2"),
        Tick(next(at), (Quoted(999, 1001, 5, 3, 4), Quoted(0, 0, -1))),
        OrderRefused(next(at), SELL, Refusal.SPREAD, 10.0, 12.5),
        Intent(next(at), 2, 1, 1, -7, 500, 0, 4, next(at)),
        OrderApproved(next(at), SELL),
        NoAnswer(1, C, next(at), next(at), "timed out"),
        Doubted(next(at), C),
        QueryAsked(next(at), C),
        NotFound(1, C, next(at), next(at), next(at)),
        Found(1, C, next(at), next(at), "v3", True, 0, False),
        CancelAsked(next(at), C),
        CancelRefused(1, C, next(at), next(at), "-2011", "unknown order"),
        Rejected(1, "k0a1b2c3d-3-0", next(at), next(at), "-1013", "filter"),
        Unsent(1, "k0a1b2c3d-4-0", next(at), next(at), "killed"),
        Triggered(0, B, next(at), next(at)),
        Filled(0, B, next(at), next(at), "v2", "t3", -1, 30, 948, 18, False, 949),
        Ended(0, B, next(at), next(at), End.FILLED, 30, ""),
        Ended(1, C, next(at), next(at), End.CANCELLED, 0, ""),
        AccountAsked(next(at), 0, "cursor"),
        OpenOrders(0, "", next(at), next(at), ()),
        FillsThrough(0, "", next(at), next(at), "cursor 2"),
        Balances(0, "", next(at), next(at), (("USDT", 9_843_000),), ((1, 5),)),
        Adjusted(next(at), 1, 5, "", 0, "the venue holds it"),
        Adjusted(next(at), -1, 0, "USDT", -40, "the venue's word"),
        Odd(next(at), "a fill of an order that is not ours"),
        Dated(next(at), 2, 0, 5, 0, 1.5),
        Link(0, "", next(at), next(at), False, "silence"),
        Asked(next(at), Verb.KILL, "1000:4711", True),
        ModeSet(next(at), Mode.HALTED, True, "asked for"),
        Routed(next(at), 0, 1, "key 0 is not healthy"),
        Adopted(next(at), HAND, "901"),
        Kept(0, "", next(at), next(at), "ef" * 32),
    ]  # fmt: skip


def main() -> None:
    """Write the journal of the present schema once."""
    folder = FOLDER / f"schema-{SCHEMA}-{len(golden())}"
    if folder.exists():
        sys.exit(f"{folder.name} is there already: it is kept as it was written")
    with_all = open_journal(folder, segment_bytes=SEGMENT)
    for record in golden():
        with_all.append(encode(record))
    with_all.close()
    (folder / "lease").unlink()
    (folder / "spare").unlink()


if __name__ == "__main__":
    main()
