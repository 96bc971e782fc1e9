"""The stages of the ``kedge research`` commands, in order."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from kedge.bootstrap import decide_on, in_currency
from kedge.domain.errors import InputError
from kedge.domain.panel import F64, Panel
from kedge.engine.pipeline import Decision
from kedge.interfaces.cli.backtest_output import Phases
from kedge.interfaces.cli.backtest_run import read
from kedge.interfaces.worlds import WorldJudge, processes
from kedge.research.account import cash_of, market_of
from kedge.research.campaign import WorldVerdict, run_campaign
from kedge.research.comparison import index_returns
from kedge.research.daily import session_ends
from kedge.research.diagnostics import Diagnostics, diagnose
from kedge.research.grid import Grid
from kedge.research.run import run
from kedge.research.search import Search, judge_search
from kedge.research.sweep import sweep
from kedge.research.trials import FOLDER, read_ledger, record_trials
from kedge.research.truths import Truth
from kedge.research.walk_forward import Schedule, WalkForward, walk_forward
from kedge.settings import Settings, find_file, load_settings, replace
from kedge.settings.spans import span_ns


def configured(config: Path | None) -> Settings:
    """The settings a command runs with."""
    return load_settings(find_file(config))


def run_sweep(settings: Settings, grid: Grid, phases: Phases) -> tuple[Search, int]:
    """Search, judge, and count every candidate in the trial ledger.

    Returns:
        The judged search, and how many trials were new.
    """
    phases.begin("reading")
    panel, index = read(settings)
    settings = in_currency(settings, panel)
    ledger = read_ledger(settings.store / FOLDER)  # before the search: one of its inputs
    phases.begin("compiling")
    decision = decide_on(settings, panel)
    phases.begin("searching")
    result = sweep(panel, decision, grid, phases.step)
    phases.begin("judging")
    market = _market(panel, index, decision)
    search = judge_search(settings, panel, decision, result, market, ledger)
    return search, record_trials(ledger.folder, search.trials)


def run_walk_forward(
    settings: Settings, grid: Grid, schedule: Schedule, phases: Phases
) -> tuple[WalkForward, int]:
    """Walk forward, judge, and count every candidate in the trial ledger."""
    phases.begin("reading")
    panel, index = read(settings)
    settings = in_currency(settings, panel)
    ledger = read_ledger(settings.store / FOLDER)
    phases.begin("compiling")
    decision = decide_on(settings, panel)
    phases.begin("walking")
    market = _market(panel, index, decision)
    walk = walk_forward(settings, panel, decision, grid, schedule, market, ledger, phases.step)
    return walk, sum(record_trials(ledger.folder, batch) for batch in walk.trials)


def schedule_of(settings: Settings, train: str, test: str, folds: int) -> Schedule:
    """The schedule that the options describe; the gap is the horizon of the forecasts.

    Raises:
        InputError: a length that is none.
    """
    lengths = []
    for name, text in (("--train", train), ("--test", test)):
        try:
            lengths.append(span_ns(text))
        except ValueError:
            raise InputError(f"{text!r} is not a length of time", name, "write 730d") from None
    return Schedule(lengths[0], lengths[1], settings.horizon_ns, folds)


def run_robustness(settings: Settings, phases: Phases) -> Diagnostics:
    """The diagnostics of a configuration, by themselves."""
    phases.begin("reading")
    panel, _ = read(settings)
    phases.begin("compiling")
    decision = decide_on(settings, panel)
    phases.begin("running")
    done = run(panel, decision)
    phases.begin("robustness")
    return diagnose(settings, panel, decision, done, phases.step)


def judge_worlds(
    settings: Settings,
    truths: Sequence[Truth],
    seeds: range,
    workers: int,
    folder: Path | None,
    quiet: bool,
) -> list[tuple[Truth, tuple[WorldVerdict, ...]]]:
    """Judge every kind of world, behind a progress bar that shows on a terminal only.

    Args:
        settings: whose strategies trade; the worlds are daily.
        truths: which worlds.
        seeds: one world each.
        workers: processes.
        folder: of the checkpoints; None keeps none.
        quiet: show no progress.
    """
    daily = replace(settings, {"universe.interval": "1d"})
    screen = Console(stderr=True)
    judged = []
    with Progress(console=screen, transient=True, disable=quiet or not screen.is_terminal) as bar:
        for truth in truths:
            task = bar.add_task(truth.name, total=len(seeds))
            judge = WorldJudge(truth, daily)
            key = judge.key()
            path = None if folder is None else folder / f"{truth.name}-{key[:12]}.jsonl"
            told = partial(_advance, bar, task)
            found = run_campaign(key, judge, seeds, path, told, processes(workers))
            judged.append((truth, found))
    return judged


def _advance(bar: Progress, task: TaskID, _: WorldVerdict) -> None:
    bar.advance(task)


def _market(panel: Panel, index: Panel | None, decision: Decision) -> F64:
    """What the residual is against: the configured index, else the universe itself."""
    cash = cash_of(decision, len(session_ends(panel.session)))
    return market_of(panel, cash) if index is None else index_returns(index, panel, cash)
