"""The offline sample: real stocks out of installed packages."""

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from kedge.data import sample
from kedge.data.panels import load_universe
from kedge.data.sample import FIVE, TWENTY, SampleReport, import_sample
from kedge.data.store import ParquetStore
from kedge.domain.errors import DataError
from kedge.domain.panel import CLOSE, HIGH, LOW, EventKind, Panel
from support import skip_or_fail


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[ParquetStore, SampleReport]:
    if find_spec("skfolio") is None:
        skip_or_fail("data", "skfolio is not installed")
    store = ParquetStore(tmp_path_factory.mktemp("sample"))
    return store, import_sample(store)


@pytest.fixture(scope="module")
def five(filled: tuple[ParquetStore, SampleReport]) -> Panel:
    return load_universe(filled[0], FIVE, "1d")


def test_interrupted_sample_is_not_taken_as_done(
    tmp_path: Path, filled: tuple[ParquetStore, SampleReport]
) -> None:
    last = filled[1].universes[TWENTY][-1]

    def interrupted(symbol: str) -> None:
        if symbol == last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_sample(ParquetStore(tmp_path), interrupted)
    makefile = Path(__file__).parents[3] / "Makefile"
    done = re.search(r"^backtest: .*store/(\S+)", makefile.read_text(), re.MULTILINE)
    assert done is not None
    assert (filled[0].folder / done[1]).is_file()
    assert not (tmp_path / done[1]).exists()


def date(panel: Panel, text: str) -> int:
    row = np.searchsorted(panel.ts, np.datetime64(text, "ns").astype(np.int64))
    assert np.datetime_as_string(panel.ts[row].astype("datetime64[ns]"), unit="D") == text
    return int(row)


def test_five_stocks_have_the_rows_their_package_has(five: Panel) -> None:
    assert five.symbols == ("AAPL", "FB", "GOOG", "IBM", "MSFT")
    assert (five.flags > 0).sum(axis=0).tolist() == [3270, 196, 2148, 3270, 3270]
    assert not five.point_in_time


def test_facebook_is_masked_until_it_lists(five: Panel) -> None:
    listed = date(five, "2012-05-18")
    assert (five.flags[:listed, 1] == 0).all()
    assert five.flags[listed, 1] != 0
    assert five.bars[listed, CLOSE, 1] * 1e-6 == pytest.approx(38.2318)


def test_prices_are_raw_and_splits_are_events(five: Panel) -> None:
    # Apple split 2 for 1 on 2005-02-28: 88.99 the session before
    row, aapl = date(five, "2005-02-28"), 0
    assert five.bars[row - 1, CLOSE, aapl] * 1e-6 == pytest.approx(88.99)
    assert five.adjust[row, aapl] / five.adjust[row - 1, aapl] == 2.0
    splits = five.events[five.events["kind"] == EventKind.SPLIT]
    assert [(int(e["index"]), int(e["a"])) for e in splits] == [(0, 2), (4, 2), (0, 2)]


def test_microsofts_special_dividend_is_one(five: Panel) -> None:
    row = date(five, "2004-11-15")
    (event,) = five.events[(five.events["row"] == row) & (five.events["index"] == 4)]
    assert event["kind"] == EventKind.DIVIDEND
    assert event["x"] == pytest.approx(3.08, abs=1e-4)


def test_apples_dividends_are_those_it_paid(filled: tuple[ParquetStore, SampleReport]) -> None:
    paid = [e.x for e in filled[0].actions("AAPL") if e.kind is EventKind.DIVIDEND]
    assert paid == pytest.approx([2.65, 2.65, 2.65], abs=1e-4)


def test_adjusted_returns_follow_those_of_the_published_adjusted_close(five: Panel) -> None:
    import gzip

    import polars as pl

    path = sample._package_file("bokeh_sampledata", "_data/stocks.csv.gz")
    assert path is not None
    table = pl.read_csv(gzip.decompress(path.read_bytes()))
    for column, name in enumerate(five.symbols):
        published = table.filter(pl.col("Ticker") == name)["Adj Close"].to_numpy()
        rows = five.flags[:, column] > 0
        ours = (five.bars[:, CLOSE, column] * five.adjust[:, column])[rows]
        np.testing.assert_allclose(np.diff(np.log(ours)), np.diff(np.log(published)), atol=2e-3)
        total = np.log(ours[-1] / ours[0]) - np.log(published[-1] / published[0])
        assert abs(total) < 0.01


def test_twenty_are_adjusted_closes_with_a_declared_range(
    filled: tuple[ParquetStore, SampleReport],
) -> None:
    store, report = filled
    panel = load_universe(store, TWENTY, "1d")
    assert panel.rows == 8313
    assert len(panel.symbols) == 20
    assert all(each.close_only and each.adjusted_only for each in panel.instruments)
    assert all(each.average_volume > 0 for each in panel.instruments)
    assert np.isnan(panel.volume).all()
    assert (panel.bars[:, HIGH] >= panel.bars[:, LOW]).all()
    assert not panel.point_in_time
    assert panel.sessions_per_year == pytest.approx(252, abs=1)
    assert len(store.bars("SP500", "1d")) == 8313
    assert any("survival" in note for note in report.notes)


def test_sample_twice_is_the_sample_once(filled: tuple[ParquetStore, SampleReport]) -> None:
    store, report = filled
    before = load_universe(store, FIVE, "1d").fingerprint
    assert import_sample(store) == report
    assert load_universe(store, FIVE, "1d").fingerprint == before


def test_without_skfolio_the_five_are_stored_and_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sample.find_spec
    monkeypatch.setattr(sample, "find_spec", lambda n: None if n == "skfolio" else real(n))
    report = import_sample(ParquetStore(tmp_path))
    assert list(report.universes) == [FIVE]
    assert any(".[portfolio]" in note for note in report.notes)


def test_without_bokeh_sampledata_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "find_spec", lambda _name: None)
    with pytest.raises(DataError, match="pip install bokeh-sampledata"):
        import_sample(ParquetStore(tmp_path))
