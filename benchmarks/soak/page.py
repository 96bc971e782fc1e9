"""The page of the campaigns."""

from collections.abc import Sequence

from benchmarks import machine
from benchmarks.soak.campaign import ROOT, Outcome

PARTIAL = "\n**Partial: not every campaign ran.**\n"


def page(outcomes: Sequence[Outcome], whole: int) -> str:
    """The page as Markdown.

    Args:
        outcomes: of the campaigns that ran.
        whole: how many there are.
    """
    rows = "\n".join(
        f"| {o.name} | {'passed' if o.passed else 'FAILED'} | {o.commit} | {o.seconds:.0f} s "
        f"| {o.summary} |"
        for o in outcomes
    )
    partial = "" if len(outcomes) == whole else PARTIAL
    tables = "".join(f"\n## {o.name}\n\n{o.table}\n" for o in outcomes if o.table)
    return (
        f"# Long campaigns\n\nMade by `make soak`, last on {machine.today()}; each at the commit "
        "that stands beside it.\n\n"
        f"{machine.facts()}\n{partial}\n"
        f"| campaign | result | commit | time | it says |\n|---|---|---|---|---|\n{rows}\n{tables}"
    )


def write(outcomes: Sequence[Outcome], whole: int) -> None:
    """Write the page."""
    path = ROOT / "docs" / "soak.md"
    path.write_text(page(outcomes, whole), encoding="utf-8")
