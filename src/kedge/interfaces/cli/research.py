"""``kedge research``: searches, walks forward, robustness, and worlds whose truth is known."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(
    help="Validate: sweeps, walk-forward, robustness, nulls.",
    no_args_is_help=True,
    add_completion=False,
)

ConfigArgument = Annotated[
    Path | None, typer.Argument(help="Configuration; none: kedge.yaml here, or the defaults.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to stdout and nothing else.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for the result's files.")]
StrategyOption = Annotated[str, typer.Option("--strategy", help="Whose parameters vary.")]
ParamOption = Annotated[
    list[str], typer.Option("--param", help="short=5:50:5 or short=5,10,20; once for each.")
]
WorldsOption = Annotated[int, typer.Option("--worlds", min=1, help="How many of each kind.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of the first world.")]
ProcessesOption = Annotated[
    int, typer.Option("--processes", min=1, max=64, help="How many run side by side.")
]
CheckpointOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for checkpoints, from which it resumes.")
]


@app.command("sweep")
def sweep_command(
    strategy: StrategyOption,
    param: ParamOption,
    config: ConfigArgument = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try every combination of parameters; each counts as a trial."""
    from kedge.interfaces.cli.backtest_output import Phases
    from kedge.interfaces.cli.research_output import SWEEP_FILES, show_search, write_search
    from kedge.interfaces.cli.research_run import configured, run_sweep
    from kedge.research.grid import parse_grid
    from kedge.research.whole_folder import check_folder

    if out is not None:
        check_folder(out, SWEEP_FILES)  # before the search: it may take hours
    grid = parse_grid(strategy, param)
    with Phases(quiet=as_json) as phases:
        search, added = run_sweep(configured(config), grid, phases)
    write_search(search, out)
    show_search(search, added, out, as_json)


@app.command("walk-forward")
def walk_forward_command(
    strategy: StrategyOption,
    param: ParamOption,
    config: ConfigArgument = None,
    train: Annotated[str, typer.Option(help="Length of a training window.")] = "730d",
    test: Annotated[str, typer.Option(help="Length of an untouched segment.")] = "182d",
    folds: Annotated[int, typer.Option(min=2, help="Inner folds of a window.")] = 5,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose on rolling windows; the chosen candidate meets each next segment once."""
    from kedge.interfaces.cli.backtest_output import Phases
    from kedge.interfaces.cli.research_output import WALK_FILES, show_walk, write_walk
    from kedge.interfaces.cli.research_run import configured, run_walk_forward, schedule_of
    from kedge.research.grid import parse_grid
    from kedge.research.whole_folder import check_folder

    if out is not None:
        check_folder(out, WALK_FILES)
    settings, grid = configured(config), parse_grid(strategy, param)
    schedule = schedule_of(settings, train, test, folds)
    with Phases(quiet=as_json) as phases:
        walk, added = run_walk_forward(settings, grid, schedule, phases)
    write_walk(walk, out)
    show_walk(walk, added, as_json)


@app.command()
def robustness(config: ConfigArgument = None, as_json: JsonOption = False) -> None:
    """Stress costs, move parameters, delay orders, disturb prices, resample."""
    from kedge.interfaces.cli.backtest_output import Phases
    from kedge.interfaces.cli.research_output import show_diagnostics
    from kedge.interfaces.cli.research_run import configured, run_robustness

    with Phases(quiet=as_json) as phases:
        checks = run_robustness(configured(config), phases)
    show_diagnostics(checks, as_json)


@app.command()
def null(
    config: ConfigArgument = None,
    kind: Annotated[
        Literal["all", "random_walk", "drift", "garch_t"], typer.Option(help="Which worlds.")
    ] = "all",
    worlds: WorldsOption = 100,
    seed: SeedOption = 0,
    processes: ProcessesOption = 1,
    out: CheckpointOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the strategies on daily worlds in which nothing can be predicted, at no cost."""
    from kedge.interfaces.cli.research_run import configured, judge_worlds
    from kedge.interfaces.cli.research_worlds import show_worlds
    from kedge.research.truths import nulls

    chosen = [truth for truth in nulls() if kind in ("all", truth.name)]
    seeds = range(seed, seed + worlds)
    show_worlds(judge_worlds(configured(config), chosen, seeds, processes, out, as_json), as_json)


@app.command()
def planted(
    config: ConfigArgument = None,
    strength: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Daily Sharpe ratio inside a regime.")
    ] = None,
    worlds: WorldsOption = 20,
    seed: SeedOption = 0,
    processes: ProcessesOption = 1,
    out: CheckpointOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the strategies on daily worlds with a planted edge, at default costs."""
    from kedge.interfaces.cli.research_run import configured, judge_worlds
    from kedge.interfaces.cli.research_worlds import show_worlds
    from kedge.research.truths import STRENGTH, planted_truth

    chosen = [planted_truth(STRENGTH if strength is None else strength)]
    seeds = range(seed, seed + worlds)
    show_worlds(judge_worlds(configured(config), chosen, seeds, processes, out, as_json), as_json)
