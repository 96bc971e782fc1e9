"""The data pages say what the code does."""

from pathlib import Path

from kedge.data.dated_import import KINDS
from kedge.data.quality import check
from kedge.settings import QualityChecks
from support import ROOT

REFERENCE = (ROOT / "docs" / "reference" / "data.md").read_text("utf-8")
HOW_TO = (ROOT / "docs" / "how-to" / "data.md").read_text("utf-8")


def test_every_check_is_documented() -> None:
    names = {
        "gaps": "gap",
        "duplicates": "duplicate",
        "contradictions": "ohlc",
        "outliers": "outlier",
        "missed_splits": "missed_split",
        "outside_sessions": "outside_session",
    }
    for each in check.CHECKS:
        assert f"`{names.get(each.__name__, each.__name__)}`" in REFERENCE


def test_thresholds_are_those_of_the_page() -> None:
    at = QualityChecks()
    daily, intraday = f"{at.outlier_floor_daily:.0%}", f"{at.outlier_floor_intraday:.0%}"
    for said in (
        f"{at.stale_daily} equal daily bars",
        f"{at.stale_intraday} equal intraday bars",
        f"over {at.outlier_score:.0f} robust standard deviations",
        f"over {daily} daily or {intraday} intraday",
        f"warning above {at.zero_volume:.0%}",
    ):
        assert said in REFERENCE.replace(" %", "%")


def test_every_kind_of_event_is_documented() -> None:
    for kind in ("split", "dividend", "deal", "merger", "delisting", "funding", "fx"):
        assert kind in KINDS
        assert f"`{kind}`" in REFERENCE


def test_event_example_of_the_how_to_imports(tmp_path: Path) -> None:
    from kedge.data.dated_import import import_actions, import_universe
    from kedge.data.store import ParquetStore
    from kedge.data.venues import default_instrument

    store = ParquetStore(tmp_path / "store")
    store.put_instruments([default_instrument(each) for each in ("AAPL", "TWTR", "FB")])
    events, names, members = (part.split("```")[0] for part in HOW_TO.split("```csv\n")[1:])
    (tmp_path / "events.csv").write_text(events)
    (tmp_path / "names.csv").write_text(names)
    (tmp_path / "members.csv").write_text(members)
    assert import_actions(store, tmp_path / "events.csv").added == 3
    assert import_actions(store, tmp_path / "names.csv").added == 1
    assert store.instrument("META").id == "FB"
    assert import_universe(store, tmp_path / "members.csv", "large", True).rows == 2
