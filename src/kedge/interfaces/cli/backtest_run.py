"""The stages of ``kedge backtest``, in order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedge.bootstrap import check_data, decide_on, in_currency, open_panel
from kedge.data.panels import load_panel
from kedge.data.store import ParquetStore
from kedge.domain.errors import DataError
from kedge.domain.panel import Panel
from kedge.engine import precompile
from kedge.engine.pipeline import Decision, Pipeline, fresh
from kedge.interfaces.cli.backtest_output import Phases
from kedge.research.account import daily_of
from kedge.research.diagnostics import Diagnostics, diagnose
from kedge.research.outputs import REPORT, RESULT, tables_of, write_result
from kedge.research.report import render
from kedge.research.report_input import report_input
from kedge.research.result import encode, result_of
from kedge.research.run import Run, run
from kedge.research.study import Study, study
from kedge.research.trials import FOLDER, read_ledger, record_trials
from kedge.research.variants import at_costs
from kedge.settings import Settings
from kedge.strategies.binding import refuse_silent


def backtest(
    settings: Settings, target: Path, phases: Phases, diagnosed: bool, decisions: bool
) -> Mapping[str, Any]:
    """Run, judge and write.

    Args:
        settings: the configuration.
        target: folder of the result.
        phases: told of each stage, and what each took.
        diagnosed: whether the robustness checks run.
        decisions: whether the table of every row's decisions is written.

    Returns:
        The content of ``result.json``.

    Raises:
        InputError: configuration, data or strategy are wrong.
        RunError: the books do not balance, or the result cannot be written.
    """
    phases.begin("reading")
    step = precompile.begin()
    panel, index = read(settings)
    settings = in_currency(settings, panel)
    ledger = read_ledger(settings.store / FOLDER)  # before the run: it is one of its inputs
    phases.begin("compiling")
    decision = decide_on(settings, panel)
    # What compiles on a first row is not a row's time: features here, the step beside them.
    Pipeline(decision, fresh(decision)).forecast(panel, 0, 1)
    step.wait()
    run(panel.window(0, 1), decision)
    phases.begin("running")
    done = run(panel, decision)
    refuse_silent(decision.strategies)
    checks = None
    if diagnosed:
        phases.begin("robustness")
        checks = diagnose(settings, panel, decision, done, phases.step)
    phases.begin("judging")
    doubled = (
        daily_of(_doubled(settings, panel, decision)) if checks is None else (checks.stressed_daily)
    )
    judged = study(settings, done, doubled, ledger, index, check_data(settings, panel))
    record_trials(ledger.folder, judged.trial)
    phases.begin("writing")
    return _write(judged, checks, target, phases, decisions)


def read(settings: Settings) -> tuple[Panel, Panel | None]:
    """The universe, and the index to compare with where one is configured.

    Raises:
        DataError: the store or a symbol is missing.
    """
    store = ParquetStore(settings.store)
    if not store.instruments():
        raise DataError(
            "there is no market data",
            str(settings.store),
            "`kedge data sample` fills a store with real US stocks, `kedge data import` takes "
            "your own",
        )
    panel = open_panel(settings)
    symbol = settings.universe.benchmark
    if symbol is None:
        return panel, None
    # as the panel is bounded by its own rows, so is the index by the panel's last one
    last = int(panel.ts[-1]) + 1
    return panel, load_panel(store, (symbol,), settings.universe.interval, end=last)


def _doubled(settings: Settings, panel: Panel, decision: Decision) -> Run:
    """The run at doubled costs, at which the verdict is drawn."""
    return run(panel, at_costs(settings, panel, decision, 2.0))


def _write(
    judged: Study, checks: Diagnostics | None, target: Path, phases: Phases, decisions: bool
) -> Mapping[str, Any]:
    result = result_of(judged, checks)
    tables = tables_of(judged.run, decisions)
    rows, seconds = judged.run.panel.rows, judged.run.seconds
    result["timing"] = {
        "rows": rows,
        "seconds": seconds,
        "rows_per_second": rows / seconds if seconds > 0 else None,
        "phases": phases.seconds(),
    }
    page = render(report_input(judged, tables, result))
    write_result(target, tables, {RESULT: encode(result), REPORT: page})
    return result
