"""Compiled and as plain Python the step gives the same bits."""

import os
import subprocess
import sys

from parity.digest import digest
from support import ROOT


def test_compiled_and_interpreted_runs_are_equal_to_the_last_bit():
    interpreted = subprocess.run(
        [sys.executable, "-m", "parity.digest", "0", "42"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert interpreted.stdout == digest(0, 42)
