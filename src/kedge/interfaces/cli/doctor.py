"""``kedge doctor``: what is installed and reachable, and how to mend the rest."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kedge import __version__
from kedge.interfaces.cli.checks import Check, checks
from kedge.interfaces.cli.output import write_json, write_table


def command(
    config: Annotated[Path | None, typer.Argument(help="Configuration to check too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Say what is installed and reachable; exit code 1 when something must be mended."""
    found = list(checks(config))
    if as_json:
        write_json({"kedge": __version__, "checks": [asdict(check) for check in found]})
    else:
        write_table(("", "what", "found", "remedy"), [_row(check) for check in found])
    if any(check.state == "bad" for check in found):
        raise typer.Exit(1)


def _row(check: Check) -> tuple[str, str, str, str]:
    mark = {"ok": "✓", "absent": "-", "bad": "✗"}[check.state]
    return mark, check.name, check.found, check.remedy
