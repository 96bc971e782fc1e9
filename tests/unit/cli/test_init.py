import errno
import re
from io import StringIO
from pathlib import Path

import pytest

from kedge.domain.errors import ConfigError
from kedge.interfaces.cli.init import write_new
from kedge.interfaces.cli.main import main
from kedge.interfaces.cli.run_choice import choose
from kedge.settings import Settings, load_settings


def test_written_configuration_loads_as_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert "kedge.yaml written" in capsys.readouterr().out
    assert load_settings(Path("kedge.yaml"), environment={}).hash == Settings().hash


def test_what_it_says_to_change_for_a_session_is_all_that_a_session_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    said, path = capsys.readouterr().out, Path("kedge.yaml")
    told = re.search(r"write `(interval: \w+)` instead of `1d` first", said)
    assert told is not None
    assert "then run `kedge run kedge.yaml`" in said
    written = path.read_text()
    assert f"`{told[1]}`" in written.partition("\ndata:")[0]
    with pytest.raises(ConfigError, match="300 rows of 1d"):
        choose(path, False, 1.0, None)
    path.write_text(written.replace("\n  interval: 1d ", f"\n  {told[1]} "))
    assert choose(path, False, 1.0, None).settings.session.warm_up == 300


def test_existing_file_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 3\n")
    assert main(["init", str(path)]) == 2
    assert path.read_text() == "seed: 3\n"
    assert "mine.yaml: exists already (name another file or remove it)" in capsys.readouterr().err


def test_missing_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "no" / "x.yaml")]) == 2
    assert "no such folder (make it first)" in capsys.readouterr().err


class Full(StringIO):
    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_leaves_no_half_written_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.yaml"

    def opened(self: Path, *_: object, **__: object) -> Full:
        self.touch()
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(OSError, match="No space left"):
        write_new(path, "seed: 1\n")
    assert not path.exists()
