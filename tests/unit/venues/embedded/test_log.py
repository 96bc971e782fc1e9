"""The embedded venue's log of requests: its room, and what a crash leaves of it."""

import errno
import os

import pytest

from kedge.venues.embedded.files import REQUESTS
from kedge.venues.embedded.log import AHEAD, RequestLog, log_before, read_log
from kedge.venues.embedded.venue import asked_anything
from kedge.venues.simulated.requests import AskDepth, Sent


def lines(count, first=0):
    return [Sent(first + n, first + n, AskDepth(n)) for n in range(count)]


def written(path, some, end=0):
    log = RequestLog(path, end)
    for line in some:
        log.add(line)
    log.close()
    return log.end


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_room_is_taken_ahead_and_tells_of_nothing(tmp_path):
    path = tmp_path / REQUESTS
    assert not asked_anything(tmp_path)
    written(path, [])
    assert path.stat().st_blocks * 512 >= AHEAD
    assert not asked_anything(tmp_path)
    end = written(path, lines(3))
    assert read_log(path) == (lines(3), end)
    assert asked_anything(tmp_path)
    assert log_before(path, 2) == path.read_bytes()[: end * 2 // 3]
    assert path.stat().st_size >= end + AHEAD // 2


def test_room_is_taken_again_before_it_is_used_up(tmp_path):
    path = tmp_path / REQUESTS
    line = Sent(1, 1, AskDepth(1))
    one = written(path, [line])
    log = RequestLog(path, one)
    log.end = AHEAD // 2 + 1  # as after so many lines
    log.add(line)
    log.close()
    assert path.stat().st_size == AHEAD // 2 + 1 + one + AHEAD


def test_a_disk_that_has_become_full_holds_what_was_taken(tmp_path, monkeypatch):
    path = tmp_path / REQUESTS
    end = written(path, lines(2))
    size = path.stat().st_size
    monkeypatch.setattr(os, "posix_fallocate", full)
    end = written(path, lines(1_000, 2), end)
    assert path.stat().st_size == size
    assert len(read_log(path).lines) == 1_002
    end = written(path, lines(20, 1_002), end)
    assert read_log(path) == (lines(2) + lines(1_000, 2) + lines(20, 1_002), end)


@pytest.mark.parametrize("torn", [1, 7, 9, -1])
def test_what_a_crash_cut_short_is_gone_and_leaves_nothing_behind(tmp_path, torn):
    path = tmp_path / REQUESTS
    end = written(path, lines(2))
    after = written(path, lines(1, 2), end)
    whole = path.read_bytes()
    cut = whole[: end + (torn if torn > 0 else after - end + torn)]
    path.write_bytes(cut + b"\xff" * 5 + bytes(100))
    assert read_log(path).end == end
    written(path, [], end)
    assert not any(path.read_bytes()[end:])
    assert written(path, lines(1, 2), end) == after
    assert read_log(path).lines == lines(2) + lines(1, 2)


def test_a_log_of_a_disk_that_takes_no_room_ahead_is_appended_to(tmp_path, monkeypatch):
    path = tmp_path / REQUESTS
    monkeypatch.delattr(os, "posix_fallocate")
    end = written(path, lines(3))
    assert path.stat().st_size == end
    assert read_log(path).lines == lines(3)
