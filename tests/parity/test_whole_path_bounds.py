"""The whole path with every array index checked (``NUMBA_BOUNDSCHECK=1``).

A wrong index in compiled code reads a neighbour's memory without a word; here it
raises. Everything is compiled anew for it, so this runs with ``KEDGE_LONG=1``.
"""

import os
import subprocess
import sys

import pytest

from support import ROOT

LONG = os.environ.get("KEDGE_LONG") == "1"

SCRIPT = """
import numpy as np

from kedge.domain import state as o
from kedge.engine.blocks import simulate
from kedge.engine.book_state import new_state
from kedge.engine.program import build_program
from kedge.testing.worlds import THEMES, random_world
from numba.core import config
from parity.whole_path import Market, row_by_row, whole
from kedge.research.worlds import WorldSpec, garch_t

assert config.BOUNDSCHECK == 1
fills = 0
for seed in range(60):
    world = random_world(seed, rows=80, theme=tuple(THEMES)[seed % len(THEMES)])
    panel = world.panel
    program = build_program(panel.instruments, world.rules, world.reporting, panel.interval_ns)
    records = simulate(panel, world.forecasts, program, new_state(program), block=7)
    fills += sum(len(part) for part in records.fills)
assert fills > 100, fills

market = Market.warmed(garch_t(WorldSpec(instruments=5, years=3.0), 7), 0)
expected = whole(market)
assert len(expected.records["fills"]) > 20
assert row_by_row(market).differences(expected) == []
print("worlds 60, fills", fills)
"""


@pytest.mark.skipif(not LONG, reason="compiles everything anew: set KEDGE_LONG=1")
def test_no_index_of_the_whole_path_leaves_its_array(tmp_path):
    env = os.environ | {
        "NUMBA_BOUNDSCHECK": "1",
        "KEDGE_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
