"""The line that says where the same bits come out."""

import os
import subprocess
import sys
from importlib.metadata import version

from kedge.numeric_platform import differing_parts, platform_fingerprint


def test_it_names_what_computes():
    line = platform_fingerprint()
    for name in ("numpy", "numba", "llvmlite", "scipy"):
        assert f"{name} {version(name)}" in line
    assert "\n" not in line
    assert ", cpu " in line


def elsewhere(**variables: str) -> str:
    code = "from kedge.numeric_platform import platform_fingerprint as f; print(f())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_it_is_the_same_in_every_process_of_a_machine():
    assert elsewhere() == platform_fingerprint()


def test_other_instruction_sets_or_an_interpreter_are_another_platform():
    one = elsewhere(NUMBA_CPU_FEATURES="+sse2,-avx")
    other = elsewhere(NUMBA_DISABLE_JIT="1")
    assert len({one, other, platform_fingerprint()}) == 3


def test_parts_that_differ_are_told_alone():
    assert differing_parts("a 1, b 2, cpu x", "a 1, b 3, cpu x") == ["b 2, here b 3"]
    assert differing_parts("a 1", "a 1") == []
    assert differing_parts("simulated", "a 1, b 3") == ["simulated; here a 1, b 3"]
