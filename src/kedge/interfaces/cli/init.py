"""``kedge init``: a commented configuration to start from."""

from pathlib import Path
from typing import Annotated

import typer

from kedge.domain.errors import InputError
from kedge.settings import DEFAULT_FILE
from kedge.settings.reference import template


def command(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path(DEFAULT_FILE),
) -> None:
    """Write a commented configuration; a file that exists is left alone."""
    write_new(path, template())
    typer.echo(
        f"{path} written: say in it what to trade (`kedge data show` lists what is stored), "
        f"then run `kedge backtest {path}`"
    )
    typer.echo(
        f"for a session: write `interval: 10s` instead of `1d` first, then run `kedge run {path}`"
    )


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet, all of it or nothing.

    Raises:
        InputError: it exists, or its folder does not.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except OSError:
                path.unlink()
                raise
    except FileExistsError:
        raise InputError("exists already", str(path), "name another file or remove it") from None
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("no such folder", str(path.parent), "make it first") from None
    except PermissionError:
        raise InputError("may not be written", str(path), "name another file") from None
