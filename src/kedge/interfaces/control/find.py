"""Which session a command is about."""

from pathlib import Path

from kedge.domain.errors import InputError
from kedge.interfaces.control.client import NoSessionError, runs
from kedge.interfaces.control.place import DEFAULT, sessions


def find(given: Path | None, near: Path = DEFAULT) -> Path:
    """The folder of the session that is meant.

    Args:
        given: by the user; None: the one that runs, else the only one there is.
        near: the default folder; those beside it count too.

    Raises:
        InputError: the folder does not exist, or several sessions could be meant.
        NoSessionError: there is none.
    """
    if given is not None:
        if not given.is_dir():
            raise InputError("no such folder", str(given), "name the folder of a session")
        return given
    found = sessions(near)
    running = [folder for folder in found if runs(folder)]
    meant = running or found
    if not meant:
        said = f"no session runs (looked in {near.parent}; start one with `kedge run`)"
        raise NoSessionError(said)
    if len(meant) > 1:
        names = ", ".join(map(str, meant))
        what = "sessions run" if running else "sessions at rest"
        raise InputError(f"several {what}: {names}", "", "name one with --session")
    return meant[0]
