"""An edited limit is obeyed by the next process, though compiled code is kept on disk.

With ``KEDGE_LONG=1`` the decision step itself is compiled twice and a book traded.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT

LONG = os.environ.get("KEDGE_LONG") == "1"

CALLER = """
from numba import njit
from kedge.risk.closed_form import linear_scale

@njit(cache=True)
def scale(weight):
    return linear_scale(0.0, weight, 0.10)

print(scale(0.20))
"""

BACKTEST = """
from kedge.bootstrap import decide_on
from kedge.domain import state as o
from kedge.research.run import run
from kedge.research.worlds import WorldSpec, drifting
from kedge.settings import Settings

panel = drifting(WorldSpec(instruments=2, years=2.0), 7, annual_sharpe=3.0)
result = run(panel, decide_on(Settings(), panel))
print(max(result.fills[:, o.FILL_NOTIONAL]) / result.equity[0])
"""


@pytest.fixture
def package(tmp_path):
    """A copy of the package, which a test may edit."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "kedge", tmp_path / "src" / "kedge", ignore=ignored)
    return tmp_path / "src" / "kedge"


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def _printed(package: Path, script: str) -> float:
    """What a script prints in a new process that imports the copy."""
    file = package.parent.parent / "script.py"
    if not file.exists():
        file.write_text(script, "utf-8")
    env = os.environ | {
        "PYTHONPATH": str(package.parent),
        "KEDGE_CACHE_DIR": str(package.parent.parent / "cache"),
    }
    done = subprocess.run(
        [sys.executable, str(file)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def _halve_the_scale(package: Path) -> None:
    _edit(package / "risk" / "closed_form.py", "boundary = limit if", "boundary = 0.5 * limit if")


def test_an_edited_formula_in_a_called_file_is_obeyed(package):
    assert _printed(package, CALLER) == pytest.approx(0.5)
    assert list((package.parent.parent / "cache").rglob("*.nbi"))
    _halve_the_scale(package)
    assert _printed(package, CALLER) != pytest.approx(0.5)


def test_without_the_fingerprint_the_old_formula_would_stay(package):
    _edit(package / "compile_cache.py", "return digest.hexdigest()", 'return "one folder for all"')
    assert _printed(package, CALLER) == pytest.approx(0.5)
    _halve_the_scale(package)
    assert _printed(package, CALLER) == pytest.approx(0.5)


@pytest.mark.skipif(not LONG, reason="compiles the decision step twice: set KEDGE_LONG=1")
def test_an_edited_position_limit_is_obeyed_by_the_next_backtest(package):
    assert 0.09 < _printed(package, BACKTEST) < 0.11
    file = package / "risk" / "instrument_limits.py"
    _edit(file, "p.A[n, o.A_CAP]", "0.5 * p.A[n, o.A_CAP]")
    assert 0.04 < _printed(package, BACKTEST) < 0.06
