"""Judging the winner of a search in worlds where there is nothing to be found."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kedge.interfaces.worlds import campaign_key, decisions
from kedge.research.account import cash_of, market_of
from kedge.research.campaign import WorldVerdict, noncentrality
from kedge.research.grid import Grid
from kedge.research.search import judge_search
from kedge.research.sweep import sweep
from kedge.research.trials import Ledger
from kedge.research.truths import Truth
from kedge.settings import Settings, replace


@dataclass(frozen=True, slots=True)
class SearchJudge:
    """From a seed to the verdict on the best of a sweep; a value, so that it travels.

    Attributes:
        truth: which worlds; trading must be free, as in a null.
        settings: how they are traded; costs are those of the truth.
        grid: what is searched in every world, on a ledger that holds nothing.
    """

    truth: Truth
    settings: Settings
    grid: Grid

    def __call__(self, seed: int) -> WorldVerdict:
        """Make the world of a seed, search it and judge what won."""
        stated, _ = decisions(self.truth, self.settings)
        panel = self.truth.world(seed)
        result = sweep(panel, stated, self.grid, threads=1)
        stress = self.settings.costs.stress * self.truth.costs
        settings = replace(self.settings, {"costs.stress": stress, "currency": None})
        market = market_of(panel, cash_of(stated, len(result.ts)))
        found = judge_search(settings, panel, stated, result, market, Ledger(Path(), (), ""))
        return WorldVerdict(
            seed=seed,
            verdict=found.evidence.verdict,
            deflated_sharpe=found.evidence.deflated_sharpe,
            noncentrality=noncentrality(np.ascontiguousarray(found.trials.returns[:, found.best])),
            trades=int(result.trades[found.best]),
        )

    def key(self) -> str:
        """Hash of all that decides a verdict besides the seed."""
        return campaign_key(self.truth, self.settings, repr(self.grid))
