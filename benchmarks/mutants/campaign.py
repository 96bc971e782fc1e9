"""``python -m benchmarks.mutants.campaign``: seeded mutants of what money depends on.

Every mutant is tried in a copy of the sources: the tests of its module first, then up to 200
simulated worlds. What was tried is kept in ``out/mutants/tried.json`` and not tried again while
its source is the same; ``--most N`` stops after so many, ``--again`` tries what survived once more,
``--fresh`` forgets everything. The table is written to ``docs/mutants.md``.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Final, NamedTuple

from benchmarks.mutants.edits import Edit, applied, edits
from benchmarks.mutants.groups import GROUPS, Part
from benchmarks.mutants.page import Tried, share, write
from benchmarks.mutants.tree import ROOT, Tree

SEED: Final = 1
EACH: Final = 75
"""Mutants of every group."""
LEAST: Final = 0.9
"""Share that must be killed."""
OUT: Final = ROOT / "out" / "mutants"
SOURCE: Final = ROOT / "src" / "kedge"


class Mutant(NamedTuple):
    """One fault in one source."""

    group: str
    tests: tuple[str, ...]
    file: str
    text: str
    edit: Edit

    @property
    def name(self) -> str:
        """That it is known by as long as its source is the same."""
        source = sha256(self.text.encode()).hexdigest()[:12]
        return f"{self.file} {source} {self.edit.start}-{self.edit.end} {self.edit.new}"


def files(part: Part) -> list[str]:
    """Sources of a part, in order."""
    found: set[str] = set()
    for pattern in part.sources:
        hits = {p.relative_to(SOURCE).as_posix() for p in SOURCE.glob(pattern.removeprefix("!"))}
        found = found - hits if pattern.startswith("!") else found | hits
    return sorted(found)


def drawn(group: str) -> list[Mutant]:
    """The mutants of a group."""
    found = [
        Mutant(group, part.tests, file, text, edit)
        for part in GROUPS[group]
        for file in files(part)
        for text in [(SOURCE / file).read_text()]
        for edit in edits(text)
    ]
    return Random(f"{SEED}/{group}").sample(found, EACH)


def in_turn() -> Iterator[Mutant]:
    """One of every group after the other, so that a part of them is a fair part."""
    for several in zip(*map(drawn, GROUPS), strict=True):
        yield from several


def tried(tree: Tree, mutant: Mutant) -> Tried:
    """Try one."""
    text, edit = mutant.text, mutant.edit
    wrong = applied(text, edit)
    trial = tree.mutated(mutant.file, wrong, mutant.tests)
    lines = zip(text.splitlines(), wrong.splitlines(), strict=False)
    before, after = next(((a, b) for a, b in lines if a != b), ("", ""))
    return Tried(
        mutant.name, mutant.group, mutant.file, edit.line, edit.kind,
        before.strip(), after.strip(), trial.by, trial.said,
    )  # fmt: skip


def known(fresh: bool) -> dict[str, Tried]:
    """What was tried before."""
    file = OUT / "tried.json"
    if fresh or not file.exists():
        return {}
    return {each[0]: Tried(*each) for each in json.loads(file.read_text())}


def keep(found: dict[str, Tried]) -> None:
    """Keep what was tried, whole or not at all."""
    part = OUT / "tried.part"
    part.write_text(json.dumps(list(found.values()), indent=0))
    part.replace(OUT / "tried.json")


def main(words: list[str]) -> int:
    """Try what has not been tried."""
    parser = argparse.ArgumentParser(description="seeded mutants, killed or not")
    parser.add_argument("--most", type=int, default=EACH * len(GROUPS))
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    given = parser.parse_args(words)
    OUT.mkdir(parents=True, exist_ok=True)
    found, mutants = known(given.fresh), list(in_turn())[: given.most]
    if given.again:
        found = {name: each for name, each in found.items() if each.by or each.why}
    left = [each for each in mutants if each.name not in found]
    if left:
        tree = Tree(OUT)
        tree.make()
        tree.plain(part.tests for parts in GROUPS.values() for part in parts)
        for mutant in left:
            one = found[mutant.name] = tried(tree, mutant)
            print(
                f"{one.file}:{one.line} {one.kind}: {one.by or 'SURVIVED'} {one.said}", flush=True
            )
            keep(found)
    result = [found[each.name] for each in mutants]
    write(result, EACH * len(GROUPS))
    return 0 if share(result) >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
