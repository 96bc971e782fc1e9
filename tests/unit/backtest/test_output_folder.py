"""Where a result may be written, and that nothing half-written is ever left there."""

import errno
import json
import os
from pathlib import Path

import pytest

from kedge.domain.errors import InputError, RunError
from kedge.interfaces.cli.main import main
from kedge.research import outputs, whole_folder
from kedge.research.outputs import RESULT, Tables, check_target, tables_of, write_result
from kedge.research.run import Run

TEXTS = {RESULT: '{"kedge": "0"}\n', "report.html": "<!DOCTYPE html>"}


@pytest.fixture(scope="module")
def tables(sample_run: Run) -> Tables:
    return tables_of(sample_run)


def test_an_older_result_is_replaced_whole(tmp_path: Path, tables: Tables) -> None:
    out = tmp_path / "out"
    write_result(out, tables, {**TEXTS, RESULT: '{"kedge": "old"}'})
    write_result(out, tables, TEXTS)
    assert json.loads((out / RESULT).read_text()) == {"kedge": "0"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_may_be_used(tmp_path: Path, tables: Tables) -> None:
    write_result(tmp_path / "deep" / "er", tables, TEXTS)
    (tmp_path / "empty").mkdir()
    write_result(tmp_path / "empty", tables, TEXTS)
    assert (tmp_path / "empty" / RESULT).exists()


@pytest.mark.parametrize("name", ["thesis.docx", ".git"])
def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match="no result of kedge"):
        check_target(tmp_path)
    (tmp_path / RESULT).write_text('{"kedge": "0"}')
    with pytest.raises(InputError, match="no result of kedge"):
        check_target(tmp_path)


def test_someone_elses_result_json_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / RESULT).write_text('{"accuracy": 0.9}')
    with pytest.raises(InputError, match="no result of kedge"):
        check_target(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert main(["backtest", "--out", str(taken)]) == 2
    assert "is a file (name a folder for --out)" in capsys.readouterr().err
    assert taken.read_text() == "mine"


@pytest.mark.parametrize("written", range(len(outputs.FILES)))
def test_full_disk_leaves_the_older_result_untouched(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    out = tmp_path / "out"
    write_result(out, tables, {**TEXTS, RESULT: '{"kedge": "old"}'})
    room = iter([True] * written)
    write = whole_folder._durably

    def filling(path: Path, content: bytes) -> None:
        if not next(room, False):
            path.write_bytes(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, content)

    monkeypatch.setattr(whole_folder, "_durably", filling)
    with pytest.raises(RunError, match="no space left on the disk; nothing was written"):
        write_result(out, tables, TEXTS)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert json.loads((out / RESULT).read_text()) == {"kedge": "old"}


def test_an_older_result_that_cannot_be_removed_does_not_fail_the_new_one(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_result(out, tables, {**TEXTS, RESULT: '{"kedge": "old"}'})

    def refuse(path: str, *args: object, **kwargs: object) -> None:
        raise OSError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "unlink", refuse)
    write_result(out, tables, TEXTS)
    monkeypatch.undo()
    assert json.loads((out / RESULT).read_text()) == json.loads(TEXTS[RESULT])


def test_a_result_that_cannot_be_renamed_leaves_the_older_one(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_result(out, tables, {**TEXTS, RESULT: '{"kedge": "old"}'})
    rename = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if target == out and not self.name.endswith(".old"):
            raise OSError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(RunError, match="Permission denied"):
        write_result(out, tables, TEXTS)
    assert json.loads((out / RESULT).read_text()) == {"kedge": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
