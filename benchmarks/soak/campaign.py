"""One campaign: a command, where it runs, and what its output says."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = "{state}"
"""In the words of a command: the folder that it notes its progress in."""


@dataclass(frozen=True)
class Told:
    """What the output of a campaign says.

    Attributes:
        summary: one line.
        table: Markdown, empty for none.
    """

    summary: str
    table: str = ""


def in_its_own_words(output: str) -> Told:
    """The first line is the summary, the others are the table."""
    first, _, rest = output.strip().partition("\n")
    return Told(first or "no output", rest.strip())


def as_pytest_says(output: str) -> Told:
    """The last line is the summary."""
    lines = [line for line in output.splitlines() if line.strip()]
    return Told(lines[-1] if lines else "no output")


@dataclass(frozen=True)
class Campaign:
    """A command of Python's.

    Attributes:
        name: as the page has it.
        words: after the interpreter.
        where: folder that it runs in.
        environment: beside everybody's.
        told: reads its output.
    """

    name: str
    words: tuple[str, ...]
    where: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=dict)
    told: Callable[[str], Told] = in_its_own_words


def tests(name: str, *arguments: str, **environment: str) -> Campaign:
    """A campaign of tests at their whole length."""
    words = ("-m", "pytest", "-p", "no:cacheprovider", "-rA", *arguments)
    return Campaign(name, words, ROOT, {"KEDGE_LONG": "1", **environment}, as_pytest_says)


def beside_tests(name: str, *words: str) -> Campaign:
    """A campaign of a module that lies with the tests."""
    return Campaign(name, ("-m", *words), ROOT / "tests")


@dataclass(frozen=True)
class Outcome:
    """How a campaign went."""

    name: str
    commit: str
    passed: bool
    seconds: float
    summary: str
    table: str


def states_of(commit: str, folder: Path) -> Path:
    """Where campaigns at a commit note their progress."""
    return folder / _plain(commit)


def run(campaign: Campaign, commit: str, states: Path) -> Outcome:
    """Run a campaign to its end.

    Args:
        campaign: which.
        commit: that is checked out.
        states: folder of the folders in which campaigns note their progress.
    """
    began = time.monotonic()
    state = states / _plain(campaign.name)
    state.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, *(str(state) if word == STATE else word for word in campaign.words)],
        cwd=campaign.where, env={**os.environ, **campaign.environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        print(done.stdout[-4000:], done.stderr[-4000:])
    told = campaign.told(done.stdout)
    seconds = round(time.monotonic() - began, 1)
    return Outcome(campaign.name, commit, done.returncode == 0, seconds, told.summary, told.table)


def _plain(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")
