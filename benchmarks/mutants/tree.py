"""A copy of the sources in which mutants are tried, so that the working tree is never touched."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
WORLDS: Final = 200
TESTS_S: Final = 120.0
WORLDS_S: Final = 600.0
"""A mutant that takes longer than this is killed by the clock."""
MEMORY: Final = 6 << 30
"""Bytes that it may ask for: one that goes on for ever mostly fills the memory, too."""
_ONE_CACHE: Final = '''

def fingerprint(root: Path) -> str:
    """Mutants are of sources that nobody compiles: all of them share what is compiled."""
    return "mutants"
'''


class Trial(NamedTuple):
    """How a mutant fared.

    Attributes:
        by: what killed it, ``tests``, ``worlds`` or ``time``; empty for a survivor.
        said: first line of that.
    """

    by: str
    said: str


class Tree:
    """The copy.

    Args:
        folder: for it and for what is compiled of it; made anew.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._cache = folder / "tree", folder / "cache"
        self._known = folder / "worlds.json"

    def make(self) -> None:
        """Copy the sources and the tests, and run the worlds without a mutant."""
        shutil.rmtree(self._folder, ignore_errors=True)
        quiet = shutil.ignore_patterns("__pycache__")
        for name in ("src", "tests", "docs", "examples"):
            shutil.copytree(ROOT / name, self._folder / name, ignore=quiet)
        shutil.copy2(ROOT / "pyproject.toml", self._folder)
        with (self._folder / "src/kedge/compile_cache.py").open("a") as file:
            file.write(_ONE_CACHE)
        self._known.unlink(missing_ok=True)

    def plain(self, tests: Iterable[tuple[str, ...]]) -> None:
        """See that tests pass as they are, and what the worlds come to.

        Raises:
            RuntimeError: they do not pass.
        """
        for trial in (*map(self._tested, tests), self._simulated()):
            if trial is not None:
                raise RuntimeError(f"without a mutant: {trial.by}: {trial.said}")

    def mutated(self, file: str, text: str, tests: tuple[str, ...]) -> Trial:
        """Try one source text, and put the old one back."""
        path = self._folder / "src/kedge" / file
        before, stat = path.read_text(), path.stat()
        path.write_text(text)
        try:
            return self._tested(tests) or self._simulated() or Trial("", "")
        finally:
            path.write_text(before)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def _tested(self, tests: tuple[str, ...]) -> Trial | None:
        words = ["-m", "pytest", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
        return self._run("tests", [*words, *(f"tests/{each}" for each in tests)], TESTS_S)

    def _simulated(self) -> Trial | None:
        script = ROOT / "benchmarks/mutants/worlds.py"
        return self._run("worlds", [str(script), str(self._known), str(WORLDS)], WORLDS_S)

    def _run(self, by: str, words: list[str], longest: float) -> Trial | None:
        """None where all is well."""
        env = {
            **os.environ,
            "PYTHONPATH": "src",
            "PYTHONDONTWRITEBYTECODE": "1",
            "KEDGE_CACHE_DIR": str(self._cache),
        }
        try:
            done = subprocess.run(
                [sys.executable, *words],
                cwd=self._folder,
                env=env,
                capture_output=True,
                text=True,
                timeout=longest,
                check=False,
                preexec_fn=_bounded,
            )
        except subprocess.TimeoutExpired:
            return Trial("time", f"more than {longest:.0f} s")
        if done.returncode < 0:
            return Trial("time", f"ended by signal {-done.returncode}")
        return Trial(by, _told(done.stdout or done.stderr)) if done.returncode else None


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _told(output: str) -> str:
    """The line that says what failed."""
    lines = [line for line in output.splitlines() if line.strip()]
    named = [line for line in lines if line.startswith(("FAILED", "ERROR", "seed"))]
    return (named or lines or ["no output"])[0][:160]
