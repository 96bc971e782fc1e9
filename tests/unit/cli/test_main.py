import errno
import subprocess
import sys
from pathlib import Path

import pytest
from typer import Abort

from kedge import __version__
from kedge.domain.errors import ConfigError, RunError
from kedge.interfaces.cli import lazy, version
from kedge.interfaces.cli.errors import report
from kedge.interfaces.cli.main import main

HEAVY = ("numpy", "numba", "polars", "pandas", "duckdb", "pydantic", "scipy", "yaml")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from kedge.interfaces.cli.main import main; code = main(['--help']);"
        f"sys.stderr.write(','.join(m for m in {HEAVY} if m in sys.modules)); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "doctor" in done.stdout


@pytest.mark.parametrize("name", lazy.LazyGroup(name="kedge").commands)
def test_every_listed_command_exists_and_has_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--help"]) == 0
    assert f"kedge {name}" in capsys.readouterr().out


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == main(["--version"]) == 0
    assert capsys.readouterr().out == f"kedge {__version__}\n" * 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["docter"], "No such command 'docter'. Did you mean 'doctor'? (see `kedge --help`)"),
        (["init", "--foo"], "No such option: --foo (see `kedge init --help`)"),
        (["--foo"], "No such option: --foo (see `kedge --help`)"),
        (["data", "import"], "Missing argument 'path' (see `kedge data import --help`)"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err == f"kedge: {says}\n"


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def command() -> None:
        raise error

    monkeypatch.setattr(version, "command", command)


class Panic(BaseException):
    """Like what a compiled library raises: no `Exception`."""


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ConfigError("x is wrong", "f:1", "mend it"), 2, "f:1: x is wrong (mend it)"),
        (RunError("could not\nfinish"), 1, "could not finish"),
        (OSError(errno.ENOSPC, "No space left", "out/fills"), 1, "out/fills: no space left on"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Abort(), 1, "aborted"),
        (Panic("died\nhere"), 1, "unexpected Panic: died here (a defect: report it"),
        (ValueError("odd\nthing"), 1, "unexpected ValueError: odd thing (a defect: report it"),
    ],
)
def test_exception_becomes_one_line_and_its_exit_code(
    error: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("KEDGE_DEBUG", raising=False)
    raising(error, monkeypatch)
    assert main(["version"]) == code
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert written.startswith(f"kedge: {line}")


@pytest.mark.parametrize(
    ("code", "exits", "line"),
    [
        (None, 1, "kedge: stopped before the command was done\n"),
        (0, 1, "kedge: stopped before the command was done\n"),
        (3, 3, ""),
        ("gave\nup", 1, "kedge: gave up\n"),
    ],
)
def test_file_that_ends_the_process_is_heard(
    code: str | int | None,
    exits: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raising(SystemExit(code), monkeypatch)
    assert main(["version"]) == exits
    assert capsys.readouterr().err == line


def test_traceback_is_for_those_who_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEDGE_DEBUG", "1")
    raising(ZeroDivisionError("oops"), monkeypatch)
    assert main(["version"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_reader_that_leaves_early_is_no_error() -> None:
    code = "import sys; from kedge.interfaces.cli.main import main; sys.exit(main(['--help']))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_full_disk_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(OSError(errno.EDQUOT, "Disk quota exceeded", str(tmp_path / "x"))) == 1
    assert "x: no space left on the disk (free some" in capsys.readouterr().err
