"""``kedge backtest``: a configuration over history, to a result and a report."""

from pathlib import Path
from typing import Annotated

import typer

OutOption = Annotated[
    Path, typer.Option("--out", help="Folder for the result; an older result is replaced.")
]


def command(
    config: Annotated[
        Path | None, typer.Argument(help="Configuration; none: kedge.yaml here, or the defaults.")
    ] = None,
    out: OutOption = Path("out/backtest"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Write result.json to stdout and nothing else.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Skip the robustness checks; the verdict stays.")
    ] = False,
    decisions: Annotated[
        bool,
        typer.Option("--decisions", help="Also write edge, target and size of every row."),
    ] = False,
) -> None:
    """Run a configuration over history and write an honest report."""
    from kedge.interfaces.cli.backtest_output import Phases, summarize
    from kedge.interfaces.cli.backtest_run import backtest
    from kedge.research.outputs import RESULT, check_target
    from kedge.settings import find_file, load_settings

    path = find_file(config)
    settings = load_settings(path)
    target = check_target(out)
    with Phases(quiet=as_json) as phases:
        result = backtest(settings, target, phases, not quick, decisions)
    if as_json:
        typer.echo((target / RESULT).read_text(encoding="utf-8"), nl=False)
    else:
        summarize(result, out)
