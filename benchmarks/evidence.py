"""The statistical campaign: how often a verdict is right where the truth is known.

``python -m benchmarks.evidence`` judges worlds without an edge and worlds with a
planted one, keeps every verdict under ``out/evidence`` (a stopped campaign goes on
where it was), and writes ``docs/evidence.md``.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks.machine import commit, facts, today
from kedge.interfaces.worlds import WorldJudge, mean_noncentrality, processes
from kedge.research.campaign import WorldVerdict, count, exact_interval, run_campaign
from kedge.research.truths import CALIBRATION_SEEDS, Truth, calibrate, nulls, planted_truth
from kedge.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evidence.md"
NULL_WORLDS, NULL_MOST = 1_000, 15
PLANTED_WORLDS, PLANTED_LEAST = 100, 90


@dataclass(frozen=True)
class Campaign:
    """Worlds of one kind, how many there should be, and what was said about them."""

    truth: Truth
    wanted: int
    judged: tuple[WorldVerdict, ...]

    @property
    def complete(self) -> bool:
        """Whether as many worlds were judged as the figure asks for."""
        full = PLANTED_WORLDS if self.truth.costs else NULL_WORLDS
        return len(self.judged) == self.wanted >= full

    @property
    def met(self) -> bool:
        """Whether the figure is met; a share of the worlds meets none."""
        strong = count(self.judged)["strong"]
        bound = strong >= PLANTED_LEAST if self.truth.costs else strong <= NULL_MOST
        return self.complete and bound


def main(arguments: Sequence[str] | None = None) -> int:
    """Run or resume the campaign and write the page; 0 when every figure is met."""
    given = _parse(arguments)
    settings = load_settings(environment={}, dotenv=Path(os.devnull))
    strength = calibrate(lambda tried: mean_noncentrality(settings, tried)[0])
    calibrated = mean_noncentrality(settings, strength)
    plan = [(truth, given.worlds) for truth in nulls()]
    plan.append((planted_truth(strength), given.planted))
    done: list[Campaign] = []
    for truth, wanted in plan:
        done.append(_judge(truth, wanted, settings, given))
        waiting = [Campaign(t, n, ()) for t, n in plan[len(done) :]]
        text = page([*done, *waiting], strength, calibrated)
        given.page.write_text(text, encoding="utf-8")
    return 0 if all(campaign.met for campaign in done) else 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    parser.add_argument("--worlds", type=int, default=NULL_WORLDS, help="of each kind of null")
    parser.add_argument("--planted", type=int, default=PLANTED_WORLDS, help="with an edge")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "evidence")
    parser.add_argument("--page", type=Path, default=PAGE)
    return parser.parse_args(arguments)


def _judge(truth: Truth, wanted: int, settings: Settings, given: argparse.Namespace) -> Campaign:
    judge = WorldJudge(truth, settings)
    key = judge.key()
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
    return Campaign(truth, wanted, judged)


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
between worlds. The target is 6. One configuration is tried in each world.

## Where it was made

{today()}, commit `{commit(ROOT)}`.

{facts()}
"""


def _row(campaign: Campaign) -> str:
    truth, judged = campaign.truth, campaign.judged
    wanted = f"at least {PLANTED_LEAST}" if truth.costs else f"at most {NULL_MOST}"
    of = PLANTED_WORLDS if truth.costs else NULL_WORLDS
    counts = count(judged)
    interval = "-"
    if judged:
        low, high = exact_interval(counts["strong"], len(judged))
        interval = f"{100 * low:.2f} % to {100 * high:.2f} %"
    met = ("yes" if campaign.met else "no") if campaign.complete else "partial"
    grades = " | ".join(str(counts[grade]) for grade in ("strong", "weak", "none"))
    return (
        f"| {truth.name} | {truth.meaning} | {len(judged):,} | {grades} "
        f"| {interval} | {wanted} of {of:,} | {met} |"
    )


def _statistics(campaign: Campaign) -> str:
    trades = np.mean([each.trades for each in campaign.judged])
    t = np.array([each.noncentrality or 0.0 for each in campaign.judged])
    spread = t.std(ddof=1) if len(t) > 1 else 0.0
    return f"| {campaign.truth.name} | {trades:.0f} | {t.mean():.2f} | {spread:.2f} |"


if __name__ == "__main__":
    sys.exit(main())
