"""Symbols change owners and instruments change symbols; a look-up knows its time."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kedge.data.contents import describe, find
from kedge.data.dated_import import import_actions, import_universe
from kedge.data.importers import ImportSpec, import_bars
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain.errors import DataError
from kedge.interfaces.cli.main import main
from kedge.ports.store import Action

BARS = "date,open,high,low,close,volume\n2020-01-02,10,11,9,10,100\n2023-01-03,12,13,11,12,100\n"
RENAME = "symbol,kind,date,new_symbol\nFB,symbol_change,2022-06-09,META\n"


def ns(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 10**9


def renamed(entity: str, day: str, symbol: str, known: str = "") -> Action:
    return Action(id=entity, kind=None, ts=ns(day), available_at=ns(known or day), symbol=symbol)


def listed(store: ParquetStore, *ids: str) -> None:
    store.put_instruments([default_instrument(each) for each in ids])


def id_at(store: ParquetStore, symbol: str, day: str) -> str | None:
    found = store.instrument_at(symbol, ns(day))
    return None if found is None else found.id


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def store(tmp_path: Path) -> ParquetStore:
    """Facebook's shares: imported as FB, and called META from 2022-06-09."""
    made = ParquetStore(tmp_path / "store")
    import_bars(made, file(tmp_path, "FB.csv", BARS), ImportSpec(interval="1d"))
    import_actions(made, file(tmp_path, "events.csv", RENAME))
    return made


def test_old_symbol_names_the_instrument_before_the_change_and_the_new_one_after(
    store: ParquetStore,
) -> None:
    assert (id_at(store, "FB", "2022-06-08"), id_at(store, "META", "2022-06-08")) == ("FB", None)
    assert (id_at(store, "FB", "2022-06-09"), id_at(store, "META", "2022-06-09")) == (None, "FB")


def test_present_name_is_understood_without_a_time(store: ParquetStore) -> None:
    assert store.instrument("META").id == store.instrument("FB").id == "FB"


def test_change_counts_only_once_it_is_known(store: ParquetStore) -> None:
    store.put_actions([renamed("FB", "2024-01-10", "XYZ", known="2024-01-20")])
    assert (id_at(store, "META", "2024-01-15"), id_at(store, "XYZ", "2024-01-15")) == ("FB", None)
    assert (id_at(store, "META", "2024-01-20"), id_at(store, "XYZ", "2024-01-20")) == (None, "FB")


def test_change_that_is_learnt_late_does_not_undo_a_later_one(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    listed(store, "A")
    store.put_actions(
        [renamed("A", "2020-01-01", "B", "2023-01-01"), renamed("A", "2021-01-01", "C")]
    )
    assert id_at(store, "C", "2024-01-01") == "A"
    assert id_at(store, "B", "2024-01-01") is None


def test_symbol_that_a_change_brought_is_not_borne_before(tmp_path: Path) -> None:
    """A file named META holds history from before that name."""
    store = ParquetStore(tmp_path)
    listed(store, "META")
    store.put_actions([renamed("META", "2022-06-09", "META")])
    assert id_at(store, "META", "2020-01-02") is None
    assert describe(store, store.instrument("META"), ns("2020-01-02")).symbol is None
    store.put_actions([renamed("META", "2012-05-18", "FB")])
    assert id_at(store, "FB", "2020-01-02") == "META"
    assert id_at(store, "META", "2022-06-09") == "META"


def test_reused_symbol_names_whoever_bore_it_then(store: ParquetStore) -> None:
    """A fund took over the symbol FB; of two at one time neither is guessed."""
    fund = msgspec.structs.replace(default_instrument("fund.1"), symbol="FB")
    store.put_instruments([msgspec.structs.replace(fund, listed_ns=ns("2025-01-02"))])
    assert id_at(store, "FB", "2020-01-02") == "FB"
    assert id_at(store, "FB", "2024-01-02") is None
    assert id_at(store, "FB", "2025-01-02") == "fund.1"
    store.put_instruments([fund])
    with pytest.raises(DataError, match=r"names several instruments \(use FB, fund\.1\)"):
        id_at(store, "FB", "2020-01-02")


def test_delisted_instrument_gives_its_symbol_back(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    plain = msgspec.structs.replace(default_instrument("wm.1"), symbol="WM")
    store.put_instruments([msgspec.structs.replace(plain, delisted_ns=ns("2008-09-26"))])
    assert id_at(store, "WM", "2008-09-26") == "wm.1"
    assert id_at(store, "WM", "2008-09-27") is None


def test_universe_is_read_by_the_symbols_of_its_time(store: ParquetStore, tmp_path: Path) -> None:
    fund = msgspec.structs.replace(default_instrument("fund.1"), symbol="FB")
    store.put_instruments([msgspec.structs.replace(fund, listed_ns=ns("2025-01-02"))])
    rows = "symbol,from,to\nFB,2020-01-02,2021-01-01\nMETA,2023-01-03,\nFB,2025-06-02,\n"
    import_universe(store, file(tmp_path, "u.csv", rows), "u", point_in_time=True)
    assert [each.id for each in store.universe("u").members] == ["FB", "FB", "fund.1"]


def test_events_are_read_by_the_symbols_of_their_time_and_again(
    store: ParquetStore, tmp_path: Path
) -> None:
    rows = "symbol,kind,date,value\nFB,split,2021-01-04,2\nMETA,dividend,2023-01-03,0.5\n"
    assert import_actions(store, file(tmp_path, "more.csv", rows)).added == 2
    assert {each.id for each in store.actions("FB")} == {"FB"}
    assert import_actions(store, tmp_path / "events.csv").added == 0


def test_look_up_takes_an_id_and_refuses_what_nobody_was_called(store: ParquetStore) -> None:
    assert find(store, "FB", ns("2024-01-02")).id == "FB"  # an id stays one
    with pytest.raises(DataError, match="nothing was called 'META' at 2020-01-02"):
        find(store, "META", ns("2020-01-02"))


def test_command_shows_an_instrument_by_its_old_symbol(
    store: ParquetStore, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--store", str(store.folder)]
    assert main(["data", "show", "FB", "--as-of", "2022-06-08", "--json", *where]) == 0
    (held,) = json.loads(capsys.readouterr().out)["instruments"]
    assert (held["id"], held["symbol"], held["events"]) == ("FB", "FB", {})
    assert held["bars"][0] == {
        "interval": "1d",
        "bars": 1,
        "first": "2020-01-02T00:00:00Z",
        "last": "2020-01-02T00:00:00Z",
    }
    assert main(["data", "show", "META", "--as-of", "2023-01-04", *where]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "FB META 1d 2 2020-01-02 2023-01-03 symbol_change 1" in shown
    assert "FB was called FB, META since 2022-06-09" in shown


def test_command_lists_everything_and_says_what_is_missing(
    store: ParquetStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed(store, "ZZZ")
    assert main(["data", "show", "--store", str(store.folder)]) == 0
    assert "ZZZ ZZZ - 0 - - none" in " ".join(capsys.readouterr().out.split())
    assert main(["data", "show", "NONE", "--store", str(store.folder)]) == 2
    assert main(["data", "show", "--store", str(tmp_path / "empty")]) == 2
    assert "kedge data sample fills it" in capsys.readouterr().err
