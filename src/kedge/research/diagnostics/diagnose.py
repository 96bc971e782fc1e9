"""Run a result again under every change, on all processors."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from kedge.domain.errors import InputError
from kedge.domain.panel import Panel
from kedge.engine.pipeline import Decision
from kedge.research.account import cash_of, daily_of
from kedge.research.daily import DailyEquity
from kedge.research.diagnostics.figures import (
    DelayRow,
    Diagnostics,
    NoiseRow,
    SensitivityRow,
    StressRow,
    outcome_of,
)
from kedge.research.diagnostics.moves import Move, moves
from kedge.research.diagnostics.noise import noisy
from kedge.research.diagnostics.resampled import bootstrap_rows, fan
from kedge.research.run import Run
from kedge.research.run import run as run_decision
from kedge.research.variants import at_costs, rebind, redecide, under
from kedge.settings import Settings
from kedge.settings.trading import LATENCY_MAX

Progress = Callable[[str, int], None]
"""Called with the name of each finished run and how many there are in all."""

THREADS = 2
NOISE_DRAWS = 5
LATENCY: Final = "execution.latency_rows"

Build = Callable[[], tuple[Panel, Decision]]


@dataclass(frozen=True, slots=True)
class _Variant:
    """A change by name, and how to make it: only when it is its turn, to save memory.

    Attributes:
        name: what was changed.
        build: the market and the decision, changed.
        may_break: whether bad input to it is a finding and not an error.
    """

    name: str
    build: Build
    may_break: bool = False


@dataclass(frozen=True, slots=True)
class _Ended:
    """What is kept of a changed run."""

    daily: DailyEquity | None
    figures: dict[str, Any]


def diagnose(
    settings: Settings,
    panel: Panel,
    decision: Decision,
    run: Run,
    progress: Progress = lambda name, total: None,
) -> Diagnostics:
    """Stress the costs, move every parameter, delay, disturb, resample.

    Every changed run uses what the first one compiled, and none is a trial: they
    say how a result hangs on its settings, and no result is chosen by them. A delay
    comes on top of the configured latency, and is left out where both exceed what
    the execution allows.

    Args:
        settings: of the run.
        panel: its market.
        decision: what it ran.
        run: its outcome.
        progress: told of each finished run.

    Raises:
        InputError: a run at other costs, delays or prices is refused; where a moved
            parameter is to blame, its row is without figures instead.
    """
    research = settings.research
    stress = {m: _at_costs(settings, panel, decision, m) for m in research.cost_stress}
    moved = tuple(moves(decision.strategies, research.sensitivity))
    room = LATENCY_MAX - settings.execution.latency_rows
    delays = {d: _delayed(settings, panel, decision, d) for d in research.delays if d <= room}
    draws = _draws(settings, panel, decision)
    sensitivity = [_moved(settings, panel, decision, move) for move in moved]
    every = [*stress.values(), *sensitivity, *delays.values(), *draws]
    ended = dict(zip([v.name for v in every], _run_all(every, progress), strict=True))
    doubled = ended[stress[2.0].name].daily
    assert doubled is not None  # costs never make a run impossible
    own = daily_of(run)
    cash = cash_of(decision, own.days)
    return Diagnostics(
        stress=tuple(StressRow(multiplier=m, **ended[v.name].figures) for m, v in stress.items()),
        sensitivity=tuple(
            SensitivityRow(
                parameter=move.label,
                change=move.change,
                value=move.value,
                **ended[variant.name].figures,
            )
            for move, variant in zip(moved, sensitivity, strict=True)
        ),
        delay=tuple(DelayRow(rows=d, **ended[v.name].figures) for d, v in delays.items()),
        noise=tuple(
            NoiseRow(draw=str(number), **ended[v.name].figures) for number, v in enumerate(draws, 1)
        ),
        bootstrap=bootstrap_rows(own, cash, settings.seed, research.resamples),
        fan=fan(own, settings.seed, research.resamples),
        stressed_daily=doubled,
    )


def _at_costs(settings: Settings, panel: Panel, decision: Decision, multiple: float) -> _Variant:
    make = partial(at_costs, settings, panel, decision, multiple)
    return _Variant(f"costs x {multiple:g}", lambda: (panel, make()))


def _delayed(settings: Settings, panel: Panel, decision: Decision, rows: int) -> _Variant:
    latency = settings.execution.latency_rows + rows
    make = partial(under, settings, panel, decision, {LATENCY: latency})
    return _Variant(f"delay of {rows} rows", lambda: (panel, make()))


def _moved(settings: Settings, panel: Panel, decision: Decision, move: Move) -> _Variant:
    def build() -> tuple[Panel, Decision]:
        strategies = list(decision.strategies)
        bound = strategies[move.strategy]
        strategies[move.strategy] = rebind(bound, {move.parameter: move.value}, panel.interval_ns)
        return panel, redecide(settings, panel, decision, strategies)

    return _Variant(f"{move.label} = {move.value:g}", build, may_break=True)


def _draws(settings: Settings, panel: Panel, decision: Decision) -> list[_Variant]:
    """Each draw has a seed of its own, and a feature plan of its own for its thread."""

    def build(seed: int) -> tuple[Panel, Decision]:
        disturbed = noisy(panel, settings.research.price_noise, seed)
        return disturbed, redecide(settings, panel, decision, decision.strategies)

    seeds = [settings.seed + number for number in range(1, NOISE_DRAWS + 1)]
    return [
        _Variant(f"noise {number}", partial(build, seed)) for number, seed in enumerate(seeds, 1)
    ]


def _run_all(variants: Sequence[_Variant], progress: Progress) -> list[_Ended]:
    with ThreadPoolExecutor(THREADS) as pool:
        futures = {pool.submit(_run_one, variant): variant for variant in variants}
        try:
            for done in as_completed(futures):
                done.result()
                progress(futures[done].name, len(variants))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _run_one(variant: _Variant) -> _Ended:
    """A parameter under which the strategy breaks down makes no result, which is a finding."""
    try:
        panel, decision = variant.build()
        run = run_decision(panel, decision)
    except InputError:
        if not variant.may_break:
            raise
        return _Ended(None, {})
    daily = daily_of(run)
    cash = cash_of(decision, daily.days)
    return _Ended(daily, outcome_of(daily, cash, len(run.trades)))
