"""The page of the campaigns."""

from collections.abc import Sequence

from benchmarks import machine
from benchmarks.soak.campaign import ROOT, Outcome

PARTIAL = "\n**Partial: not every campaign ran.**\n"


def page(outcomes: Sequence[Outcome], whole: int, commit: str) -> str:
    """The page as Markdown.

    Args:
        outcomes: of the campaigns that ran.
        whole: how many there are.
        commit: that is checked out.
    """
    rows = "\n".join(
        f"| {o.name} | {'passed' if o.passed else 'FAILED'} | {o.seconds:.0f} s | {o.summary} |"
        for o in outcomes
    )
    partial = "" if len(outcomes) == whole else PARTIAL
    tables = "".join(f"\n## {o.name}\n\n{o.table}\n" for o in outcomes if o.table)
    return (
        f"# Long campaigns\n\nMade by `make soak` on {machine.today()} at commit {commit}.\n\n"
        f"{machine.facts()}\n{partial}\n"
        f"| campaign | result | time | it says |\n|---|---|---|---|\n{rows}\n{tables}"
    )


def write(outcomes: Sequence[Outcome], whole: int, commit: str) -> None:
    """Write the page."""
    path = ROOT / "docs" / "soak.md"
    path.write_text(page(outcomes, whole, commit), encoding="utf-8")
