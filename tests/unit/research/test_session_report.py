"""What a session's report says about its last decisions, from a journal that was written once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from golden.make_session import FOLDER
from kedge.domain.forecast import EDGE_BPS, FIELDS
from kedge.domain.reason import MEANING, Reason
from kedge.domain.record import decode
from kedge.domain.row import RowDecided
from kedge.ledger.journal.folder import read_journal
from kedge.research.session.decisions import decisions_of
from kedge.research.session.files import write_report
from kedge.research.session.story import Story


@pytest.fixture(scope="module")
def last() -> RowDecided:
    records = (decode(payload) for _, payload in read_journal(FOLDER).read())
    return [each for each in records if isinstance(each, RowDecided)][-1]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report") / "report"


@pytest.fixture(scope="module")
def result(target: Path) -> dict[str, Any]:
    return write_report(FOLDER, target)


def test_the_last_decision_of_every_instrument_is_the_journals(
    result: dict[str, Any], last: RowDecided
) -> None:
    found = result["decisions"]
    codes = np.frombuffer(last.reasons, np.int8).tolist()
    wanted = np.frombuffer(last.targets, np.int64)
    views = np.frombuffer(last.forecasts).reshape(-1, len(codes), FIELDS)[:, :, EDGE_BPS]
    assert [each["symbol"] for each in found] == result["session"]["symbols"]
    assert [each["reason"] for each in found] == [Reason(code).name for code in codes]
    assert [np.sign(each["target"]) for each in found] == np.sign(wanted).tolist()
    edges = [[view["edge_bps"] for view in each["forecasts"]] for each in found]
    assert np.array_equal(np.array(edges, float).T, views, equal_nan=True)
    assert result["session"]["decided"] == last.at
    assert {each["symbol"]: each["quantity"] for each in result["session"]["positions"]} == {
        each["symbol"]: each["held"] for each in found if each["held"]
    }


def test_the_page_says_what_bound_each(target: Path, result: dict[str, Any]) -> None:
    page = (target / "report.html").read_text("utf-8")
    part = page[page.index('id="decisions"') : page.index('id="trades"')]
    for each in result["decisions"]:
        meaning = MEANING[Reason[each["reason"]]]
        assert f"<td>{meaning[0].upper()}{meaning[1:]}</td>" in part
        assert f"<td>{each['reason']}</td>" in part
        assert part.count(f">{each['symbol']}<") == 1


def test_a_session_that_decided_nothing_has_no_decisions() -> None:
    assert decisions_of(Story(()), ("breakout",)) == []
