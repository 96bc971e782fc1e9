import json
from pathlib import Path

import pytest

from kedge.interfaces.cli import checks
from kedge.interfaces.cli.main import main
from kedge.settings import Settings
from kedge.settings.market import Data


def diagnose(
    capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict[str, dict[str, str]]]:
    code = main(["doctor", "--json", *words])
    found = json.loads(capsys.readouterr().out)
    return code, {check["name"]: check for check in found["checks"]}


def test_healthy_installation_has_nothing_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, found = diagnose(capsys)
    assert code == 0
    assert {"Python", "CPU", "numpy", "extra: crypto", "compiled code"} <= found.keys()
    assert found["configuration"]["found"] == "the defaults"
    assert found["store"]["remedy"] == "run `kedge data sample` or `kedge data import`"
    assert not any(check["state"] != "ok" and not check["remedy"] for check in found.values())


def test_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "Python" in capsys.readouterr().out


def test_wrong_configuration_is_found_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("sed: 1\n")
    code, found = diagnose(capsys, str(path))
    assert code == 1
    assert found["configuration"]["state"] == "bad"
    assert found["configuration"]["remedy"] == "did you mean 'seed'?"


def test_cache_folder_that_cannot_be_written_is_to_be_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks.os, "access", lambda *_: False)
    check = checks.cache()
    assert (check.state, check.remedy) == ("bad", "set KEDGE_CACHE_DIR to a folder")


def test_missing_part_of_the_core_is_to_be_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "requires", lambda _: ["numpy>=2", "no-such-part>=1"])
    assert [check.state for check in checks.parts()] == ["ok", "bad"]


def test_store_with_nothing_but_a_lock_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    assert checks.store(Settings(data=Data(store=tmp_path))).state == "absent"
