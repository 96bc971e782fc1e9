import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Full, Queue, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kedge.domain.control import Asked, Verb
from kedge.domain.errors import InputError
from kedge.domain.status import Happened
from kedge.engine.latch import KillLatch, latch_in_memory
from kedge.engine.latch_file import open_latch
from kedge.interfaces.control import server
from kedge.interfaces.control.client import NoReplyError, NoSessionError, ask, runs
from kedge.interfaces.control.desk import LATER, OUTSIDE, REFUSALS, SWAMPED, Desk
from kedge.interfaces.control.lock import SessionLock
from kedge.interfaces.control.peer import Peer
from kedge.interfaces.control.place import SOCKET, TOKEN, address, prepare
from kedge.interfaces.control.session import controlled
from kedge.interfaces.control.token import write_token
from kedge.interfaces.control.wire import REQUEST_MAX, read_answer, write_request
from kedge.interfaces.running import ASKED, Inbox
from unit.control.sessions import STATUS, Session, running


def say(folder: Path, content: bytes, wait: float = 5.0) -> bytes:
    """Send raw bytes and return everything that comes back."""
    with socket.socket(socket.AF_UNIX) as connection, address(folder) as name:
        connection.settimeout(wait)
        connection.connect(name)
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
        except BrokenPipeError:
            pass
        answer = b""
        while got := connection.recv(65536):
            answer += got
        return answer


def wrong(verb: Verb) -> bytes:
    return write_request(verb, "0" * 64)


def test_files_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "session"
    with running(folder):
        modes = {n: stat.S_IMODE((folder / n).stat().st_mode) for n in os.listdir(folder)}
        assert set(modes.values()) == {0o600}
        assert {SOCKET, TOKEN} < modes.keys()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_folder_that_others_could_enter_is_closed_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "session"
    folder.mkdir(mode=0o755)
    prepare(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_kill_closes_the_latch_before_it_answers_and_is_handed_on(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        answer = ask(tmp_path, Verb.KILL)
        assert (answer.ok, session.latch.closed) == (True, True)
        assert answer.held == session.latch.asks == tuple(session.heard)
        assert session.heard[0].verb is Verb.KILL
        assert session.heard[0].who == f"uid {os.getuid()} pid {os.getpid()}"
    assert open_latch(tmp_path).closed


def test_flatten_lets_no_new_risk_pass_either(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        assert ask(tmp_path, Verb.FLATTEN).ok
        assert session.latch.closed
        assert [each.verb for each in session.heard] == [Verb.FLATTEN]


def test_resume_opens_nothing_by_itself(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        ask(tmp_path, Verb.KILL)
        answer = ask(tmp_path, Verb.RESUME)
        assert [each.verb for each in answer.held] == [Verb.KILL]
        assert session.latch.closed  # until the session has journaled it
        assert session.latch.release()


def test_stop_is_handed_on_and_closes_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        assert ask(tmp_path, Verb.STOP).ok
        assert [each.verb for each in session.heard] == [Verb.STOP]
        assert not session.latch.closed


def test_status_is_the_last_published_value_and_is_not_journaled(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        assert ask(tmp_path, Verb.STATUS).status == STATUS
        session.status = None
        assert ask(tmp_path, Verb.STATUS).status is None
        assert session.heard == []


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder whose syncs cost nothing, where there is one: for what is not about the disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_blocked_main_thread_keeps_nobody_from_killing(in_memory: Path) -> None:
    """Another process kills within 100 ms while this one computes without a pause."""
    code = (
        "import sys, time; from pathlib import Path;"
        "from kedge.domain.control import Verb; from kedge.interfaces.control.client import ask;"
        "clock = time.perf_counter\n"
        "for _ in range(3):\n"
        "    begun = clock(); ask(Path(sys.argv[1]), Verb.KILL); print(clock() - begun)"
    )
    with running(in_memory) as session:
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(in_memory)], stdout=subprocess.PIPE, text=True
        )
        with child:
            while child.poll() is None:  # busy: no sleep, no socket, no event loop
                sum(range(20_000))
            assert child.stdout is not None
            took = [float(line) for line in child.stdout]
        assert session.latch.closed
        assert len(took) == 3
        assert min(took) < 0.1  # the best of three: other tests share the machine


@pytest.mark.parametrize("verb", list(Verb))
def test_wrong_token_is_refused_and_journaled(verb: Verb, tmp_path: Path) -> None:
    with running(tmp_path) as session:
        answer = read_answer(say(tmp_path, wrong(verb)))
        assert (answer.ok, answer.said, answer.status) == (False, "refused: wrong token", None)
        assert not session.latch.closed
        assert [(each.verb, each.granted) for each in session.heard] == [(verb, False)]


@pytest.mark.parametrize("token", ["", "é" * 64, "\ud800", "0" * 63])
def test_odd_tokens_are_wrong_tokens(token: str, tmp_path: Path) -> None:
    with running(tmp_path) as session:
        line = json.dumps({"verb": "KILL", "token": token}).encode()
        assert not read_answer(say(tmp_path, line + b"\n")).ok
        assert not session.latch.closed


def test_other_user_is_refused_even_with_the_token(tmp_path: Path) -> None:
    with running(tmp_path, peer=lambda _: Peer(os.getuid() + 1, 7)) as session:
        answer = ask(tmp_path, Verb.KILL)
        assert (answer.ok, answer.said) == (False, "refused: another user's session")
        assert not session.latch.closed
        assert session.heard[0].who == f"uid {os.getuid() + 1} pid 7"
        assert not session.heard[0].granted


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"kill\n",
        b"[]\n",
        b'{"verb": "KILL"}\n',
        b'{"verb": 1, "token": 2}\n',
        b'{"verb": "EXPLODE", "token": "x"}\n',
        b'{"verb": "KILL", "token": "x", "more": 1}\n',
        b"\xff\xfe\n",
        b"{" * 4000 + b"\n",
        b'{"verb": "KILL", "token": "cut',
    ],
)
def test_malformed_request_gets_one_line(line: bytes, tmp_path: Path) -> None:
    with running(tmp_path) as session:
        answer = say(tmp_path, line)
        if line:
            assert answer.count(b"\n") == 1
            assert not read_answer(answer).ok
        assert ask(tmp_path, Verb.STATUS).ok
        assert (session.heard, session.latch.closed) == ([], False)


def test_huge_request_is_cut_off_with_one_line(tmp_path: Path) -> None:
    with running(tmp_path), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5.0)
        connection.connect(str(tmp_path / SOCKET))
        connection.sendall(b"x" * REQUEST_MAX)
        said = read_answer(connection.recv(65536)).said
        assert said == f"the request is longer than {REQUEST_MAX} bytes"
        assert connection.recv(1) == b""
        assert ask(tmp_path, Verb.STATUS).ok


def desk_of(heard: list[Asked], now: int = 0) -> Desk:
    return Desk("t" * 32, 1, latch_in_memory(), heard.append, lambda: None, lambda: now)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_no_bytes_close_the_latch_or_break_the_desk(line: bytes) -> None:
    heard: list[Asked] = []
    answer = desk_of(heard).answer(line, Peer(1, 2))
    assert (answer.ok, heard) == (False, [])
    assert "\n" not in answer.said


def test_flood_of_wrong_tokens_does_not_flood_the_journal() -> None:
    heard: list[Asked] = []
    desk = desk_of(heard)
    for _ in range(1000):
        assert not desk.answer(wrong(Verb.KILL), Peer(1, 2)).ok
    assert len(heard) == REFUSALS


def test_idle_client_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CLIENT_S", 0.2)
    with running(tmp_path), socket.socket(socket.AF_UNIX) as idle:
        idle.settimeout(5.0)
        idle.connect(str(tmp_path / SOCKET))
        idle.send(b'{"verb"')
        assert idle.recv(1) == b""


def test_idle_clients_keep_nobody_out(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        idle = [socket.socket(socket.AF_UNIX) for _ in range(server.CLIENTS + 8)]
        for each in idle:
            each.connect(str(tmp_path / SOCKET))
        begun = time.perf_counter()
        assert ask(tmp_path, Verb.KILL).ok
        assert time.perf_counter() - begun < 1.0
        assert session.latch.closed
        for each in idle:
            each.close()


def test_many_clients_at_once_are_all_answered(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        verbs = [Verb.STATUS, Verb.KILL, Verb.FLATTEN, Verb.RESUME] * 6
        answers: list[bool] = []
        threads = [
            Thread(target=lambda verb=verb: answers.append(ask(tmp_path, verb).ok))
            for verb in verbs
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [True] * len(verbs)
        assert len(session.heard) == 18


def test_large_status_arrives_whole(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        events = tuple(Happened(n, "x" * 100) for n in range(20_000))
        session.status = replace(STATUS, events=events)
        answer = ask(tmp_path, Verb.STATUS)
        assert answer.status is not None
        assert answer.status.events == events


def test_failing_queue_does_not_stop_the_thread(tmp_path: Path) -> None:
    def broken(_: Asked) -> None:
        raise RuntimeError("full")

    prepare(tmp_path)
    token = write_token(tmp_path, bytes(range(32)))
    latch = open_latch(tmp_path)
    desk = Desk(token, os.getuid(), latch, broken, lambda: STATUS, lambda: 1)
    with server.ControlServer(tmp_path, desk) as control:
        with pytest.raises(NoReplyError):
            ask(tmp_path, Verb.KILL)
        assert latch.closed
        assert ask(tmp_path, Verb.STATUS).ok
        assert control.failure == "RuntimeError: full"


def test_stale_socket_of_a_dead_process_is_replaced(tmp_path: Path) -> None:
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / SOCKET))
    dead.close()
    assert not runs(tmp_path)
    with running(tmp_path):
        assert runs(tmp_path)
        assert ask(tmp_path, Verb.STATUS).ok


def test_second_session_in_a_folder_is_refused_with_one_line(tmp_path: Path) -> None:
    with (
        running(tmp_path),
        pytest.raises(InputError, match=f"runs here already, process {os.getpid()}"),
    ):
        SessionLock(tmp_path)
    SessionLock(tmp_path).close()


def test_closed_socket_is_gone_and_nobody_answers(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    assert not (tmp_path / SOCKET).exists()
    with pytest.raises(NoSessionError, match="no session runs here"):
        ask(tmp_path, Verb.STATUS)


def test_killed_process_leaves_a_folder_that_can_be_started_again(tmp_path: Path) -> None:
    code = (
        "import sys, os, signal; sys.path.insert(0, sys.argv[2]); from pathlib import Path;"
        "from unit.control.sessions import running\n"
        "with running(Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    tests = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", code, str(tmp_path), tests], check=False)
    assert (tmp_path / SOCKET).exists()
    with running(tmp_path):
        assert ask(tmp_path, Verb.STATUS).ok


def test_session_that_hangs_is_said_not_to_answer(tmp_path: Path) -> None:
    prepare(tmp_path)
    write_token(tmp_path, bytes(range(32)))
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / SOCKET))
        deaf.listen(8)
        with pytest.raises(NoReplyError, match=r"did not answer in 0.2 s"):
            ask(tmp_path, Verb.STATUS, 0.2)


def test_path_longer_than_sockets_take_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 90) / ("e" * 90)
    with running(folder):
        assert ask(folder, Verb.STATUS).ok
    with pytest.raises(NoSessionError):
        ask(folder, Verb.STATUS)


def heard_within(session: Session, count: int) -> list[Asked]:
    end = time.monotonic() + 5.0
    while len(session.heard) < count and time.monotonic() < end:
        time.sleep(0.01)
    return session.heard


def test_latch_closed_by_another_process_is_handed_on(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        other = open_latch(tmp_path)
        kill = Asked(3, Verb.KILL, "by hand")
        other.close(kill)
        assert heard_within(session, 1) == [kill]
        time.sleep(0.25)
        assert session.heard == [kill]


def test_latch_closed_by_nobody_knows_whom_is_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as session:
        with (tmp_path / "latch").open("r+b") as file:
            file.write(b"1 by hand")
        assert session.latch.closed
        found = heard_within(session, 1)
        assert [(each.verb, each.who) for each in found] == [(Verb.KILL, OUTSIDE)]


def asking(verb: Verb) -> bytes:
    return write_request(verb, "t" * 32)


def crowded() -> tuple[Desk, KillLatch, Queue[Asked]]:
    """A desk of a session that has room for one request, which is there already."""
    latch: KillLatch = latch_in_memory()
    heard: Queue[Asked] = Queue(1)
    desk = Desk("t" * 32, 1, latch, heard.put_nowait, lambda: None, lambda: 7)
    assert desk.answer(asking(Verb.STOP), Peer(1, 2)).ok
    return desk, latch, heard


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESUME])
def test_requests_beyond_the_bound_are_refused_in_one_line(verb: Verb) -> None:
    desk, _, heard = crowded()
    answer = desk.answer(asking(verb), Peer(1, 2))
    assert (answer.ok, answer.said) == (False, SWAMPED)
    assert heard.qsize() == 1


@pytest.mark.parametrize("verb", [Verb.KILL, Verb.FLATTEN])
def test_a_kill_beyond_the_bound_holds_and_is_told_when_there_is_room(verb: Verb) -> None:
    desk, latch, heard = crowded()
    answer = desk.answer(asking(verb), Peer(1, 2))
    assert latch.closed
    assert (answer.ok, answer.said, len(answer.held)) == (False, LATER, 1)
    desk.look()
    assert heard.get_nowait().verb is Verb.STOP
    desk.look()
    desk.look()
    assert heard.get_nowait().verb is verb
    assert heard.empty()


def test_an_inbox_has_room_for_so_many() -> None:
    inbox = Inbox()
    for number in range(ASKED):
        inbox.hear(Asked(number, Verb.RESUME, "somebody"))
    with pytest.raises(Full):
        inbox.hear(Asked(ASKED, Verb.RESUME, "somebody"))
    assert [each.at for each in inbox.take()] == list(range(ASKED))
    assert inbox.take() == []


def test_token_is_new_at_every_start(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        pass
    with running(tmp_path) as second:
        assert first.token != second.token
        stale = read_answer(say(tmp_path, write_request(Verb.KILL, first.token)))
        assert not stale.ok


def test_token_needs_randomness(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        write_token(tmp_path, b"short")


def test_session_opens_everything_at_once_and_gives_it_back(tmp_path: Path) -> None:
    heard: SimpleQueue[Asked] = SimpleQueue()
    folder = tmp_path / "new" / "session"
    with controlled(folder, bytes(range(32)), heard.put, lambda: STATUS) as control:
        assert (control.held, control.latch.closed) == ((), False)
        assert ask(folder, Verb.STATUS).status == STATUS
        assert ask(folder, Verb.KILL).ok
        assert heard.get(timeout=5).verb is Verb.KILL
        with pytest.raises(InputError, match="runs here already"):
            controlled(folder, bytes(32), heard.put, lambda: None).__enter__()
    with controlled(folder, bytes(range(32)), heard.put, lambda: STATUS) as control:
        assert [each.verb for each in control.held] == [Verb.KILL]
        assert control.latch.closed
        time.sleep(0.25)
        assert heard.empty()  # what was there before is the session's own to take up
