from hashlib import blake2b
from struct import pack as packed
from zlib import crc32

import pytest

from kedge.ledger.journal.frame import GENESIS, fault, first_set, framed, pack, unpack, walk


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 200])
def test_frame_lies_as_documented(size: int) -> None:
    payload = bytes(range(1, 1 + size)) if size < 200 else b"x" * size
    frame, chain = pack(5, b"c" * 16, payload)
    linked = blake2b(b"c" * 16 + packed("<Q", 5) + payload, digest_size=16).digest()
    rest = packed("<Q", 5) + linked + payload
    padded = rest + bytes(-len(rest) % 8)
    assert frame == packed("<II", len(rest), crc32(padded, len(rest))) + padded
    assert chain == linked
    assert len(frame) == framed(size)
    assert len(frame) % 8 == 0


def test_frame_reads_back_as_it_was_packed() -> None:
    frame, chain = pack(5, b"c" * 16, b"payload")
    found = unpack(b"before.." + frame, 8)
    assert found == (5, chain, b"payload", 8 + len(frame))


@pytest.mark.parametrize("at", range(48))
def test_any_changed_byte_of_a_frame_is_found(at: int) -> None:
    frame, _ = pack(1, GENESIS, b"payload..x")
    for mask in (1, 128, 255):
        changed = bytearray(frame)
        changed[at] ^= mask
        assert list(walk(bytes(changed), 0, 0, GENESIS)) == []


def test_frame_of_another_journal_does_not_follow() -> None:
    frame, _ = pack(1, b"o" * 16, b"payload")
    assert list(walk(frame, 0, 0, GENESIS)) == []
    assert "chain" in fault(frame, 0, 0)


def test_frame_out_of_order_is_named() -> None:
    frame, _ = pack(3, GENESIS, b"payload")
    assert "record 3" in fault(frame, 0, 0)


def test_first_byte_that_is_not_zero_is_found() -> None:
    assert first_set(bytes(100), 0) == -1
    assert first_set(bytes(50) + b"x" + bytes(3), 7) == 50
    assert first_set(b"x" + bytes(50), 1) == -1


def test_frame_cut_short_is_none() -> None:
    frame, _ = pack(1, GENESIS, b"payload")
    assert all(unpack(frame[:n], 0) is None for n in range(len(frame)))
