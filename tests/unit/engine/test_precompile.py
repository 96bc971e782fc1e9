"""The step compiled ahead is the very one that a run then calls."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from kedge.engine import blocks, precompile
from kedge.testing.worlds import random_world
from parity.step import run_step


def types_of(monkeypatch: pytest.MonkeyPatch, call) -> set[tuple]:
    seen, step = set(), blocks.advance

    def watched(*given):
        seen.add(tuple(numba.typeof(each) for each in given))
        return step(*given)

    with monkeypatch.context() as patch:
        patch.setattr(blocks, "advance", watched)
        call()
    return seen


def test_what_is_compiled_ahead_has_the_types_of_a_run(monkeypatch):
    ran = types_of(monkeypatch, lambda: run_step(random_world(3), 20))
    assert types_of(monkeypatch, precompile.compile_step) == ran


def test_a_step_that_is_compiled_is_not_compiled_again(tmp_path, monkeypatch):
    (tmp_path / "engine_0").mkdir()
    (tmp_path / "engine_0" / "step.advance-1.py311.1.nbc").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(subprocess, "Popen", None)
    ahead = precompile.begin()
    ahead.wait()
    assert ahead.parts == 0


def test_a_process_that_fails_costs_nothing_but_time(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    precompile.begin().wait()
    assert os.listdir(Path(tmp_path)) == []


def test_every_part_that_another_process_makes_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    ahead, told = precompile.begin(precompile.TRADING), []
    ahead.wait(lambda: told.append(len(told)))
    assert ahead.parts == len(told) == len(precompile.TRADING)
