"""Corporate actions and universes from files."""

from pathlib import Path

import numpy as np
import pytest

from kedge.data.dated_import import import_actions, import_universe
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain.errors import DataError
from kedge.domain.panel import EventKind
from kedge.ports.store import Member


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


@pytest.fixture
def store(tmp_path: Path) -> ParquetStore:
    made = ParquetStore(tmp_path / "store")
    made.put_instruments([default_instrument("AAA"), default_instrument("BBB")])
    return made


def write(folder: Path, content: str) -> Path:
    path = folder / "events.csv"
    path.write_text(content)
    return path


def test_every_kind_of_event_is_read(store: ParquetStore, tmp_path: Path) -> None:
    content = (
        "symbol,type,ex_date,value,new_symbol\n"
        "AAA,split,2024-01-02,3:2,\n"
        "AAA,dividend,2024-02-01,0.25,\n"
        "AAA,symbol_change,2024-03-01,,AAB\n"
        "BBB,merger,2024-04-01,55.5,\n"
        "BBB,funding,2024-01-01T08:00:00,-0.0001,\n"
        "EUR,fx,2024-01-01,1.1,\n"
    )
    report = import_actions(
        store, write(tmp_path, content.replace(",2024-01-01,1.1", ",2024-01-01T00:00:00,1.1"))
    )
    assert report.rows == report.added == 6
    split, dividend, rename = store.actions("AAA")
    assert (split.kind, split.a, split.b, split.ts) == (EventKind.SPLIT, 3, 2, ns("2024-01-02"))
    assert dividend.x == 0.25
    assert (rename.kind, rename.symbol) == (None, "AAB")
    funding, deal = store.actions("BBB")
    assert (funding.x, funding.ts) == (-0.0001, ns("2024-01-01T08:00"))
    assert (deal.kind, deal.x) == (EventKind.DEAL, 55.5)
    assert store.actions("EUR")[0].x == 1.1


def test_announcement_time_is_kept(store: ParquetStore, tmp_path: Path) -> None:
    content = "symbol,kind,date,value,available_at\nAAA,split,2024-01-10,2,2023-12-01\n"
    import_actions(store, write(tmp_path, content))
    assert store.actions("AAA")[0].available_at == ns("2023-12-01")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("AAA,slpit,2024-01-02,2", "events.csv:2: unknown kind 'slpit'"),
        ("AAA,split,2024-01-02,two", "'two' is no value"),
        ("AAA,split,2024-01-02,1:0", "'1:0' is no value"),
        ("AAA,split,2024-01-02,-2", "must be above zero"),
        ("AAA,dividend,2024-01-02,0", "must be above zero"),
        ("AAA,dividend,soon,1", "'soon' is no time"),
        ("AAA,symbol_change,2024-01-02,", "needs new_symbol"),
        ("XYZ,split,2024-01-02,2", "no instrument 'XYZ'"),
    ],
)
def test_bad_event_is_one_line_and_stores_nothing(
    row: str, said: str, store: ParquetStore, tmp_path: Path
) -> None:
    path = write(tmp_path, f"symbol,kind,date,value\n{row}\n")
    with pytest.raises(DataError) as caught:
        import_actions(store, path)
    assert said in str(caught.value)
    assert store.actions("AAA") == ()


def test_missing_column_is_named(store: ParquetStore, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no kind column"):
        import_actions(store, write(tmp_path, "symbol,date,value\nAAA,2024-01-02,2\n"))


def test_universe_has_open_and_closed_stays(store: ParquetStore, tmp_path: Path) -> None:
    content = "symbol,from,to\nBBB,2020-01-01,\nAAA,2019-01-01,2021-06-30\n"
    report = import_universe(store, write(tmp_path, content), "top", point_in_time=True)
    assert report.rows == 2
    universe = store.universe("top")
    assert universe.point_in_time
    assert universe.members == (
        Member("AAA", ns("2019-01-01"), ns("2021-06-30")),
        Member("BBB", ns("2020-01-01"), None),
    )


def test_stay_that_ends_before_it_begins_is_refused(store: ParquetStore, tmp_path: Path) -> None:
    path = write(tmp_path, "symbol,from,to\nAAA,2020-01-01,2019-01-01\n")
    with pytest.raises(DataError, match=r"events.csv:2: leaves before it joins"):
        import_universe(store, path, "top", point_in_time=False)
