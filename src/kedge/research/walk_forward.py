"""Walk forward: choose on the past, meet the next segment once, move on.

In every training window each candidate of a grid runs on that window alone, and
the one with the best mean Sharpe ratio over the window's inner folds is chosen.
It alone then meets the segment that follows, which nothing was chosen on. The
segments together are one out-of-sample history, and the verdict is on that.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from kedge.domain import state as o
from kedge.domain.errors import InputError
from kedge.domain.panel import F64, I64, Panel
from kedge.engine.pipeline import Decision
from kedge.research.account import cash_of, daily_of
from kedge.research.assess import Case, assess, related_series
from kedge.research.benchmarks import residual
from kedge.research.configuration import candidate_hashes, config_hash, params_of
from kedge.research.daily import observed_days_per_year, session_ends
from kedge.research.deflated import daily_sharpes
from kedge.research.grid import Grid
from kedge.research.metrics import Figure, cagr, figure, max_drawdown, sharpe, total_return
from kedge.research.purged import Window, rolling_windows
from kedge.research.run import run
from kedge.research.search import residuals
from kedge.research.sweep import sweep
from kedge.research.trials import Ledger, TrialBatch
from kedge.research.variants import at_costs, rebind, redecide
from kedge.research.verdict import Evidence
from kedge.settings import Settings


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the history is cut.

    Attributes:
        train_ns, test_ns: length of a training window and of a segment.
        gap_ns: left out between them: what a training decision still looks at.
        folds: inner folds of a training window.
    """

    train_ns: int
    test_ns: int
    gap_ns: int
    folds: int


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One untouched segment and the candidate that met it.

    Attributes:
        train_from, train_to, test_from, test_to: first and last session, ns UTC.
        params: of the chosen candidate.
        inner_sharpe: mean annual residual Sharpe ratio over its inner folds.
        sharpe: annual residual Sharpe ratio in the segment.
        total_return: of the account in the segment.
        trades: opened and closed in the segment.
    """

    train_from: int
    train_to: int
    test_from: int
    test_to: int
    params: Mapping[str, float]
    inner_sharpe: Figure
    sharpe: Figure
    total_return: Figure
    trades: int


@dataclass(frozen=True, slots=True)
class WalkForward:
    """The segments, their history end to end, and what it is evidence of.

    Attributes:
        segments: in order of time.
        days: (D,) sessions of all segments, ns UTC.
        returns: (D,) daily returns of the account.
        residual: (D,) daily residual returns.
        figures: ``sharpe, cagr, max_drawdown, total_return`` of the returns.
        evidence: the verdict on the residual.
        trials: everything that is to be counted: the stitched history itself,
            then the candidates on each training window.
    """

    segments: tuple[Segment, ...]
    days: I64
    returns: F64
    residual: F64
    figures: Mapping[str, Figure]
    evidence: Evidence
    trials: tuple[TrialBatch, ...]


@dataclass(frozen=True, slots=True)
class _Met:
    """A window done: what was chosen on it, and how that fared in the segment."""

    window: Window
    params: Mapping[str, float]
    inner: float
    returns: F64
    doubled: F64
    trades: int
    tried: TrialBatch


def walk_forward(
    settings: Settings,
    panel: Panel,
    decision: Decision,
    grid: Grid,
    schedule: Schedule,
    market: F64,
    ledger: Ledger,
    progress: Callable[[str, int], None] = lambda name, total: None,
) -> WalkForward:
    """Walk a grid forward over a history.

    Args:
        settings: as configured.
        panel: the history.
        decision: as configured.
        grid: what is chosen from.
        schedule: how the history is cut.
        market: (D,) daily returns of the benchmark over all sessions.
        ledger: trials recorded before.
        progress: told of every finished window.

    Raises:
        InputError: the history is shorter than one window and its segment.
    """
    walk = _Walk(settings, panel, decision, grid, market)
    windows = list(rolling_windows(walk.days, schedule.train_ns, schedule.test_ns, schedule.gap_ns))
    if not windows or any(w.train_stop - w.train_start < 2 * schedule.folds for w in windows):
        raise InputError(
            f"{len(walk.days):,} sessions are too few for these windows",
            "--train, --test",
            "shorten them, or import a longer history",
        )
    met = []
    for number, window in enumerate(windows, 1):
        met.append(walk.meet(window, schedule.folds))
        progress(f"window {number}", len(windows))
    return walk.stitch(met, schedule, ledger)


def fold_scores(residuals: F64, folds: int) -> F64:
    """(K,) mean over contiguous inner folds of each candidate's daily Sharpe ratio.

    A candidate that never moves in a fold scores 0 there.

    Args:
        residuals: (D, K) daily residual returns on the training window.
        folds: how many folds.
    """
    parts = np.array_split(residuals, folds)
    scores = np.stack([np.nan_to_num(daily_sharpes(part)) for part in parts])
    return np.asarray(scores.mean(axis=0), np.float64)


def before(ledger: Ledger, tried: Sequence[TrialBatch]) -> Ledger:
    """The ledger without what this very walk left in it when it ran before.

    Only the same candidates on the same training windows are left out: they were
    never chosen by the days of the segments, and a rerun is judged as the first run.
    """
    own = {(h, int(b.days[0]), int(b.days[-1])) for b in tried for h in b.config_hashes}
    kept = [t for t in ledger.trials if (t.config_hash, t.first_ns, t.last_ns) not in own]
    return replace(ledger, trials=tuple(kept))


class _Walk:
    """The windows of one history, met one after the other."""

    def __init__(
        self, settings: Settings, panel: Panel, decision: Decision, grid: Grid, market: F64
    ) -> None:
        self.settings, self.panel, self.decision = settings, panel, decision
        self.grid, self.market = grid, market
        self.ends = session_ends(panel.session)
        self.begins = np.concatenate(([0], self.ends[:-1] + 1))
        self.days: I64 = panel.ts[self.ends]
        self.per_year = observed_days_per_year(self.days)
        self.instruments = tuple(i.id for i in panel.instruments)

    def meet(self, window: Window, folds: int) -> _Met:
        """Choose on the training window alone; run the chosen one on into the segment."""
        result = sweep(self._rows(window.train_start, window.train_stop), self.decision, self.grid)
        market = self.market[window.train_start : window.train_stop]
        series = residuals(result, market, cash_of(self.decision, len(result.ts)))
        scores = fold_scores(series, folds)
        best = int(np.argmax(scores))
        returns, trades = self._segment(window, result.params[best], 1.0)
        hashes = candidate_hashes(
            self.settings, self.decision.strategies, self.grid.strategy, result.params
        )
        return _Met(
            window=window,
            params=result.params[best],
            inner=float(scores[best]),
            returns=returns,
            doubled=self._segment(window, result.params[best], 2.0)[0],
            trades=trades,
            tried=TrialBatch(self.instruments, result.ts, hashes, series),
        )

    def _rows(self, first_day: int, stop_day: int) -> Panel:
        return self.panel.window(int(self.begins[first_day]), int(self.ends[stop_day - 1]) + 1)

    def _segment(
        self, window: Window, params: Mapping[str, float], costs: float
    ) -> tuple[F64, int]:
        """Daily returns and trades of a candidate in the segment.

        The account starts with the training window, so that features and risk
        estimates are warm; only what it does in the segment is kept.
        """
        rows = self._rows(window.train_start, window.test_stop)
        strategies = [
            rebind(bound, params, rows.interval_ns) if bound.name == self.grid.strategy else bound
            for bound in self.decision.strategies
        ]
        chosen = redecide(self.settings, rows, self.decision, strategies)
        done = run(rows, at_costs(self.settings, rows, chosen, costs))
        begin = self.begins[window.test_start] - self.begins[window.train_start]
        trades = int((done.trades[:, o.TRADE_OPEN] >= begin).sum())
        return daily_of(done).returns[window.test_start - window.train_start :], trades

    def stitch(self, met: Sequence[_Met], schedule: Schedule, ledger: Ledger) -> WalkForward:
        """The segments as one history, and the verdict on it."""
        ahead = np.concatenate([np.arange(m.window.test_start, m.window.test_stop) for m in met])
        returns = np.concatenate([m.returns for m in met])
        cash, market = cash_of(self.decision, len(ahead)), self.market[ahead]
        left = residual(returns, market, cash).returns
        doubled = np.concatenate([m.doubled for m in met])
        own = TrialBatch(self.instruments, self.days[ahead], (self._hash(schedule),), left[:, None])
        case = Case(
            residual=left,
            residual_doubled=residual(doubled, market, cash).returns,
            trials=related_series(before(ledger, [m.tried for m in met]), own),
            search=None,  # nothing was chosen on these days
            per_year=self.per_year,
            trades=sum(m.trades for m in met),
            point_in_time=self.panel.point_in_time,
        )
        starts = np.concatenate(([0], np.cumsum([len(m.returns) for m in met])))
        return WalkForward(
            segments=tuple(
                self._describe(m, left[a:b])
                for m, a, b in zip(met, starts[:-1], starts[1:], strict=True)
            ),
            days=self.days[ahead],
            returns=returns,
            residual=left,
            figures={
                "sharpe": figure(sharpe(returns - cash, self.per_year)),
                "residual_sharpe": figure(sharpe(left, self.per_year)),
                "cagr": figure(cagr(returns, self.per_year)),
                "max_drawdown": figure(max_drawdown(returns)),
                "total_return": figure(total_return(returns)),
            },
            evidence=assess(case, self.settings.seed, self.settings.evidence),
            trials=(own, *(m.tried for m in met)),
        )

    def _describe(self, met: _Met, left: F64) -> Segment:
        w = met.window
        return Segment(
            train_from=int(self.days[w.train_start]),
            train_to=int(self.days[w.train_stop - 1]),
            test_from=int(self.days[w.test_start]),
            test_to=int(self.days[w.test_stop - 1]),
            params=met.params,
            inner_sharpe=figure(met.inner * float(np.sqrt(self.per_year))),
            sharpe=figure(sharpe(left, self.per_year)),
            total_return=figure(total_return(met.returns)),
            trades=met.trades,
        )

    def _hash(self, schedule: Schedule) -> str:
        """The whole procedure is one configuration: settings, grid and schedule."""
        configured = config_hash(self.settings, params_of(self.decision.strategies))
        text = f"{configured}|{self.grid!r}|{schedule!r}"
        return hashlib.sha256(text.encode()).hexdigest()
