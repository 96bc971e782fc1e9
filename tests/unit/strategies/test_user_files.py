"""A user's file that is wrong ends in one line that says where and what."""

import re
from pathlib import Path

import numpy as np
import pytest

from kedge.domain.errors import StrategyError
from kedge.strategies.binding import bind, refuse_silent
from kedge.strategies.catalogue import built_in, from_file

DAY = 86_400_000_000_000
HEAD = """from kedge.strategies import *

@strategy(needs=("sma({fast})", "close"), params={"fast": 3})
def rule(window, params, out):
    """
ONES = np.ones((6, 3, 2))


@pytest.fixture
def user(tmp_path):
    def write(text, name="my_rules.py"):
        file = Path(tmp_path, name)
        file.write_text(text, "utf-8")
        return file

    return write


def _bound(file, params=None):
    return bind("my_rules.py:rule", from_file(file, "rule"), params or {}, 1.0, DAY)


def _run(bound, features=ONES):
    rows = len(features) - bound.strategy.lookback + 1
    out = np.empty((rows, 1, features.shape[1], 6))
    bound.driver.run(features, out, 0)
    return out


def _line(caught):
    text = str(caught.value)
    assert "\n" not in text
    assert caught.value.exit_code == 2
    return text


RUNTIME = {
    "raises": ("raise ValueError('no luck')", "my_rules.py:5): ValueError: no luck", True),
    "asserts": ("assert window[-1, 0, 0] < 0", "my_rules.py:5): AssertionError: no message", True),
    "looks at the next row": ("out[0, 0] = window[1, 0, 0]", "index 1 is out of bounds", True),
    "looks before its window": ("out[0, 0] = window[-2, 0, 0]", "index -2 is out of", True),
    "writes beyond out": ("out[0, 99] = 1.0", "index 99 is out of bounds", True),
    "returns a value": ("return 3.0", "strategy rule: returned a value (write into out", False),
    "returns out": ("return out", "strategy rule: returned a value", False),
    "assigns the wrong shape": ("out[0] = [1.0, 2.0]", "(2,) into shape (3,)", True),
    "writes to the window": ("window[0, 0, 0] = 1.0", "destination is read-only", False),
    "writes to params": ("params[0] = 1.0", "destination is read-only", False),
    "unlocks the window": (
        "window.base.flags.writeable = True", "no attribute 'flags'", False
    ),
    "leaves": ("import sys; sys.exit()", "SystemExit: no message", False),
    "leaves with success": ("raise SystemExit(0)", "SystemExit: 0", False),
    "divides by zero": ("print(1 // 0, {})", "ZeroDivisionError", False),
}  # fmt: skip


@pytest.mark.parametrize("mistake", RUNTIME)
def test_it_is_one_line_when_the_function(mistake, user):
    body, words, compiled = RUNTIME[mistake]
    bound = _bound(user(HEAD + body + "\n"))
    assert bound.compiled is compiled
    with pytest.raises(StrategyError) as caught:
        _run(bound)
    line = _line(caught)
    assert words in line
    assert "strategy rule" in line


FILES = {
    "does not parse": ("def rule(:\n", "my_rules.py:1: SyntaxError: invalid syntax"),
    "imports what is not there": (
        "import math\nimport no_such_thing\n",
        "my_rules.py:2: ModuleNotFoundError: No module named 'no_such_thing'",
    ),
    "fails while it is read": ("x = 1\n1 / 0\n", "my_rules.py:2: ZeroDivisionError"),
    "leaves": ("import sys\nsys.exit(0)\n", "my_rules.py:2: SystemExit: 0"),
    "holds no strategy": ("x = 1\n", "has no strategy 'rule' (decorate a function with"),
    "holds another": (HEAD.replace("def rule", "def other") + "pass\n", "(it has other)"),
    "is not decorated": ("def rule(window, params, out):\n    pass\n", "'rule' is not a strategy"),
    "is decorated without brackets": (
        "from kedge.strategies import *\n@strategy\ndef rule(window, params, out):\n    pass\n",
        "my_rules.py:2: TypeError",
    ),
    "takes two arguments": (HEAD.replace(", out)", ")") + "pass\n", "three arguments"),
    "has no needs": (
        HEAD.replace('("sma({fast})", "close")', "()") + "pass\n", "rule: needs no features"
    ),
    "has a text parameter": (HEAD.replace("3}", "'3'}") + "pass\n", "fast is '3', not a number"),
    "has an infinite parameter": (HEAD.replace("3}", "1e999}") + "pass\n", "fast is inf, not a"),
    "has a fractional lookback": (
        HEAD.replace('params=', 'lookback=1.5, params=') + "pass\n", "lookback 1.5 is not a whole"
    ),
    "has no lookback": (
        HEAD.replace('params=', 'lookback=0, params=') + "pass\n", "lookback 0 is not a whole"
    ),
    "belongs to no family": (
        HEAD.replace('params=', 'family="ta", params=') + "pass\n", "family 'ta' is unknown"
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", FILES)
def test_it_is_one_line_when_the_file(mistake, user):
    text, words = FILES[mistake]
    with pytest.raises(StrategyError) as caught:
        from_file(user(text), "rule")
    line = _line(caught)
    assert words in line
    assert "my_rules.py" in line


NEEDS = {
    "looks ahead": ("lag(close, -1)", "k = -1 would look ahead"),
    "does not exist": ("smma(3)", "smma"),
    "does not parse": ("sma(3", "does not parse"),
    "is no parameter": ("sma({slow})", "needs refers to 'slow' (declare it in params)"),
    "reads the future by difference": ("close - lag(close, 0 - 3)", "would look ahead"),
}


@pytest.mark.parametrize("mistake", NEEDS)
def test_it_is_one_line_when_a_feature(mistake, user):
    need, words = NEEDS[mistake]
    with pytest.raises(StrategyError) as caught:
        _bound(user(HEAD.replace("sma({fast})", need) + "pass\n"))
    line = _line(caught)
    assert words in line
    assert line.startswith("strategy rule")


@pytest.mark.parametrize(
    ("span", "words"),
    [("'5 days ago'", "is not a length of"), ("-2", "is not above zero"), ("0.5", "not a length")],
)
def test_it_is_one_line_when_a_horizon_is_no_length_of_time(span, words, user):
    text = HEAD.replace("params=", f"horizon={span}, params=") + "pass\n"
    with pytest.raises(StrategyError) as caught:
        _bound(user(text))
    assert words in _line(caught)


@pytest.mark.parametrize(
    "body",
    [
        "out[0, :] = [float(f'{x:.3f}') for x in window[-1, :, 0]]",
        "import statistics; out[0, 0] = statistics.fmean(window[-1, :, 0])",
        "match window.shape[0]:\n        case 1:\n            out[0, 0] = {'a': 1.0}.get('a', 'b')",
        "class Box:\n        size = 1.0\n    out[0, 0] = Box.size",
    ],
)
def test_what_does_not_compile_is_interpreted(body, user):
    bound = _bound(user(HEAD + body + "\n"))
    assert not bound.compiled
    assert (_run(bound)[:, 0, 0, 0] == 1.0).all()


def test_a_missing_file_and_an_unknown_name_are_one_line(tmp_path):
    with pytest.raises(StrategyError, match="there is no such file") as caught:
        from_file(Path(tmp_path, "none.py"), "rule")
    _line(caught)
    with pytest.raises(StrategyError, match="did you mean trend") as caught:
        built_in("trendy")
    _line(caught)


def test_the_line_is_found_when_the_file_is_named_from_the_working_directory(user, monkeypatch):
    monkeypatch.chdir(user("x = 1\n1 / 0\n").parent)
    with pytest.raises(StrategyError, match=r"^my_rules\.py:2: ZeroDivisionError"):
        from_file(Path("my_rules.py"), "rule")


def test_a_file_that_is_not_python_is_one_line(tmp_path):
    file = Path(tmp_path, "my_rules.py")
    file.write_bytes(b"\x00\xff\xfe")
    with pytest.raises(StrategyError) as caught:
        from_file(file, "rule")
    _line(caught)


def test_an_unknown_parameter_is_one_line(user):
    with pytest.raises(StrategyError, match="has no parameter 'slow'") as caught:
        _bound(user(HEAD + "pass\n"), {"slow": 3.0})
    assert "its parameters: fast" in _line(caught)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("out[EDGE_BPS, :] = window[-1, 0, 0] * float('nan')", "its edge is NaN"),
        ("out = window[-1]", "its edge is NaN"),
        ("out[EDGE_BPS, 0], out[SIGMA_BPS, 0] = 1.0, 2.0", "confidence nan is not between"),
        ("out[EDGE_BPS, 0], out[SIGMA_BPS, 0], out[CONFIDENCE, 0] = 1.0, 2.0, 70.0", "nce 70 is"),
        ("out[EDGE_BPS, 0], out[SIGMA_BPS, 0], out[CONFIDENCE, 0] = 1.0, -2.0, 0.7", "sigma -2"),
    ],
)
def test_a_strategy_without_one_valid_forecast_is_refused_after_the_run(body, words, user):
    bound = _bound(user(HEAD + body + "\n"))
    _run(bound)
    with pytest.raises(StrategyError, match="gave no forecast in 6 rows") as caught:
        refuse_silent([bound])
    assert words in _line(caught)


def test_a_run_too_short_for_the_features_refuses_nobody(user):
    bound = _bound(user(HEAD + "pass\n"))
    _run(bound, np.full((6, 3, 2), np.nan))
    refuse_silent([bound])


def test_a_strategy_that_spoke_once_is_not_silent(user):
    body = "out[EDGE_BPS, 0], out[SIGMA_BPS, 0], out[CONFIDENCE, 0] = 1.0, 2.0, window[-1, 0, 1]"
    bound = _bound(user(HEAD + body + "\n"))
    features = 9.0 * ONES
    features[4] = 0.5
    _run(bound, features)
    refuse_silent([bound])


def test_an_edited_file_is_obeyed_at_the_next_start(user):
    said = []
    for edge in (1.0, 2.0):
        file = user(HEAD + f"out[EDGE_BPS, 0] = {edge} * window[-1, 0, 0]\n")
        bound = _bound(file)
        assert bound.compiled
        said.append(_run(bound)[0, 0, 0, 0])
    assert said == [1.0, 2.0]


def test_files_of_one_name_in_two_folders_are_two_strategies(tmp_path):
    found = []
    for edge in (1.0, 2.0):
        folder = Path(tmp_path, str(edge))
        folder.mkdir()
        file = Path(folder, "my_rules.py")
        file.write_text(HEAD + f"out[EDGE_BPS, 0] = {edge}\n", "utf-8")
        found.append(_bound(file))
    assert [_run(bound)[0, 0, 0, 0] for bound in found] == [1.0, 2.0]
    names = {bound.strategy.function.__module__ for bound in found}
    assert len(names) == 2
    assert all(re.fullmatch(r"kedge_user_my_rules_\w{8}", name) for name in names)
