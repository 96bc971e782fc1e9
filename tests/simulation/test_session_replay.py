"""A session with a strategy of the user's: its replay derives it again, or names the file.

With ``KEDGE_LONG=1`` the session lasts an hour.
"""

import os
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kedge.bootstrap import wiring
from kedge.domain.control import Parameters, Started
from kedge.domain.decided import OrderApproved
from kedge.domain.instrument import Instrument
from kedge.domain.record import Record
from kedge.domain.report import Filled
from kedge.engine.rules_of import position_cap
from kedge.interfaces.cli.main import main
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, read_journal
from kedge.ledger.journal.upcast import records
from kedge.settings import Settings
from papers import RULES, trade, write_configuration

SECOND_RULES = RULES.replace("80.0", "60.0")
HALF_S = 1_800 if os.environ.get("KEDGE_LONG") == "1" else 150
"""Of the session's own time, before its limit and its file change and after."""


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session that was started twice: the second time with another limit and another file."""
    folder = tmp_path_factory.mktemp("session")
    configuration = write_configuration(folder / "configuration")
    trade(configuration, folder / "session", HALF_S)
    configuration.with_name("mine").joinpath("rules.py").write_text(SECOND_RULES)
    found = trade(configuration, folder / "session", HALF_S, {"sizing.kelly_fraction": 0.1})
    shutil.rmtree(configuration.parent)  # a replay needs nothing but the journal's folder
    return found


@pytest.fixture
def copy(journal: Path, tmp_path: Path) -> Path:
    shutil.copytree(journal, tmp_path / "journal")
    return tmp_path / "journal"


def held(journal: Path) -> list[Record]:
    return [record for _, record in records(read_journal(journal))]


def forget(journal: Path, text: str) -> None:
    """Take a file that was kept with the journal away."""
    contents = Contents(SystemDisk(journal / CONTENTS))
    (name,) = [each for each in contents.names() if contents.get(each) == text.encode()]
    (journal / CONTENTS / name).unlink()


def test_a_session_with_a_new_limit_and_a_new_file_is_derived_again(journal, capsys):
    found = held(journal)
    assert sum(isinstance(r, Started) for r in found) == 2
    first, second = (r for r in found if isinstance(r, Parameters))
    assert dict(first.files)["mine/rules.py"] != dict(second.files)["mine/rules.py"]
    assert any(isinstance(r, OrderApproved) for r in found)
    assert any(isinstance(r, Filled) for r in found)
    assert main(["replay", str(journal)]) == 0
    assert "equal: " in capsys.readouterr().out


def test_a_missing_user_file_is_named_in_one_line(copy, capsys):
    forget(copy, RULES)
    assert main(["replay", str(copy)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("kedge: mine/rules.py: a file that the journal's decisions rest on")
    assert said.count("\n") == 1


def test_the_file_of_a_later_change_is_missed_where_it_takes_effect(copy, capsys):
    forget(copy, SECOND_RULES)
    assert main(["replay", str(copy)]) == 2
    assert "mine/rules.py" in capsys.readouterr().err


def test_a_changed_user_file_is_named(copy, tmp_path, capsys):
    forget(copy, RULES)
    work = write_configuration(tmp_path / "work")
    (work.parent / "mine" / "rules.py").write_text(RULES + "\n# harmless\n")
    assert main(["replay", str(copy), "--files", str(work.parent)]) == 2
    assert "mine/rules.py" in (said := capsys.readouterr().err)
    assert "has changed" in said


def test_a_rule_of_the_step_of_one_ulp_more_is_a_difference(journal, monkeypatch, capsys):
    rules_of = wiring.rules_of

    def turned(*given: object) -> object:
        rules = rules_of(*given)  # type: ignore[arg-type]
        more = float(np.nextafter(rules.kelly_fraction, 1.0))
        return msgspec.structs.replace(rules, kelly_fraction=more)

    monkeypatch.setattr(wiring, "rules_of", turned)
    assert main(["replay", str(journal)]) == 1
    assert "record " in capsys.readouterr().out.splitlines()[1]


def test_a_rule_of_the_gate_of_one_ulp_more_is_a_difference(journal, monkeypatch, capsys):
    def turned(settings: Settings, instrument: Instrument) -> float:
        return float(np.nextafter(position_cap(settings, instrument), 1.0))

    monkeypatch.setattr("kedge.bootstrap.gate.position_cap", turned)
    assert main(["replay", str(journal)]) == 1
    assert "numbers that the parameters came to" in capsys.readouterr().out
