"""A session that is killed loses nothing: the short form of two campaigns of `make soak`.

The venue is a server in this process, the session a process of its own that trades on it
through ccxt; where it died is proven by what it left.
"""

import pytest

from kedge.domain.decided import CancelAsked, OrderApproved
from kedge.domain.order import Order, OrderType
from kedge.domain.record import encode
from kedge.ledger.journal.frame import GENESIS, pack
from kills.campaign import campaign
from kills.stages import Stage
from kills.trace import STRACE, calls, judged, traced

NAMED = (Stage.APPENDED, Stage.SYNCED, Stage.SENT, Stage.PARTLY, Stage.SNAPSHOT)
NAME = "k00000001-1-0"
SEND = f'8 sendto(9<socket:[3]>, "POST /api/v3/order HTTP/1.1\\r\\n\\r\\nnewClientOrderId={NAME}"'


def written(*records):
    """A line of a trace that writes records into a segment."""
    frames, chain = b"", GENESIS
    for number, record in enumerate(records, 1):
        frame, chain = pack(number, chain, encode(record))
        frames += frame
    text = "".join(f"\\{byte:03o}" for byte in frames)
    return f'7 pwrite64(5</j/00000000000000000001.segment>, "{text}", {len(frames)}, 64) = 9'


APPROVED = OrderApproved(1, Order(NAME, 0, 1, 5, OrderType.MARKET))
WRITE = written(CancelAsked(1, NAME), APPROVED)
BEGIN = "7 fdatasync(5</j/00000000000000000001.segment> <unfinished ...>"
DONE = "7 <... fdatasync resumed>) = 0"
FAILED = "7 <... fdatasync resumed>) = -1 EIO (Input/output error)"
MARK = '7 pwrite64(6</j/watermark>, "w", 512, 0) = 512'
MARKED = "7 fdatasync(6</j/watermark>) = 0"
GOOD = (WRITE, BEGIN, DONE, MARK, MARKED, SEND)


def test_a_session_that_dies_in_each_stage_loses_nothing(tmp_path):
    done = campaign(len(NAMED), tmp_path / "state", NAMED, 1)
    assert [line for each in done for line in each.findings] == []
    assert {each.stage for each in done if each.proven} == set(NAMED)


def test_a_request_after_its_sync_is_in_order():
    sent = judged(calls(GOOD))
    assert (sent.orders, sent.syncs, sent.early) == (1, 1, ())


@pytest.mark.parametrize(
    "lines",
    [
        (SEND, *GOOD[:-1]),
        (WRITE, SEND, BEGIN, DONE, MARK, MARKED),
        (WRITE, BEGIN, SEND, DONE, MARK, MARKED),
        (WRITE, BEGIN, FAILED, MARK, MARKED, SEND),
        (WRITE, BEGIN, DONE, SEND, MARK, MARKED),
        (WRITE, BEGIN, DONE, MARK, SEND, MARKED),
        (BEGIN, WRITE, DONE, MARK, MARKED, SEND),
        (written(CancelAsked(1, NAME)), BEGIN, DONE, MARK, MARKED, SEND),
        (*GOOD, SEND),
    ],
)
def test_a_request_before_its_sync_or_twice_is_found(lines):
    assert judged(calls(lines)).early == (f"POST {NAME}",)


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
def test_every_request_leaves_after_its_own_sync(tmp_path):
    sent = traced(5, 1, tmp_path)
    assert sent.orders >= 5
    assert sent.syncs > 0
    assert sent.early == ()
