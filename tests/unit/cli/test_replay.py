"""``kedge replay``: exit codes, what is said, and that nothing is touched."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from kedge.domain.control import Parameters, Started
from kedge.domain.decided import Intent
from kedge.interfaces.cli.main import main
from kedge.ledger.journal.segment import HEADER, name_of
from replays import changed, flipped, on_disk, place_of, records, with_a_forecast


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return on_disk(records(), tmp_path / "journal")


def state(folder: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_equal_journal_exits_0_and_is_not_touched(journal, capsys):
    before = state(journal)
    assert main(["replay", str(journal)]) == 0
    said = capsys.readouterr()
    assert f"{journal}: equal: " in said.out
    changes = sum(isinstance(each, Parameters) for each in records()) - 1
    assert changes > 0
    assert f"{changes} changes of parameters" in said.out
    assert said.err == ""
    assert state(journal) == before


def test_json_is_for_programs(journal, capsys):
    assert main(["replay", str(journal), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["equal"] is True
    assert found["same_platform"] is True
    assert found["records"] == len(records())
    assert found["first"] is None


def test_a_difference_exits_1_and_names_the_record_first(tmp_path, capsys):
    found = records()
    at = with_a_forecast(found)
    other = changed(found, at, forecasts=flipped(found[at].forecasts, 0, "i8"))
    journal = on_disk(other, tmp_path / "journal")
    assert main(["replay", str(journal)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{journal}: different: ")
    assert lines[1].startswith(f"record {at + 1}: row ")
    assert "forecast of strategy 0 for C0USDT" in lines[1]
    assert main(["replay", str(journal), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["first"]["record"] == at + 1


def test_from_a_later_record_on_the_difference_is_folded(tmp_path, capsys):
    found = records()
    at = with_a_forecast(found)
    other = changed(found, at, forecasts=flipped(found[at].forecasts, 0, "i8"))
    journal = on_disk(other, tmp_path / "journal")
    assert main(["replay", str(journal), "--from", str(at + 2)]) == 0
    assert "were folded as read" in capsys.readouterr().out


def test_a_journal_of_another_platform_is_never_passed_over_in_silence(tmp_path, capsys):
    found = records()
    at = with_a_forecast(found)
    found = changed(found, at, forecasts=flipped(found[at].forecasts, 0, "i8"))
    found = changed(found, 0, platform="Somewhere else, numpy 1")
    journal = on_disk(found, tmp_path / "journal")
    assert main(["replay", str(journal)]) == 0
    out = capsys.readouterr().out
    assert "equal but for floats of another platform" in out
    assert "recorded on another platform: Somewhere else" in out
    assert f"largest difference of a float: 1.1e-16 of its size, record {at + 1}" in out or (
        "e-16 of its size" in out
    )


def test_a_torn_end_is_said(tmp_path, capsys):
    found = records()
    journal = on_disk(found[: place_of(found, Intent)], tmp_path / "journal")
    assert main(["replay", str(journal)]) == 0
    assert "not decided to the end" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--from", "1000000"]])
def test_what_cannot_be_replayed_exits_2_with_one_line(arguments, journal, tmp_path, capsys):
    where = journal if arguments else tmp_path / "none"
    assert main(["replay", str(where), *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


def test_a_damaged_journal_exits_2_and_names_the_record(journal, capsys):
    path = journal / name_of(1)
    data = bytearray(path.read_bytes())
    data[HEADER + 40] ^= 1
    path.write_bytes(data)
    assert main(["replay", str(journal)]) == 2
    assert "record 1" in capsys.readouterr().err


def test_a_journal_without_parameters_exits_2(tmp_path, capsys):
    journal = on_disk(
        [records()[0], next(r for r in records() if isinstance(r, Started))], tmp_path / "j"
    )
    assert main(["replay", str(journal)]) == 2
    assert "no parameters" in capsys.readouterr().err
