"""Wiring: universes by name, currencies as the step counts them, fills where only closes exist."""

from dataclasses import replace

import numpy as np
import pytest

from kedge.bootstrap import number_currencies, open_panel, reporting_currency
from kedge.data.sample import import_sample
from kedge.data.store import ParquetStore
from kedge.domain.errors import ConfigError
from kedge.domain.panel import EVENT, EventKind
from kedge.domain.rules import FillMode
from kedge.engine.rules_of import fill_mode
from kedge.settings import load_settings
from kedge.testing.worlds import random_world


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    import_sample(ParquetStore(folder))
    return folder


def test_a_universe_is_opened_by_name(store):
    settings = load_settings(None, {"data.store": str(store), "universe.name": "us_five"})
    assert sorted(open_panel(settings).symbols) == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]


def test_a_store_of_several_universes_asks_which(store):
    settings = load_settings(None, {"data.store": str(store)})
    with pytest.raises(ConfigError, match="us_five, us_twenty"):
        open_panel(settings)


def test_a_name_and_symbols_together_are_refused():
    with pytest.raises(ConfigError, match="universe"):
        load_settings(None, {"universe.name": "us_five", "universe.symbols": ["AAPL"]})


def test_rates_are_numbered_from_the_reporting_currency():
    panel = random_world(1, rows=5, instruments=3).panel
    won, dollar = (
        replace_settle(panel.instruments[0], "KRW"),
        replace_settle(panel.instruments[1], "USD"),
    )
    events = np.array([(0, int(EventKind.FX), 0, 0, 0, 0.0008)], dtype=EVENT)
    third = replace_settle(panel.instruments[2], "KRW")
    mixed = replace(panel, instruments=(won, dollar, third), events=events)
    assert number_currencies(mixed, "USD").events["index"].tolist() == [1]
    assert reporting_currency(load_settings(None, {}), mixed) == "USD"


def test_several_currencies_without_rates_are_refused():
    panel = random_world(1, rows=5, instruments=2).panel
    pair = (
        replace_settle(panel.instruments[0], "KRW"),
        replace_settle(panel.instruments[1], "EUR"),
    )
    mixed = replace(panel, instruments=pair, events=np.zeros(0, EVENT))
    with pytest.raises(ConfigError, match="no exchange rates"):
        reporting_currency(load_settings(None, {}), mixed)


def test_close_only_data_fills_at_the_close(store):
    settings = load_settings(None, {"data.store": str(store), "universe.name": "us_twenty"})
    assert fill_mode(settings, open_panel(settings).instruments) is FillMode.NEXT_CLOSE
    five = load_settings(None, {"data.store": str(store), "universe.name": "us_five"})
    assert fill_mode(five, open_panel(five).instruments) is FillMode.NEXT_OPEN


def replace_settle(instrument, code):
    import msgspec

    return msgspec.structs.replace(instrument, settle=code)
