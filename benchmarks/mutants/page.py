"""What became of the mutants, into ``docs/mutants.md``."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from benchmarks import machine
from benchmarks.document import table
from benchmarks.mutants.equivalent import EQUIVALENT
from benchmarks.mutants.tree import ROOT, WORLDS

PAGE: Final = ROOT / "docs" / "mutants.md"


class Tried(NamedTuple):
    """A mutant that was tried.

    Attributes:
        name: that it is known by as long as its source is the same.
        group, file, line, kind: which it is.
        before, after: the first line that differs.
        by: what killed it, ``tests``, ``worlds`` or ``time``; empty for a survivor.
        said: by what killed it.
    """

    name: str
    group: str
    file: str
    line: int
    kind: str
    before: str
    after: str
    by: str
    said: str

    @property
    def why(self) -> str:
        """Why a survivor does the same as the source; empty where nobody has found that."""
        return EQUIVALENT.get((self.file, self.before, self.after), "")


def write(found: Sequence[Tried], wanted: int) -> None:
    """Write the page."""
    partial = f"**Partial: {len(found)} of {wanted}.**\n\n" if len(found) < wanted else ""
    survived = [each for each in found if not each.by]
    PAGE.write_text(
        f"# Mutants\n\nMade by `python -m benchmarks.mutants.campaign` on {machine.today()} at "
        f"commit {machine.commit(ROOT)}.\n\n{machine.facts()}\n\n{partial}"
        "A mutant is the source with one small fault, drawn by a seed. The tests of its own module "
        f"run first, then up to {WORLDS} simulated worlds.\n\n"
        f"{_shares(found)}\n\n"
        f"## Survivors that nobody has explained\n\n"
        f"{_lines(each for each in survived if not each.why)}\n\n"
        f"## Survivors that do the same\n\n"
        f"{_lines(each for each in survived if each.why)}\n",
        encoding="utf-8",
    )


def share(found: Sequence[Tried]) -> float:
    """Killed, of those that could be: what does the same as the source is left out."""
    killed = sum(bool(each.by) for each in found)
    return killed / max(1, len(found) - sum(bool(each.why) for each in found if not each.by))


def _shares(found: Sequence[Tried]) -> str:
    heads = ("group", "mutants", "by tests", "by worlds", "by the clock", "equivalent", "survived",
             "killed")  # fmt: skip
    groups = list(dict.fromkeys(each.group for each in found))
    rows = [_row(name, [each for each in found if each.group == name]) for name in groups]
    return table(heads, [*rows, _row("all", found)])


def _row(name: str, found: Sequence[Tried]) -> tuple[str, ...]:
    """Counts of a group."""
    by = [sum(each.by == kind for each in found) for kind in ("tests", "worlds", "time")]
    same = sum(bool(each.why) for each in found if not each.by)
    told = f"{share(found):.1%} ({sum(by) / max(1, len(found)):.1%} of all)"
    return (name, str(len(found)), *map(str, by), str(same), str(len(found) - same - sum(by)), told)


def _lines(found: Iterable[Tried]) -> str:
    rows = [
        (f"{each.file}:{each.line}", each.kind, _code(each.before), _code(each.after), each.why)
        for each in sorted(found, key=lambda each: (each.file, each.line))
    ]
    return table(("where", "fault", "before", "after", "why"), rows) if rows else "None."


def _code(line: str) -> str:
    return "`" + line.replace("|", "\\|") + "`"
