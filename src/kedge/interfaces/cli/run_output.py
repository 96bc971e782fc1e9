"""What ``kedge run`` shows: progress while it gets ready, the view, where the report lies."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from rich.console import Console

from kedge.domain.redact import redact
from kedge.domain.status import Status
from kedge.interfaces.cli.backtest_output import HINTS, Phases
from kedge.interfaces.cli.output import console
from kedge.interfaces.tui.live import View
from kedge.research.session.files import REPORT, RESULT

REPORTS: Final = "report"
"""Folder of the report inside the session's."""


class Stages(Protocol):
    """Told of the stages of getting ready."""

    def begin(self, name: str) -> None:
        """A stage begins."""

    def step(self, name: str, total: int) -> None:
        """One of ``total`` parts of the stage is done."""


class Said:
    """Stages as lines on stdout.

    Args:
        quiet: say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._name = quiet, ""

    def begin(self, name: str) -> None:
        """A stage begins."""
        self._name = name
        self._say(HINTS.get(name, name))

    def step(self, name: str, total: int) -> None:
        """One of ``total`` parts of the stage is done."""
        self._say(f"{self._name}: {name}")

    def _say(self, text: str) -> None:
        if not self._quiet:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


class Passed:
    """Stages in words for who asks, handed on to who shows them.

    Args:
        to: shows them.
        keep: takes the words.
    """

    def __init__(self, to: Stages, keep: Callable[[str], None]) -> None:
        self._to, self._keep, self._name = to, keep, ""

    def begin(self, name: str) -> None:
        """A stage begins."""
        self._name = name
        self._keep(name)
        self._to.begin(name)

    def step(self, name: str, total: int) -> None:
        """One of ``total`` parts of the stage is done."""
        self._keep(f"{self._name}, {name}")
        self._to.step(name, total)


class Screen:
    """Where a session is shown.

    Args:
        plain: lines even on a terminal.
        quiet: nothing but JSON at the end.
    """

    def __init__(self, *, plain: bool, quiet: bool) -> None:
        self._plain, self._quiet = plain, quiet
        self._errors = Console(stderr=True, highlight=False)

    @contextmanager
    def preparing(self) -> Iterator[Stages]:
        """Progress while the session gets ready: a bar, or lines where nobody looks."""
        if self._plain or not console().is_terminal:
            yield Said(quiet=self._quiet)
            return
        with Phases(quiet=self._quiet) as phases:
            yield phases

    @contextmanager
    def watching(self, read: Callable[[], Status | None]) -> Iterator[None]:
        """The view, for as long as the session runs."""
        if self._quiet:
            yield
            return
        with View(read, console(), plain=self._plain):
            yield

    def say(self, text: str) -> None:
        """One line for people, on stderr."""
        if not self._quiet:
            self._errors.print(redact(text), markup=False, soft_wrap=True)

    def finish(self, folder: Path) -> None:
        """What came of it, and where the report lies."""
        result = (folder / REPORTS / RESULT).read_text(encoding="utf-8")
        if self._quiet:
            sys.stdout.write(result)
            return
        found: dict[str, Any] = json.loads(result)
        metrics, session = found["metrics"], found["session"]
        sys.stdout.write(
            f"{session['rows']:,} rows, {metrics['orders']:,} orders, {metrics['fills']:,} fills; "
            f"equity {session['equity']:,.2f} {found['currency']} "
            f"({metrics['total_return']:+.3%}), fees {metrics['fees']:,.2f}\n"
            f"report: {folder / REPORTS / REPORT}\n"
        )
