"""The statistical campaign: how often a verdict is right where the truth is known.

``python -m benchmarks.evidence`` judges worlds without an edge, the winners of searches
in such worlds, and worlds with a planted edge, keeps every verdict under
``out/evidence`` (a stopped campaign goes on where it was), and writes
``docs/evidence.md``.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks.machine import commit, facts, today
from kedge.interfaces.searched_worlds import SearchJudge
from kedge.interfaces.worlds import WorldJudge, mean_noncentrality, processes
from kedge.research.campaign import WorldVerdict, count, exact_interval, run_campaign
from kedge.research.grid import Grid
from kedge.research.truths import CALIBRATION_SEEDS, Truth, calibrate, nulls, planted_truth
from kedge.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evidence.md"
GRID = Grid(
    "ma_momentum",
    (("short", (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)), ("long", (60.0, 100.0, 140.0, 180.0))),
)
"""What is searched in every world of the searched null."""


@dataclass(frozen=True)
class Goal:
    """How many of how many worlds should be called strong: so many at most, or at least."""

    worlds: int
    strong: int
    at_least: bool = False

    def __str__(self) -> str:
        return f"at {'least' if self.at_least else 'most'} {self.strong} of {self.worlds:,}"


NULL, SEARCHED, PLANTED = Goal(1_000, 15), Goal(200, 3), Goal(100, 90, at_least=True)


@dataclass(frozen=True)
class Campaign:
    """Worlds of one kind, how many there should be, and what was said about them."""

    truth: Truth
    goal: Goal
    wanted: int
    judged: tuple[WorldVerdict, ...]

    @property
    def complete(self) -> bool:
        """Whether as many worlds were judged as the figure asks for."""
        return len(self.judged) == self.wanted >= self.goal.worlds

    @property
    def met(self) -> bool:
        """Whether the figure is met; a share of the worlds meets none."""
        strong = count(self.judged)["strong"]
        goal = self.goal
        bound = strong >= goal.strong if goal.at_least else strong <= goal.strong
        return self.complete and bound


def searched_null() -> Truth:
    """Random walks of which the best of a search is judged."""
    meaning = f"random walk, the best of {GRID.size} settings of {GRID.strategy}"
    return replace(nulls()[0], name="searched", meaning=meaning)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run or resume the campaign and write the page; 0 when every figure is met."""
    given = _parse(arguments)
    settings = load_settings(environment={}, dotenv=Path(os.devnull))
    strength = calibrate(lambda tried: mean_noncentrality(settings, tried)[0])
    calibrated = mean_noncentrality(settings, strength)
    plan: list[tuple[WorldJudge | SearchJudge, Goal, int]] = [
        *((WorldJudge(truth, settings), NULL, given.worlds) for truth in nulls()),
        (SearchJudge(searched_null(), settings, GRID), SEARCHED, given.searched),
        (WorldJudge(planted_truth(strength), settings), PLANTED, given.planted),
    ]
    done: list[Campaign] = []
    for judge, goal, wanted in plan:
        judged = _judged(judge, wanted, given)
        done.append(Campaign(judge.truth, goal, wanted, judged))
        waiting = [Campaign(j.truth, g, n, ()) for j, g, n in plan[len(done) :]]
        text = page([*done, *waiting], strength, calibrated)
        given.page.write_text(text, encoding="utf-8")
    return 0 if all(campaign.met for campaign in done) else 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    parser.add_argument("--worlds", type=int, default=NULL.worlds, help="of each kind of null")
    parser.add_argument("--searched", type=int, default=SEARCHED.worlds, help="each a search")
    parser.add_argument("--planted", type=int, default=PLANTED.worlds, help="with an edge")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "evidence")
    parser.add_argument("--page", type=Path, default=PAGE)
    return parser.parse_args(arguments)


def _judged(
    judge: WorldJudge | SearchJudge, wanted: int, given: argparse.Namespace
) -> tuple[WorldVerdict, ...]:
    truth, key = judge.truth, judge.key()
    with Progress(console=Console(file=sys.stderr)) as bar:
        task = bar.add_task(truth.name, total=wanted)
        judged = run_campaign(
            key,
            judge,
            range(wanted),
            given.folder / f"{truth.name}-{key[:12]}.jsonl",
            lambda _: bar.advance(task),
            processes(given.processes),
        )
    print(f"{truth.name}: {count(judged)}", flush=True)
    return judged


def page(campaigns: Sequence[Campaign], strength: float, calibrated: tuple[float, float]) -> str:
    """The page: figures, calibration, machine."""
    partial = not all(campaign.complete for campaign in campaigns)
    warning = "**Partial: the campaign has not judged every world; no figure is met.**\n\n"
    lines = [_row(campaign) for campaign in campaigns]
    mean, spread = calibrated
    return f"""# Evidence: how often the verdict is right

{warning if partial else ""}Every world is ten instruments over eight years of daily rows,
traded by the five shipped strategies at their default settings and judged as a
single trial: the whole path of `kedge backtest`, from bars to `strong`, `weak` or `none`. In the
nulls nothing can be predicted and trading is free, since costs would make them
trivially easy. The planted worlds cost what a US stock costs by default.

In the searched null {GRID.size} settings of `{GRID.strategy}` are tried in every world, the other
four strategies beside it, and what won is judged as `kedge research sweep` judges it, on an
empty ledger: it should be called strong as seldom as a single trial, in at most 1.5 % of
worlds, although it is the best of {GRID.size}.
[Evidence](reference/evidence.md) says how a verdict comes about. Made by
`make evidence`; do not edit.

| worlds | truth | judged | strong | weak | none | strong, 95 % interval | wanted | met |
|---|---|---|---|---|---|---|---|---|
{chr(10).join(lines)}

Trades a run and t-statistic of the residual at doubled costs (mean, deviation):

| worlds | trades | t mean | t deviation |
|---|---|---|---|
{chr(10).join(_statistics(campaign) for campaign in campaigns if campaign.judged)}

## How strong the planted edge is

The planted drift was calibrated on {len(CALIBRATION_SEEDS)} worlds whose seeds are not
counted above. At a daily Sharpe ratio of {strength:g} inside a regime (regimes last 60 days on
average, up or down with equal chance) the non-centrality of the daily residual
return, measured at doubled costs, is {mean:.2f} on average with a deviation of {spread:.2f}
between worlds. The target is 6. One configuration is tried in each planted world.

## Where it was made

{today()}, commit `{commit(ROOT)}`.

{facts()}
"""


def _row(campaign: Campaign) -> str:
    truth, judged = campaign.truth, campaign.judged
    counts = count(judged)
    interval = "-"
    if judged:
        low, high = exact_interval(counts["strong"], len(judged))
        interval = f"{100 * low:.2f} % to {100 * high:.2f} %"
    met = ("yes" if campaign.met else "no") if campaign.complete else "partial"
    grades = " | ".join(str(counts[grade]) for grade in ("strong", "weak", "none"))
    return (
        f"| {truth.name} | {truth.meaning} | {len(judged):,} | {grades} "
        f"| {interval} | {campaign.goal} | {met} |"
    )


def _statistics(campaign: Campaign) -> str:
    trades = np.mean([each.trades for each in campaign.judged])
    t = np.array([each.noncentrality or 0.0 for each in campaign.judged])
    spread = t.std(ddof=1) if len(t) > 1 else 0.0
    return f"| {campaign.truth.name} | {trades:.0f} | {t.mean():.2f} | {spread:.2f} |"


if __name__ == "__main__":
    sys.exit(main())
