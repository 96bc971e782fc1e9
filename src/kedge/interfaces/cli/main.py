"""The ``kedge`` command: dispatch, and the promise that errors are one line."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from kedge.interfaces.cli.errors import INTERRUPTED, report
from kedge.interfaces.cli.lazy import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Market data to forecasts, to sized and risk-checked orders, to an honest report."""
    if version:
        from kedge.interfaces.cli.version import command

        command()
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        arguments: words after ``kedge``; those of the process by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        returned = get_command(app).main(given, prog_name="kedge", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as stop:
        code = _stopped(stop)
    except BrokenPipeError:
        code = _reader_gone()
    except GeneratorExit:
        raise
    except BaseException as error:  # a panic of compiled code derives from this one alone
        code = report(error)
    else:
        # typer turns an interruption inside a command into its exit code, silently
        if returned == INTERRUPTED:
            return report(KeyboardInterrupt())
        code = returned if isinstance(returned, int) else 0
    return code


def _stopped(stop: SystemExit) -> int:
    """Exit code of a library or a user's file that ends the process by itself."""
    if isinstance(stop.code, int) and stop.code:
        return stop.code
    # Whatever code it gave: the command did not finish, and that is never a success.
    said = " ".join(str(stop.code or "").split()) or "stopped before the command was done"
    sys.stderr.write(f"kedge: {said}\n")
    return 1


def _reader_gone() -> int:
    """Whoever read our output has left: say nothing more, as other tools do."""
    # The interpreter flushes stdout once more when it ends; let that go nowhere.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 1
