import json
from pathlib import Path

import pytest

from journals import payload
from kedge.interfaces.cli.main import main
from kedge.ledger.journal.folder import open_journal
from kedge.ledger.journal.segment import HEADER, name_of


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    opened = open_journal(tmp_path / "journal", segment_bytes=2048)
    for seq in range(1, 41):
        opened.append(payload(seq))
    opened.close()
    return tmp_path / "journal"


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def test_whole_journal_exits_0(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(journal)]) == 0
    assert "whole, 40 records" in capsys.readouterr().out


def test_damage_exits_1_and_names_record_file_and_offset(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(journal / name_of(1), HEADER + 9)
    assert main(["audit", "verify", str(journal)]) == 1
    out = capsys.readouterr().out
    assert "record 1 is damaged" in out
    assert f"{name_of(1)}, offset {HEADER}" in out
    assert main(["audit", "verify", str(journal), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["whole"], found["records"], found["damage"]["seq"]) == (False, 0, 1)


def test_no_journal_exits_2_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify", str(tmp_path / "none")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "there is no journal" in said.err


def test_lost_watermark_is_damage(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flip(journal / "watermark", 20)
    flip(journal / "watermark", 532)
    assert main(["audit", "verify", str(journal)]) == 1
    assert "neither slot is right" in capsys.readouterr().out
    (journal / "watermark").unlink()
    assert main(["audit", "verify", str(journal)]) == 1
    assert "the watermark is missing" in capsys.readouterr().out
