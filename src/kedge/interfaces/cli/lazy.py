"""A group of commands that imports a command only when it is called.

``kedge --help`` must answer at once; numpy, numba and the rest come with the
command that needs them. So the names and one-line helps stand in a table here.
"""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

COMMANDS: Final = {
    "init": ("kedge.interfaces.cli.init:command", "Write a commented configuration."),
    "doctor": ("kedge.interfaces.cli.doctor:command", "What is installed and reachable."),
    "data": ("kedge.interfaces.cli.data:app", "Import, show, check and sample market data."),
    "backtest": ("kedge.interfaces.cli.backtest:command", "Run a configuration over history."),
    "run": ("kedge.interfaces.cli.run:command", "Trade: on paper by default, watched."),
    "research": ("kedge.interfaces.cli.research:app", "Validate: sweeps, robustness, nulls."),
    "status": ("kedge.interfaces.cli.session:status", "Show a running session."),
    "top": ("kedge.interfaces.cli.session:top", "Watch a running session."),
    "kill": ("kedge.interfaces.cli.session:kill", "Stop new risk in a session, now."),
    "flatten": ("kedge.interfaces.cli.session:flatten", "Close every position of a session."),
    "resume": ("kedge.interfaces.cli.session:resume", "Let a session trade again."),
    "venue": ("kedge.interfaces.cli.venue:app", "Serve a simulated exchange to any client."),
    "secrets": ("kedge.interfaces.cli.secrets:app", "Keep venues' keys in an encrypted file."),
    "simulate": ("kedge.interfaces.cli.simulate:command", "Run sessions with faults, by seed."),
    "audit": ("kedge.interfaces.cli.audit:app", "Check, back up and project a journal."),
    "replay": ("kedge.interfaces.cli.replay:command", "Derive a journal's decisions again."),
    "bench": ("kedge.interfaces.cli.bench:command", "Measure this machine's throughput."),
    "version": ("kedge.interfaces.cli.version:command", "Print the version."),
}
"""Name of each command, where it is defined, and its line of help."""


class LazyGroup(TyperGroup):
    """The commands of the table: listed from it, imported when called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_, summary) in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=summary)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first argument names, imported now."""
        if args and args[0] in self.commands:
            self.commands[args[0]] = load(args[0])
        return super().resolve_command(ctx, args)


def load(name: str) -> Any:
    """Import a command of the table.

    Args:
        name: a key of the table.

    Returns:
        The command, or the group of commands.
    """
    target, summary = COMMANDS[name]
    module, _, attribute = target.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command: Any = get_group(found)  # a group even while it holds a single command
    else:
        single = typer.Typer(add_completion=False)
        single.command(name=name, help=found.__doc__ or summary)(found)
        command = get_command(single)
    command.name = name
    return command
