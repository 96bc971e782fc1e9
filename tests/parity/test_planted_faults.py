"""Faults of one line, planted in a copy of the step, are found by the oracle.

The copy runs as plain Python (numba's own switch), which costs no compilation;
that both ways give the same bits is tested beside it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parity.faults import FAULTS, Fault
from support import ROOT

SEEDS = 126
"""Six worlds of every theme."""
SOURCE = ROOT / "src" / "kedge"


def hunt(copy: Path) -> str:
    """What the first differing world of a patched copy says; empty when none differs."""
    done = subprocess.run(
        [sys.executable, "-m", "parity.hunt", "0", str(SEEDS), str(copy / "kedge")],
        env={
            **os.environ,
            "NUMBA_DISABLE_JIT": "1",
            "PYTHONPATH": os.pathsep.join([str(copy), str(ROOT / "tests")]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(SOURCE, tmp_path / "kedge", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def plant(copy: Path, fault: Fault) -> None:
    path = copy / "kedge" / fault.file
    text = path.read_text()
    assert text.count(fault.old) == 1, f"{fault.file} has changed: {fault.old!r}"
    path.write_text(text.replace(fault.old, fault.new))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_oracle_finds(fault, copy):
    plant(copy, fault)
    assert hunt(copy) != ""


def test_oracle_finds_nothing_in_the_step_as_it_is(copy):
    assert hunt(copy) == ""
