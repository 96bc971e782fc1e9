"""A paper session from outside: it trades, is steered, killed, goes on, and accounts for all."""

import json
import resource
import signal
import subprocess
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from e2e.sessions import command, environment, kedge, records, session, truth
from kedge.domain.control import Asked, Mode, Started
from kedge.domain.decided import ModeSet, OrderApproved
from kedge.domain.report import Filled

CANARY = "canary-5f2c9a7e41d8"
QUICK = ("--plain", "--speed", 20)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a session that traded, was steered, killed with -9, started again, and ended
    by Ctrl-C; what the steps said lies in ``said.json``.
    """
    where = tmp_path_factory.mktemp("session")
    folder, said = where / "out" / "session", {}
    secret = {"BINANCE_API_KEY": CANARY, "BINANCE_API_SECRET": CANARY}
    with session(folder, where, *QUICK, **secret) as first:
        said["trading"] = first.until(lambda s: s["counters"]["fills"] >= 3)
        second = kedge("run", *QUICK, "--session", folder, where=where)
        said["second"] = [second.returncode, second.stdout, second.stderr]
        for verb in ("kill", "resume", "flatten"):
            done = kedge(verb, "--session", folder, "--json", where=where)
            said[verb] = json.loads(done.stdout)
        said["flat"] = first.until(lambda s: not s["positions"] and s["mode"] == "HALTED")
        kedge("resume", "--session", folder, where=where)
        first.until(lambda s: bool(s["orders"]) and s["mode"] == "ACTIVE")
        said["killed"] = first.end(signal.SIGKILL)
    (where / "first.log").write_bytes(first.log.read_bytes())
    with session(folder, where, *QUICK, **secret) as again:
        said["again"] = again.until(lambda s: s["counters"]["fills"] >= 3)
        said["ended"] = again.end(signal.SIGINT)
        said["log"] = again.log.read_text()
    (where / "said.json").write_text(json.dumps(said))
    return where


def said(told: Path, step: str):
    return json.loads((told / "said.json").read_text())[step]


def test_session_trades_and_says_so(told: Path) -> None:
    status = said(told, "trading")
    assert status["mode"] == "ACTIVE"
    assert status["counters"]["orders"] >= 3
    symbols = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT"}
    assert {d["symbol"] for d in status["decisions"]} == symbols
    assert all(feed["trusted"] for feed in status["feeds"])
    lines = (told / "first.log").read_text().splitlines()
    assert any(" row " in line and "equity" in line for line in lines)


def test_second_session_in_a_folder_is_refused_in_one_line(told: Path) -> None:
    code, out, err = said(told, "second")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "in use by process" in err


def test_kill_resume_and_flatten_reach_it(told: Path) -> None:
    assert said(told, "kill")["mode"] == "HALTED"
    assert said(told, "resume")["mode"] == "ACTIVE"
    assert said(told, "flatten")["mode"] == "HALTED"
    modes = [r.mode for r in records(told / "out/session") if isinstance(r, ModeSet)]
    assert modes[:4] == [Mode.HALTED, Mode.ACTIVE, Mode.HALTED, Mode.ACTIVE]


def test_flatten_closes_every_position(told: Path) -> None:
    status = said(told, "flat")
    assert status["gross"] == 0.0
    assert not [order for order in status["orders"] if order["kind"] != "stop"]


def test_no_new_risk_is_sent_between_kill_and_resume(told: Path) -> None:
    halted, found = False, []
    for record in records(told / "out/session"):
        if isinstance(record, ModeSet):
            halted = record.mode is Mode.HALTED
        elif isinstance(record, OrderApproved) and halted and record.order.side > 0:
            found.append(record)  # the account cannot be short: only a buy adds risk
    assert found == []


def test_session_goes_on_after_kill_9_with_every_order_accounted_for(told: Path) -> None:
    assert said(told, "killed") == -signal.SIGKILL
    kept, there = records(told / "out/session"), truth(told / "out/session")
    assert sum(isinstance(r, Started) for r in kept) == 2
    approved = Counter(r.order.id for r in kept if isinstance(r, OrderApproved))
    assert set(approved.values()) == {1}
    taken = Counter(known.order.id for known in there.orders)
    assert set(taken) <= set(approved)
    assert set(taken.values()) == {1}


def test_a_restart_says_what_it_recovered(told: Path) -> None:
    log = [each["text"] for each in said(told, "again")["events"]]
    assert any(line.startswith("recovered ") for line in log)
    assert any(line.startswith("compared with the venue: ") for line in log)
    assert "recovered" not in (told / "first.log").read_text()
    assert "it goes on ACTIVE" in said(told, "log")


def test_ledger_is_what_the_venue_holds(told: Path) -> None:
    kept, there = records(told / "out/session"), truth(told / "out/session")
    ours = {(r.key, r.trade): r for r in kept if isinstance(r, Filled)}
    theirs = {(f.key, f.trade): f for f in there.fills}
    assert set(ours) == set(theirs)
    lots: Counter[int] = Counter()
    for fill in ours.values():
        lots[fill.key] += fill.side * fill.lots
    assert {k: n for k, n in lots.items() if n} == {k: n for k, n in there.lots.items() if n}
    result = json.loads((told / "out/session/report/result.json").read_text())
    held = {each["symbol"] for each in result["session"]["positions"]}
    assert len(held) == sum(bool(n) for n in there.lots.values())


def test_ctrl_c_ends_gracefully_and_writes_the_report(told: Path) -> None:
    assert said(told, "ended") == 0
    log = said(told, "log")
    assert "ending: Ctrl-C" in log
    assert log.rstrip().endswith("report/report.html")
    folder = told / "out/session/report"
    page = (folder / "report.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "http://" not in page.replace("http://www.w3.org", "")
    result = json.loads((folder / "result.json").read_text())
    fills = pl.read_parquet(folder / "fills.parquet")
    assert len(fills) == result["metrics"]["fills"] >= 6
    assert 0.0 < result["metrics"]["answer_p50_s"] <= result["metrics"]["answer_p99_s"] < 5.0
    assert fills.columns[:9] == [
        "fill_id", "ts", "symbol", "side", "quantity", "price", "fee", "slippage_bps", "reason",
    ]  # fmt: skip
    equity = pl.read_parquet(folder / "equity.parquet")
    assert equity.columns == ["ts", "equity", "cash", "gross", "net", "drawdown"]
    assert len(equity) == result["session"]["rows"]
    working = [known for known in truth(told / "out/session").open if not known.order.protective]
    assert working == []


def test_journal_is_whole_and_every_decision_is_derived_again(told: Path) -> None:
    journal = told / "out/session/journal"
    verified = kedge("audit", "verify", journal, where=told)
    assert verified.returncode == 0, verified.stdout
    replayed = kedge("replay", journal, "--json", where=told)
    assert replayed.returncode == 0, replayed.stdout


def test_refused_token_and_requests_are_in_the_journal(told: Path) -> None:
    verbs = Counter(r.verb.name for r in records(told / "out/session") if isinstance(r, Asked))
    assert verbs == {"KILL": 1, "RESUME": 2, "FLATTEN": 1, "STOP": 1}


def test_canary_secret_is_nowhere(told: Path) -> None:
    files = [path for path in told.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


def test_folder_that_cannot_be_one_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = kedge("run", *QUICK, "--session", "file", where=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "kedge: file: cannot hold a session: File exists\n"


def test_disk_without_room_is_one_line(tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: no segment can be allocated."""
    done = subprocess.run(
        command("run", *QUICK, "--session", "full"), cwd=tmp_path, env=environment(),
        capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16)),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "the journal could not be opened" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--live"], "the embedded venue has no real money to trade"),
        (["--speed", "0"], "0 is no speed"),
        (["--speed", "nan"], "nan is no speed"),
        (["--duration", "-1"], "-1 is no duration"),
        (["missing.yaml"], "missing.yaml"),
    ],
)
def test_what_cannot_be_meant_is_one_line(words: list[str], said: str, tmp_path: Path) -> None:
    done = kedge("run", *words, where=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
