"""A first start that is cut short while it feeds its history goes on where it was."""

from contextlib import closing
from pathlib import Path

import pytest

from kedge.domain.record import decode
from kedge.domain.row import RowClosed, RowDecided
from kedge.ledger.journal.folder import open_journal
from papers import trade, write_configuration

ROWS = 12
SECONDS = 12


def payloads(folder: Path) -> list[bytes]:
    with closing(open_journal(folder)) as journal:
        return [payload for _, payload in journal.read()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """A session that was not cut short: its configuration, and its journal's records."""
    place = tmp_path_factory.mktemp("whole")
    configuration = write_configuration(place / "configuration")
    return configuration, payloads(trade(configuration, place / "session", SECONDS))


def place_of(found: list[bytes], kind: type, row: int) -> int:
    records = enumerate(map(decode, found), 1)
    return next(at for at, r in records if isinstance(r, kind) and r.row == row)


@pytest.mark.parametrize(
    ("kind", "row"), [(RowClosed, 0), (RowClosed, 7), (RowDecided, 7), (RowClosed, ROWS - 1)]
)
def test_its_journal_becomes_the_same(
    whole: tuple[Path, list[bytes]], tmp_path: Path, kind: type, row: int
) -> None:
    configuration, wanted = whole
    cut = place_of(wanted, kind, row)
    folder = tmp_path / "session" / "journal"
    with closing(open_journal(folder)) as journal:
        for payload in wanted[:cut]:
            journal.append(payload)
        journal.commit()
    assert payloads(trade(configuration, tmp_path / "session", SECONDS)) == wanted
