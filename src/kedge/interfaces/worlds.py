"""Judging worlds through the very decision path that a backtest takes."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import kedge
from kedge.bootstrap import bind_strategies, decision_of
from kedge.compile_cache import fingerprint
from kedge.engine.pipeline import Decision
from kedge.research.account import daily_of, residual_of
from kedge.research.alone import judge_alone
from kedge.research.campaign import Judge, WorldVerdict, noncentrality
from kedge.research.run import run
from kedge.research.truths import CALIBRATION_SEEDS, Truth, planted_truth
from kedge.research.worlds import WorldSpec
from kedge.settings import Settings, replace

Pool = Callable[[Judge, Sequence[int]], Iterable[WorldVerdict]]


@dataclass(frozen=True, slots=True)
class WorldJudge:
    """From a seed to the verdict on its world; a value, so that it travels to processes.

    Attributes:
        truth: which worlds.
        settings: how they are traded; costs are those of the truth.
    """

    truth: Truth
    settings: Settings

    def __call__(self, seed: int) -> WorldVerdict:
        """Make, run and judge the world of a seed."""
        stated, doubled = decisions(self.truth, self.settings)
        panel = self.truth.world(seed)
        ran = run(panel, stated)
        stressed = daily_of(ran if doubled is stated else run(panel, doubled))
        evidence = judge_alone(ran, stressed, seed)
        return WorldVerdict(
            seed=seed,
            verdict=evidence.verdict,
            deflated_sharpe=evidence.deflated_sharpe,
            noncentrality=noncentrality(residual_of(stressed, panel, doubled)),
            trades=len(ran.trades),
        )

    def key(self) -> str:
        """Hash of all that decides a verdict besides the seed."""
        return campaign_key(self.truth, self.settings)


def campaign_key(truth: Truth, settings: Settings, *more: str) -> str:
    """Hash of worlds, settings, the sources and whatever else decides a verdict."""
    parts = (truth.name, truth.meaning, repr(truth.spec), repr(truth.costs))
    sources = fingerprint(Path(kedge.__file__).parent)
    text = "|".join((*parts, settings.hash, sources, *more))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=4)
def decisions(truth: Truth, settings: Settings) -> tuple[Decision, Decision]:
    """At the stated and at doubled costs; one and the same where trading is free.

    Worlds of one kind differ in their prices only, so their decision is built once.
    """
    panel = truth.world(0)
    strategies = bind_strategies(settings, panel.interval_ns)

    def at(multiple: float) -> Decision:
        # worlds are in a currency of their own, whatever the configured markets are in
        own = {"costs.stress": settings.costs.stress * multiple, "currency": None}
        return decision_of(replace(settings, own), panel, strategies)

    stated = at(truth.costs)
    return stated, stated if truth.costs == 0.0 else at(2.0 * truth.costs)


def mean_noncentrality(
    settings: Settings, strength: float, spec: WorldSpec | None = None
) -> tuple[float, float]:
    """Mean and standard deviation over the calibration seeds, at doubled costs."""
    truth = planted_truth(strength, spec)
    _, doubled = decisions(truth, settings)
    measured = []
    for seed in CALIBRATION_SEEDS:
        panel = truth.world(seed)
        ran = run(panel, doubled)
        measured.append(noncentrality(residual_of(daily_of(ran), panel, doubled)) or 0.0)
    return float(np.mean(measured)), float(np.std(measured, ddof=1))


def processes(number: int) -> Pool:
    """A way to hand seeds to several fresh processes; verdicts come back in order."""

    def mapped(judge: Judge, seeds: Sequence[int]) -> Iterable[WorldVerdict]:
        if number == 1 or len(seeds) < 2:
            yield from map(judge, seeds)
            return
        with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
            yield from pool.map(judge, seeds, chunksize=8)

    return mapped
