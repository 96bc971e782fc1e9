"""``kedge version``."""

import typer

from kedge import __version__


def command() -> None:
    """Print the version."""
    typer.echo(f"kedge {__version__}")
