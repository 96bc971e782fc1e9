"""``kedge status``, ``kill``, ``flatten``, ``resume`` and ``top``: a running session."""

from pathlib import Path
from typing import Annotated

import typer

SessionOption = Annotated[
    Path | None, typer.Option("--session", help="Folder of the session; none: the one that runs.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON and nothing else.")]


def status(
    session: SessionOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Decisions, latencies and the log, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show on one screen what a running session holds, wants and waits for."""
    from kedge.domain.control import Verb
    from kedge.interfaces.cli.session_output import show_status
    from kedge.interfaces.control.client import ask
    from kedge.interfaces.control.find import find

    folder = find(session)
    show_status(folder, ask(folder, Verb.STATUS), everything, as_json)


def kill(session: SessionOption = None, as_json: JsonOption = False) -> None:
    """Send no new risk from now on and cancel what works; no question is asked.

    Stops at the venue stay, and what strategies decide may still make positions smaller.
    It holds over restarts, until `kedge resume`.
    """
    from kedge.domain.control import Verb
    from kedge.interfaces.cli.session_output import show_steered
    from kedge.interfaces.control.find import find
    from kedge.interfaces.control.steer import shut

    folder = find(session)
    show_steered(folder, "kill", shut(folder, Verb.KILL), as_json)


def flatten(session: SessionOption = None, as_json: JsonOption = False) -> None:
    """Send no new risk from now on and close every position; no question is asked.

    It holds over restarts, until `kedge resume`.
    """
    from kedge.domain.control import Verb
    from kedge.interfaces.cli.session_output import show_steered
    from kedge.interfaces.control.find import find
    from kedge.interfaces.control.steer import shut

    folder = find(session)
    show_steered(folder, "flatten", shut(folder, Verb.FLATTEN), as_json)


def resume(session: SessionOption = None, as_json: JsonOption = False) -> None:
    """Let a killed, flattened or halted session trade again; says what it resumes."""
    from kedge.domain.control import Verb
    from kedge.interfaces.cli.session_output import show_steered, show_what_is_held
    from kedge.interfaces.control.client import ask
    from kedge.interfaces.control.find import find
    from kedge.interfaces.control.steer import resume as resume_session

    folder = find(session)
    before = ask(folder, Verb.STATUS)
    if not as_json:
        show_what_is_held(folder, before)
    show_steered(folder, "resume", resume_session(folder), as_json)


def top(
    session: SessionOption = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="A line for each row instead of a picture.")
    ] = False,
) -> None:
    """Watch a running session; leave with Ctrl-C."""
    from kedge.interfaces.cli.session_output import watch_session
    from kedge.interfaces.control.find import find

    watch_session(find(session), plain)
