"""Whatever bytes a file holds, the import ends in a report or in a data error, never in another."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kedge.data.dated_import import import_actions, import_universe
from kedge.data.importers import ImportSpec, import_bars
from kedge.data.quality.check import check_instrument
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain.errors import DataError

CELL = st.one_of(
    st.sampled_from(
        [
            *("", "nan", "0", "-1", "10", "10.5", "1,5", "1.000,5", "1e400", "1e-300", "inf", "x"),
            *(
                "99999999999999999999",
                "2024-01-02",
                "2024-01-03T10:00Z",
                "01.02.2024",
                "1704153600",
            ),
            *("20240102", "24:00", '"', "''", "\u20ac5", "9" * 30, "0x10", "1K", "-", "2024-13-01"),
            *("2024-01-02 25:00", "9999-12-31", "0001-01-01", "1704153600.5", "1_000", "AAA"),
        ]
    ),
    st.text(max_size=6),
    st.floats().map(str),
    st.integers().map(str),
)
HEADER = st.sampled_from(
    ["ts,close", "date,open,high,low,close,volume", "Date;Close;Adj Close", "time,symbol,close"]
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    header = draw(HEADER)
    separator = ";" if ";" in header else ","
    width = header.count(separator) + 1
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=6))
    lines = [header, *(separator.join(row) for row in rows)]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def survive(content: bytes, suffix: str, interval: str, venue: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"BTCUSDT{suffix}"
        path.write_bytes(content)
        store = ParquetStore(Path(folder) / "store")
        try:
            reports = import_bars(store, path, ImportSpec(interval=interval, venue=venue))
        except DataError:
            return
        for each in reports:
            assert check_instrument(store, each.id, interval).rows == each.rows


@settings(max_examples=150, deadline=None)
@given(
    content=tables(), interval=st.sampled_from(["1d", "5m"]), venue=st.sampled_from(["", "binance"])
)
@example(content=b"ts,close\n2024-01-02,1e300\n", interval="1d", venue="")
@example(content=b"ts,close\n2024-01-02,1e-300\n", interval="1d", venue="binance")
@example(content=b"ts,close\n9999-12-31,1\n", interval="1d", venue="")
@example(content=b"ts,close\n0001-01-01,1\n", interval="1d", venue="binance")
@example(content=b"ts,close\n2024-01-02,0\n2024-01-03,0\n", interval="1d", venue="")
def test_any_table_is_imported_or_refused_in_one_line(
    content: bytes, interval: str, venue: str
) -> None:
    survive(content, ".csv", interval, venue)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200), suffix=st.sampled_from([".csv", ".parquet", ".csv.gz"]))
@example(content=b"\x1f\x8b", suffix=".csv.gz")
@example(content=b"PAR1", suffix=".csv")
@example(content=b"PAR1" * 4, suffix=".parquet")
def test_any_bytes_are_refused_in_one_line(content: bytes, suffix: str) -> None:
    survive(content, suffix, "1d", "")


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=4), universe=st.booleans())
def test_any_events_and_members_are_stored_or_refused(
    rows: list[tuple[str, str, str]], universe: bool
) -> None:
    head = "symbol,from,to" if universe else "symbol,date,value,kind"
    kinds = ["", ",split", ",dividend", ",deal", ",fx"]
    lines = [
        f"AAA,{row[1]},{row[2]}" + ("" if universe else kinds[1 + at % 4])
        for at, row in enumerate(rows)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        path.write_bytes("\n".join([head, *lines]).encode("utf-8", "surrogatepass"))
        store = ParquetStore(Path(folder) / "store")
        store.put_instruments([default_instrument("AAA")])
        with suppress(DataError):
            if universe:
                import_universe(store, path, "u", point_in_time=False)
            else:
                import_actions(store, path)
