"""Every strategy keeps the contract on recorded markets; one that does not is refused."""

import re
from pathlib import Path

import numpy as np
import pytest

from kedge.domain.errors import StrategyError
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS
from kedge.strategies.catalogue import BUILT_IN, from_file
from kedge.testing import strategy_contract
from kedge.testing.world_books import with_books
from markets import crypto_5m_panel, us_daily_panel
from recorded_books import quoted_panel
from support import ROOT

OUTAGE = (66_000, 69_000)
"""Rows of the 5-minute set around the exchange's outage of 2023-03-24."""
IN_PROCESS = tuple(
    rule for rule in strategy_contract.RULES if rule.__name__ != "same_in_a_fresh_process"
)


@pytest.fixture(scope="module")
def crossover(tmp_path_factory):
    """The how-to's own file, as it stands on the page."""
    page = (ROOT / "docs/how-to/strategy.md").read_text("utf-8")
    file = tmp_path_factory.mktemp("user") / "my_rules.py"
    file.write_text(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0], "utf-8")
    return from_file(file, "crossover")


def _market(name, panel):
    """The panel, with made-up books around its bars where the strategy reads books."""
    needs_book = "imbalance()" in BUILT_IN[name].needs
    return with_books(panel, np.random.default_rng(5)) if needs_book else panel


def _wrong(strategy, panel):
    case = strategy_contract.make_case(strategy, panel)
    assert case.bound.compiled
    return [f"{rule.__name__}: {rule(case)}" for rule in IN_PROCESS if rule(case)]


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_strategies_keep_the_contract_through_an_exchange_outage(name):
    assert _wrong(BUILT_IN[name], _market(name, crypto_5m_panel().window(*OUTAGE))) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_strategies_keep_the_contract_with_delisted_stocks(name):
    assert _wrong(BUILT_IN[name], _market(name, us_daily_panel())) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_strategies_keep_the_contract_in_a_fresh_process(name):
    kept = strategy_contract.check(BUILT_IN[name])
    assert kept.compiled
    assert 0 < kept.forecasts < kept.cells


@pytest.mark.parametrize("market", ["spot", "usdm_perp"])
def test_book_pressure_keeps_the_contract_on_a_recorded_book(market):
    panel = quoted_panel(market)
    assert _wrong(BUILT_IN["book_pressure"], panel) == []
    said = strategy_contract.make_case(BUILT_IN["book_pressure"], panel).said
    assert np.isfinite(said[61:, 0, EDGE_BPS]).mean() > 0.9
    assert np.nanstd(said[..., CONFIDENCE]) > 0.05


def test_book_pressure_says_nothing_on_bars_alone():
    case = strategy_contract.make_case(BUILT_IN["book_pressure"], us_daily_panel())
    assert strategy_contract.says_something(case)
    assert np.isnan(case.said).all()


def test_the_how_to_s_strategy_keeps_the_contract(crossover):
    kept = strategy_contract.check(crossover)
    assert kept.compiled
    assert kept.forecasts > 100
    assert _wrong(crossover, us_daily_panel()) == []


HEAD = """
import os
import numpy as np
from kedge.strategies import *
seen = []
@strategy(needs=("close", "volatility(5)"))
def rule(window, params, out):
    for i in range(window.shape[1]):
        close, volatility = window[-1, i, 0], window[-1, i, 1]
        out[EDGE_BPS, i] = 10.0 * volatility
        out[SIGMA_BPS, i] = 20.0 + volatility
        out[CONFIDENCE, i] = 0.5 + min(0.4, volatility)
"""
BREACHES = {
    "silent": ("    out[:, :] = np.nan", "gave no forecast in"),
    "constant": ("    out[CONFIDENCE, :] = 0.7", "confidence is 0.7 in all of"),
    "percent": ("    out[CONFIDENCE, :] *= 100.0", "confidence 5"),
    "no sigma": ("    out[SIGMA_BPS, :] = 0.0", "sigma 0 is not above 0"),
    "infinite": ("    out[EDGE_BPS, 0] /= window[-1, 0, 0] * 0.0", "edge inf is not finite"),
    "stop": ("    out[STOP, :] = -1.0", "distance is not above 0"),
    "remembers": ("    seen.append(1); out[EDGE_BPS, :] += len(seen)", "other bits than in order"),
    "random": ("    out[EDGE_BPS, :] += np.random.rand()", "other bits than in order"),
    "knows nothing": (
        "    for i in range(window.shape[1]):\n        if not window[-1, i, 0] > 0.0:\n"
        "            out[EDGE_BPS, i], out[SIGMA_BPS, i], out[CONFIDENCE, i] = 1.0, 1.0, 0.5",
        "features are all NaN",
    ),
    "machine integers": (
        "    if 1 << (61 + window.shape[2]) > 0:\n        out[EDGE_BPS, 0] += 1.0",
        "compiled and interpreted forms give other bits",
    ),
    "process": ("    out[EDGE_BPS, :] += os.getpid()", "a fresh process gives other bits"),
}  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_the_suite_refuses_a_strategy_that(breach, tmp_path):
    lines, words = BREACHES[breach]
    file = Path(tmp_path, "bad.py")
    file.write_text(HEAD + lines + "\n", "utf-8")
    with pytest.raises(StrategyError, match=re.escape(words)) as refused:
        strategy_contract.check(from_file(file, "rule"))
    assert "strategy rule" in str(refused.value)


def test_a_history_of_one_s_own_can_be_asked_about(crossover):
    kept = strategy_contract.check(crossover, us_daily_panel(), {"fast": 5, "slow": 20})
    assert kept.cells == us_daily_panel().rows * len(us_daily_panel().instruments)
