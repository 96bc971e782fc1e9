"""``kedge secrets``: keys of venues, sealed in a file."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Keep venues' keys in an encrypted file.", no_args_is_help=True, add_completion=False
)

NameArgument = Annotated[str, typer.Argument(help="Name of the secret, such as BINANCE_API_KEY.")]
KeyFileOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="File with the key; made when it is missing. None: passphrase."
    ),
]


@app.command("set")
def set_(name: NameArgument, key_file: KeyFileOption = None) -> None:
    """Seal a secret: asked for without an echo, or read from a pipe; never an argument."""
    from kedge.interfaces.cli.secrets_file import change, given_secret

    path = change(name, given_secret(name), key_file)
    typer.echo(f"{name} sealed in {path}")


@app.command("list")
def list_(key_file: KeyFileOption = None) -> None:
    """The names of the secrets, never their values."""
    from kedge.interfaces.cli.secrets_file import names

    for name in names(key_file):
        typer.echo(name)


@app.command()
def remove(name: NameArgument, key_file: KeyFileOption = None) -> None:
    """Take a secret out of the file."""
    from kedge.interfaces.cli.secrets_file import change

    path = change(name, None, key_file)
    typer.echo(f"{name} removed from {path}")
