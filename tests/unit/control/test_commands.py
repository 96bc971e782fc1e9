import json
import mmap
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from msgspec.structs import replace

from kedge.domain.control import Asked, Verb
from kedge.domain.reason import Reason
from kedge.domain.status import last_decision
from kedge.engine.latch_file import open_latch
from kedge.interfaces.cli import session_output
from kedge.interfaces.cli.main import main
from kedge.interfaces.control import steer
from kedge.interfaces.control.place import SOCKET, prepare
from kedge.interfaces.control.token import write_token
from kedge.interfaces.tui.brief import LINES
from unit.control.sessions import STATUS, Session, running

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(steer, "CONFIRM_S", 0.3)

    def command(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


FOLDER = Path("out/session")
COMMANDS = ("status", "top", "kill", "flatten", "resume")


@pytest.mark.parametrize("name", COMMANDS)
def test_no_session_is_one_line_and_exit_code_1(name: str, run: Run) -> None:
    code, out, err = run(name)
    assert (code, out) == (1, "")
    assert err == "kedge: no session runs (looked in out; start one with `kedge run`)\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_folder_that_does_not_exist_is_exit_code_2(name: str, run: Run) -> None:
    code, out, err = run(name, "--session", "no/such")
    assert (code, out) == (2, "")
    assert err == "kedge: no/such: no such folder (name the folder of a session)\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_several_sessions_are_named(name: str, run: Run) -> None:
    with running(FOLDER), running(Path("out/other")):
        code, out, err = run(name)
    assert (code, out) == (2, "")
    said = "several sessions run: out/other, out/session (name one with --session)"
    assert err == f"kedge: {said}\n"


def test_one_that_runs_is_meant_beside_others_at_rest(run: Run) -> None:
    with running(Path("out/old")):
        pass
    with running(FOLDER):
        assert run("status", "--json")[0] == 0
    code, _, err = run("kill")
    assert (code, "several sessions at rest: out/old, out/session" in err) == (2, True)


def test_status_for_people_and_for_programs(run: Run) -> None:
    with running(FOLDER) as session:
        session.status = replace(STATUS, why="for a reason")
        code, out, err = run("status")
        assert (code, err) == (0, "")
        assert "100,000.00" in out
        assert "for a reason" in out
        assert len(out.splitlines()) <= LINES
        assert max(len(each) for each in out.splitlines()) <= session_output.BRIEF_WIDTH
        code, out, err = run("status", "--all")
        assert (code, err) == (0, "")
        assert {len(each) for each in out.splitlines()} == {session_output.PLAIN_WIDTH}
        assert all(word in out for word in ("for a reason", "last decisions", "latency", "log"))
        code, out, err = run("status", "--json")
        found = json.loads(out)
        assert (code, err) == (0, "")
        assert found["status"]["equity"] == 100_000.0
        assert found["status"]["positions"] == []
        assert (found["session"], found["held"]) == ("out/session", [])


def test_json_leaves_out_views_that_are_none_and_leftovers_of_fractions(run: Run) -> None:
    bare = last_decision("ABC", 0.1 + 0.2, 0.0, Reason.NONE)
    full = last_decision("XYZ", 1.0, 0.0, Reason.NONE, 12.5, 0.7)
    with running(FOLDER) as session:
        session.status = replace(STATUS, decisions=(bare, full))
        one, other = json.loads(run("status", "--json")[1])["status"]["decisions"]
    assert (one["target"], "confidence" in one, "edge_bps" in one) == (0.3, False, False)
    assert (other["confidence"], other["edge_bps"]) == (0.7, 12.5)


def test_status_of_a_session_that_has_published_nothing(run: Run) -> None:
    with running(FOLDER) as session:
        session.status, session.stage = None, "compiling, 2 of 3"
        said = "the session is starting: compiling, 2 of 3; nothing is published yet"
        assert run("status") == (0, f"out/session: {said}\n", "")
        found = json.loads(run("status", "--json")[1])
        assert (found["status"], found["said"]) == (None, said)


def acting(session: Session) -> Thread:
    """A session that does what it hears, as its engine would."""

    def act() -> None:
        done = 0
        end = time.monotonic() + 5
        while done < 2 and time.monotonic() < end:
            for ask in session.heard[done:]:
                done += 1
                halted = ask.verb is not Verb.RESUME
                if not halted:
                    session.latch.release()
                mode = "HALTED" if halted else "ACTIVE"
                session.status = replace(STATUS, mode=mode, killed=halted, why="asked to")
            time.sleep(0.005)

    thread = Thread(target=act, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("verb", ["kill", "flatten"])
def test_kill_and_flatten_stop_and_resume_goes_on(verb: str, run: Run) -> None:
    with running(FOLDER) as session:
        thread = acting(session)
        code, out, err = run(verb)
        assert (code, err) == (0, "")
        assert out.startswith(f"{verb}: no new risk is sent from now on, a restart included\n")
        assert "out/session is HALTED, killed: asked to" in out
        assert session.latch.closed
        code, out, err = run("resume")
        assert (code, err) == (0, "")
        assert f"{verb} since " in out
        assert f"asked by uid {os.getuid()} pid {os.getpid()}" in out
        assert "out/session is ACTIVE" in out
        assert not session.latch.closed
        thread.join()


def test_engine_that_has_not_acted_yet_is_said(run: Run) -> None:
    with running(FOLDER):
        assert "is ACTIVE (0 positions, 0 working orders); the engine has not" in run("kill")[1]


def test_json_of_a_kill(run: Run) -> None:
    with running(FOLDER):
        code, out, _ = run("kill", "--json")
    found = json.loads(out)
    assert (code, found["asked"], found["by"]) == (0, "kill", "socket")
    assert [each["verb"] for each in found["held"]] == ["KILL"]


@pytest.mark.parametrize("verb", ["kill", "flatten"])
def test_session_at_rest_is_killed_in_its_file(verb: str, run: Run) -> None:
    with running(FOLDER):
        pass
    code, out, err = run(verb)
    assert (code, err) == (0, "")
    assert "no session runs here: its latch is closed, so the next start" in out
    latch = open_latch(FOLDER)
    assert latch.closed
    assert [ask.verb.name.lower() for ask in latch.asks] == [verb]
    assert latch.asks[0].at > 1_600_000_000_000_000_000


@pytest.mark.parametrize("verb", ["kill", "flatten"])
def test_session_that_hangs_is_killed_in_its_file(
    verb: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kedge.interfaces.control import client

    monkeypatch.setattr(client.ask, "__defaults__", (0.2,))
    prepare(FOLDER)
    latch = open_latch(FOLDER)
    write_token(FOLDER, bytes(range(32)))
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(FOLDER / SOCKET))
        deaf.listen(8)
        code, out, err = run(verb)
        assert (code, err) == (0, "")
        assert "did not answer in 0.2 s; its latch is closed in the file" in out
        assert latch.closed  # as the hanging process would see it at its next send
        code, _, err = run("resume")
        assert (code, "did not answer" in err) == (1, True)


def test_stopped_process_is_killed_and_sees_it_when_it_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal
    import subprocess
    import sys

    from kedge.interfaces.control import client

    monkeypatch.setattr(client.ask, "__defaults__", (0.3,))
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[2]); from pathlib import Path\n"
        "from unit.control.sessions import running\n"
        "with running(Path(sys.argv[1])) as session:\n"
        "    print('up', flush=True)\n"
        "    while not session.latch.closed: time.sleep(0.001)\n"
        "    print('closed', flush=True)\n"
        "    while not session.heard: time.sleep(0.001)\n"
        "    print(session.heard[0].who, flush=True)"
    )
    tests = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", code, str(FOLDER), tests], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        child.send_signal(signal.SIGSTOP)
        assert run("kill")[0] == 0
        child.send_signal(signal.SIGCONT)
        assert child.stdout.readline() == "closed\n"
        assert child.stdout.readline().strip()


def test_kill_without_the_right_token_goes_by_the_file(run: Run) -> None:
    with running(FOLDER) as session:
        write_token(FOLDER, bytes(range(32)))  # as if another start had replaced it
        code, out, _ = run("kill")
        assert code == 0
        assert "refused: wrong token; its latch is closed in the file" in out
        assert session.latch.closed
        code, _, err = run("status")
        assert (code, err) == (1, "kedge: out/session: refused: wrong token\n")
        assert run("resume")[0] == 1


def test_kill_on_a_disk_that_fails_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(FOLDER) as session:

        def broken() -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(session.latch, "_sync", broken)
        code, out, _ = run("kill")
        assert code == 0
        assert "a restart may forget it: the latch's file could not be written: Input" in out
        assert "; its latch is closed in the file" in out  # a second try, by the command itself
        assert session.latch.closed
        assert session.heard[0].verb is Verb.KILL


def test_kill_that_no_disk_takes_fails_and_stands(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(mmap.mmap):
        def flush(self, *_: object) -> None:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(mmap, "mmap", Broken)
    with running(FOLDER) as session:
        code, _, err = run("kill")
        assert (code, err) == (
            1,
            "kedge: out/session/latch: could not be synced: Input/output error\n",
        )
        assert session.latch.closed


def test_resume_of_a_session_at_rest_is_refused(run: Run) -> None:
    with running(FOLDER):
        pass
    open_latch(FOLDER).close(Asked(1, Verb.KILL, "x"))
    code, _, err = run("resume")
    assert (code, "no session runs here" in err) == (1, True)
    assert open_latch(FOLDER).closed


def test_top_prints_rows_until_the_session_ends(run: Run) -> None:
    def end_soon(stop: Callable[[], None]) -> None:
        time.sleep(0.6)
        stop()

    guard = running(FOLDER)
    session = guard.__enter__()
    session.status = replace(STATUS, row=41)
    thread = Thread(target=end_soon, args=(lambda: guard.__exit__(None, None, None),))
    thread.start()
    code, out, err = run("top", "--plain")
    thread.join()
    assert (code, err) == (0, "")
    first, last = out.splitlines()
    assert " row 41 ACTIVE equity 100,000.00 USD" in first
    assert last == "out/session: the session has ended"


def test_top_is_left_with_an_interruption(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session_output, "watch", interrupted)
    with running(FOLDER):
        assert run("top") == (0, "", "")


def test_help_of_kill_says_what_may_still_be_done(run: Run) -> None:
    _, out, _ = run("kill", "--help")
    said = " ".join(out.split())
    assert "what strategies decide may still make positions smaller" in said
