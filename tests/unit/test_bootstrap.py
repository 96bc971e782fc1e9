"""Wiring: universes by name, currencies as the step counts them, fills where only closes exist."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from kedge.bootstrap import (
    decide_on,
    in_currency,
    number_currencies,
    open_panel,
    reporting_currency,
)
from kedge.data.sample import import_sample
from kedge.data.store import ParquetStore
from kedge.domain.errors import ConfigError
from kedge.domain.panel import EVENT, EventKind
from kedge.domain.rules import FillMode
from kedge.engine.rules_of import fill_mode
from kedge.ports.store import Action
from kedge.research.run import run
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
    with pytest.raises(ConfigError, match=r"settle in EUR, KRW, and .* no exchange rates .* USD"):
        reporting_currency(load_settings(None, {}), mixed)


def test_without_a_configured_currency_it_is_the_one_everything_settles_in():
    panel = random_world(1, rows=5, instruments=2).panel
    won = replace(
        panel,
        instruments=tuple(replace_settle(each, "KRW") for each in panel.instruments),
        events=np.zeros(0, EVENT),
    )
    assert reporting_currency(load_settings(None, {}), won) == "KRW"
    assert in_currency(load_settings(None, {}), won).currency == "KRW"


def test_a_configured_currency_without_rates_is_refused_in_one_line(store):
    settings = load_settings(
        None, {"data.store": str(store), "universe.name": "us_five", "currency": "EUR"}
    )
    with pytest.raises(ConfigError) as caught:
        open_panel(settings)
    assert str(caught.value) == (
        "currency: instruments settle in USD, and the store holds no exchange rates of USD in EUR "
        "(import fx events into the store, or leave currency out to report in USD)"
    )


def test_a_configured_currency_with_rates_is_converted_to(store, tmp_path):
    shutil.copytree(store, tmp_path / "store")
    own = ParquetStore(tmp_path / "store")
    early = int(np.datetime64("1999-01-04", "ns").astype(np.int64))
    own.put_actions([Action(id="USD", kind=EventKind.FX, ts=early, available_at=early, x=0.8)])
    given = {"data.store": tmp_path / "store", "universe.name": "us_five", "currency": "EUR"}
    settings = load_settings(None, given)
    panel = open_panel(settings)
    assert reporting_currency(settings, panel) == "EUR"
    done = run(panel, decide_on(settings, panel))
    assert done.decision.program.currencies == ("EUR", "USD")
    assert len(done.fills)


def test_every_currency_needs_a_rate_of_its_own():
    panel = random_world(1, rows=5, instruments=2).panel
    codes = ("KRW", "JPY")
    pair = tuple(replace_settle(i, c) for i, c in zip(panel.instruments, codes, strict=True))
    events = np.array([(0, int(EventKind.FX), 0, 0, 0, 0.0008)], dtype=EVENT)
    with pytest.raises(ConfigError, match="no exchange rates of JPY in USD"):
        number_currencies(replace(panel, instruments=pair, events=events), "USD")


def test_close_only_data_fills_at_the_close(store):
    settings = load_settings(None, {"data.store": str(store), "universe.name": "us_twenty"})
    assert fill_mode(settings, open_panel(settings).instruments) is FillMode.NEXT_CLOSE
    five = load_settings(None, {"data.store": str(store), "universe.name": "us_five"})
    assert fill_mode(five, open_panel(five).instruments) is FillMode.NEXT_OPEN


def replace_settle(instrument, code):
    import msgspec

    return msgspec.structs.replace(instrument, settle=code)
