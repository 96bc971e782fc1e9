"""The files on the pages run as they stand there, and the error lines are the real ones."""

import re
from pathlib import Path

import numpy as np
import pytest

from kedge.domain.errors import StrategyError
from kedge.settings import load_settings
from kedge.strategies.binding import bind, refuse_silent
from kedge.strategies.catalogue import from_file
from kedge.testing import strategy_contract
from support import ROOT

PAGE = (ROOT / "docs/how-to/strategy.md").read_text("utf-8")
FILE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
README = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[0]
YAML = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
DAY = 86_400_000_000_000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    Path(tmp_path, "my_rules.py").write_text(FILE, "utf-8")
    Path(tmp_path, "kedge.yaml").write_text(YAML, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _crossover(params=None):
    strategy = from_file(Path("my_rules.py"), "crossover")
    return bind("my_rules.py:crossover", strategy, params or {}, 0.5, DAY)


def test_the_page_s_configuration_finds_the_page_s_file(folder):
    settings = load_settings(Path("kedge.yaml"))
    trend, mine = settings.strategies
    assert trend.name == "trend"
    assert settings.strategy_file(mine) == Path("my_rules.py")
    bound = _crossover(dict(mine.params))
    assert bound.compiled
    assert bound.expressions[0] == "sma(8)"
    assert mine.weight == 0.5


def test_the_page_s_strategy_says_what_the_page_says(folder):
    bound = _crossover()
    features = np.array([[[101.0, 100.0, 0.02], [np.nan, 100.0, 0.02]]])
    out = np.empty((1, 1, 2, 6))
    bound.driver.run(features, out, 0)
    edge, sigma, confidence = out[0, 0, 0, :3]
    assert (edge, sigma) == pytest.approx((2.0, 200.0 * 0.1**0.5))
    assert confidence == pytest.approx(0.55 + 0.4 * 0.01 / 0.04)
    assert np.isnan(out[0, 0, 0, 3:]).all()
    assert np.isnan(out[0, 0, 1]).all()


def _line(mistake):
    with pytest.raises(StrategyError) as caught:
        mistake()
    return str(caught.value)


def test_the_page_quotes_real_error_lines(folder):
    ones = np.ones((1, 3, 3))
    out = np.empty((1, 1, 3, 6))

    def edited(old, new):
        assert old in FILE
        Path("my_rules.py").write_text(FILE.replace(old, new), "utf-8")
        return _crossover()

    def run(bound):
        return _line(lambda: bound.driver.run(ones, out, 0))

    lines = [
        run(edited("volatility = window[-1", "volatility = window[1")),
        run(edited("        gap = (fast", "        return 3\n        gap = (fast")),
        _line(lambda: edited("sma({fast})", "lag(close, -1)")),
    ]
    silent = edited("0.55 + 0.4 * min(1.0, abs(gap) / (2.0 * volatility))", "70.0 * fast")
    silent.driver.run(ones[[0] * 2470], np.empty((2470, 1, 3, 6)), 0)
    lines.append(_line(lambda: refuse_silent([silent])))
    assert [line for line in lines if f"`{line}`" not in PAGE] == []


def test_the_readme_s_strategy_compiles_keeps_the_contract_and_owns_its_error(folder):
    Path("my_rules.py").write_text(README, "utf-8")
    strategy = from_file(Path("my_rules.py"), "crossover")
    strategy_contract.check(strategy)
    bound = bind("my_rules.py:crossover", strategy, {}, 0.5, DAY)
    assert bound.compiled
    out = np.full((1, 1, 2, 6), np.nan)
    bound.driver.run(np.array([[[101.0, 100.0, 0.02], [101.0, 100.0, np.nan]]]), out, 0)
    assert out[0, 0, 0, :3] == pytest.approx((1.0, 200.0 / 50**0.5, 0.65))
    assert np.isnan(out[0, 0, 1]).all()
