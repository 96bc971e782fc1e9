"""``kedge data``: what it prints and returns."""

import json
from pathlib import Path

import pytest

from kedge.interfaces.cli.main import main

ROWS = "date,open,high,low,close,volume\n2024-01-02,10,11,9,10.5,100\n2024-01-04,10,8,9,10.5,0\n"


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store")


@pytest.fixture
def path(tmp_path: Path) -> str:
    target = tmp_path / "AAA.csv"
    target.write_text(ROWS)
    return str(target)


def test_import_prints_what_was_guessed_and_found(
    path: str, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "import", path, "--store", store]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for said in ("AAA", "close = close", "calendar XNYS", "ohlc", "1 bar(s) missing"):
        assert said in shown


def test_import_and_check_speak_json(
    path: str, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "import", path, "--store", store, "--json"]) == 0
    imported = json.loads(capsys.readouterr().out)
    assert imported["imports"][0]["rows"] == 2
    assert main(["data", "check", "--store", store, "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert checked["quality"][0]["counts"] == {"gap": 1, "ohlc": 1, "zero_volume": 1}
    assert checked["findings"] == {"error": 1, "warning": 2, "info": 0}


def test_strict_check_fails_where_there_is_an_error(path: str, store: str) -> None:
    assert main(["data", "import", path, "--store", store]) == 0
    assert main(["data", "check", "AAA", "--store", store]) == 0
    assert main(["data", "check", "AAA", "--store", store, "--strict"]) == 1


def test_check_as_of_a_time_says_what_is_late(
    path: str, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["data", "import", path, "--store", store])
    capsys.readouterr()
    assert main(["data", "check", "--as-of", "2024-01-10", "--store", store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["quality"][0]["counts"]["freshness"] == 3
    assert main(["data", "check", "--as-of", "soon", "--store", store]) == 2
    assert "--as-of: 'soon' is no time" in capsys.readouterr().err


def test_check_of_nothing_names_the_remedy(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", "--store", store]) == 2
    assert "kedge data sample" in capsys.readouterr().err


def test_events_and_universe_are_imported(
    path: str, store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["data", "import", path, "--store", store])
    events, members = tmp_path / "e.csv", tmp_path / "u.csv"
    events.write_text("symbol,kind,date,value\nAAA,split,2024-01-04,2\n")
    members.write_text("symbol,from,to\nAAA,2024-01-01,\n")
    capsys.readouterr()
    assert main(["data", "import", str(events), "--actions", "--store", store]) == 0
    assert "split" in capsys.readouterr().out
    arguments = ["--universe", "top", "--point-in-time", "--store", store, "--json"]
    assert main(["data", "import", str(members), *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"AAA": 1}


def test_sample_reports_what_it_stored(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "sample", "--store", store, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["universes"]["us_five"] == ["AAPL", "IBM", "MSFT", "GOOG", "FB"]
    assert report["splits"] == 3
    assert main(["data", "check", "AAPL", "--store", store]) == 0
    assert "2000-09-29" in capsys.readouterr().out
