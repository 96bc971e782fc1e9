"""From an exception to one line on stderr and an exit code.

0 done, 1 failed, 2 bad usage, configuration or input, 130 interrupted. A
traceback is for developers: ``KEDGE_DEBUG=1`` shows it.
"""

import os
import sys
import traceback
from typing import Final

from typer import Abort, TyperException

from kedge.domain.errors import KedgeError, disk_is_full
from kedge.domain.redact import redact

DEFECT: Final = (
    "a defect: report it to the project with the output of `kedge doctor --json`; "
    "KEDGE_DEBUG=1 shows the traceback"
)
INTERRUPTED: Final = 130


def explain(error: BaseException) -> tuple[str, int]:
    """The line for people and the exit code of an exception."""
    match error:
        case KeyboardInterrupt():
            return "interrupted", INTERRUPTED
        case Abort():
            return "aborted", 1
        case KedgeError():
            return _one_line(error), error.exit_code
        case TyperException():
            return _usage(error), error.exit_code
        case OSError() if disk_is_full(error):
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}no space left on the disk (free some and run again)", 1
        case _:
            return f"unexpected {type(error).__name__}: {_one_line(error)} ({DEFECT})", 1


def report(error: BaseException) -> int:
    """Write an exception's line to stderr and return the exit code."""
    line, code = explain(error)
    if os.environ.get("KEDGE_DEBUG") == "1":
        sys.stderr.write(redact("".join(traceback.format_exception(error))))
    if line:
        sys.stderr.write(f"kedge: {redact(line)}\n")
    return code


def _usage(error: TyperException) -> str:
    """What is wrong with the command line, and whose help to read."""
    line = _one_line(error)
    context = getattr(error, "ctx", None)
    if not (line and context):
        return line
    return f"{line.removesuffix('.')} (see `{context.command_path} --help`)"


def _one_line(error: BaseException) -> str:
    said = error.format_message() if isinstance(error, TyperException) else str(error)
    return " ".join(said.split())
