"""Mutants: each is the source with one fault, the same ones every time, of what functions do."""

import pytest
from benchmarks.mutants.campaign import GROUPS, SOURCE, drawn, files
from benchmarks.mutants.edits import applied, edits

SOURCE_TEXT = '''"""Words + 1."""

LIMIT = 3


def taken(a: int, b: float = 0.5) -> int:
    """Not 1 < 2."""
    if not a or b < 7:
        raise ValueError(f"{a + 1}")
    total = a + 1
    note(total)
    return -total
'''


def made(kind: str) -> set[str]:
    """First lines that differ, of every mutant of a kind."""
    old = SOURCE_TEXT.splitlines()
    found = [applied(SOURCE_TEXT, each).splitlines() for each in edits(SOURCE_TEXT)
             if each.kind == kind]  # fmt: skip
    return {next(b for a, b in zip(old, new, strict=False) if a != b).strip() for new in found}


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("compared", {"if not a or (b <= 7):"}),
        ("joined", {"if (not a and b < 7):"}),
        ("negated", {"if (not (not a or b < 7)):"}),
        ("sign", {"if (a) or b < 7:", "return (total)"}),
        ("number", {"if not a or b < 8:", "total = a + 2"}),
        ("computed", {"total = (a - 1)"}),
        ("dropped", {"pass"}),
        ("early return", {"return"}),
        ("flag", set()),
    ],
)
def test_a_source_has_these_faults_and_no_others(kind, lines):
    assert made(kind) == lines


def test_a_raise_and_a_call_can_be_dropped():
    dropped = [each.line for each in edits(SOURCE_TEXT) if each.kind == "dropped"]
    assert dropped == [9, 11]


@pytest.mark.parametrize("group", GROUPS)
def test_every_mutant_of_a_group_differs_from_its_source_and_can_be_compiled(group):
    for part in GROUPS[group]:
        for file in files(part):
            text = (SOURCE / file).read_text()
            for edit in edits(text)[::5]:
                wrong = applied(text, edit)
                assert wrong != text
                compile(wrong, file, "exec")


@pytest.mark.parametrize("group", GROUPS)
def test_the_same_mutants_are_drawn_every_time(group):
    assert drawn(group) == drawn(group)
    assert len({each.name for each in drawn(group)}) == len(drawn(group))
