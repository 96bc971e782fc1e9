"""What ``kedge replay`` runs and writes."""

import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from rich.console import Console
from rich.progress import Progress

from kedge.bootstrap.wiring import SessionAdopt
from kedge.domain.control import Parameters
from kedge.domain.errors import JournalError, RunError
from kedge.engine.trading.book import Book
from kedge.engine.trading.differences import Difference
from kedge.engine.trading.replay import Verdict, replay
from kedge.engine.trading.setup import Adopt, MakeBook, Setup, make_book
from kedge.engine.trading.user_files import UserFiles
from kedge.interfaces.cli.output import write_json
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, read_journal
from kedge.ledger.journal.reader import JournalReader
from kedge.ledger.journal.upcast import records
from kedge.numeric_platform import differing_parts, platform_fingerprint


def replayed(journal: Path, start: int, folder: Path, quiet: bool) -> Verdict:
    """Replay a journal behind a progress bar that shows on a terminal only.

    Args:
        journal: its folder.
        start: first record to derive.
        folder: that configured paths of user files start from.
        quiet: no bar at all.

    Raises:
        JournalError: there is none, it is damaged, or a file that it names is missing.
        RunError: it cannot be read.
    """
    try:
        with TemporaryDirectory(prefix="kedge-replay-") as copies:
            return _replay(read_journal(journal), journal, start, (folder, Path(copies)), quiet)
    except OSError as error:
        raise RunError(f"{journal}: could not be read: {error.strerror or error}") from error


def _replay(
    reader: JournalReader, journal: Path, start: int, places: tuple[Path, Path], quiet: bool
) -> Verdict:
    if start > max(1, reader.durable):
        raise JournalError(f"it ends at record {reader.durable}", str(journal), "lower --from")
    kept = Contents(SystemDisk(journal / CONTENTS, read_only=True))
    adopt, book = _parts(reader, kept, UserFiles(kept, *places))
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=quiet or not screen.is_terminal) as bar:
        task = bar.add_task("replaying", total=reader.durable)

        def step(number: int) -> None:
            if number % 256 == 0:
                bar.update(task, completed=number)

        ours = platform_fingerprint()
        return replay(records(reader), adopt, ours, book=book, start=start, step=step)


def _parts(reader: JournalReader, kept: Contents, files: UserFiles) -> tuple[Adopt, MakeBook]:
    """What makes the desk: of a session's parameters, or of a simulated world's."""
    from kedge.testing.simulation import parameters as simulated

    first = next((r for _, r in records(reader) if isinstance(r, Parameters)), None)
    if first is None or not simulated.is_scene(first.tree):
        return SessionAdopt(kept, files), make_book
    scene = simulated.scene_of(first.tree)

    def book(setup: Setup) -> Book:
        return simulated.seeded_book(scene, setup)

    return simulated.adopt, book


def write_replayed(journal: Path, verdict: Verdict, as_json: bool) -> None:
    """Say what was compared, on which platform, and where the first difference lies."""
    if as_json:
        write_json({"journal": str(journal), **_plain(verdict)})
        return
    sys.stdout.write("".join(f"{line}\n" for line in _lines(journal, verdict)))


def _plain(verdict: Verdict) -> dict[str, object]:
    found = msgspec.to_builtins(verdict)
    for name in ("first", "largest"):
        each = found[name]
        if each is not None and not math.isfinite(each["size"]):
            each["size"] = None
    return {"equal": verdict.equal, "same_platform": verdict.same_platform, **found}


def _lines(journal: Path, verdict: Verdict) -> list[str]:
    did = (
        f"{verdict.decisions:,} decisions of {verdict.events:,} events derived again, "
        f"{verdict.rows:,} rows among them; {verdict.starts} starts, "
        f"{verdict.changes} changes of parameters"
    )
    lines = [f"{journal}: {_word(verdict)}: {did}"]
    if verdict.first is not None and not verdict.equal:
        lines.append(f"record {verdict.first.record}: {verdict.first.what}")
    if verdict.trusted:
        lines.append(f"{verdict.trusted:,} records before the first to derive were folded as read")
    if verdict.torn:
        lines.append(f"{verdict.torn} events were not decided to the end: their process died")
    if not verdict.same_platform:
        lines += _elsewhere(verdict)
    return lines


def _word(verdict: Verdict) -> str:
    if not verdict.equal:
        return "different"
    return "equal" if verdict.same_platform else "equal but for floats of another platform"


def _elsewhere(verdict: Verdict) -> list[str]:
    theirs = [each for each in verdict.recorded if each != verdict.platform]
    parts = "; ".join(part for each in theirs for part in differing_parts(each, verdict.platform))
    return [f"recorded on another platform: {parts}", _largest(verdict.largest)]


def _largest(difference: Difference | None) -> str:
    if difference is None:
        return "no float differs either"
    size = f"{difference.size:.3g} of its size"
    return f"largest difference of a float: {size}, record {difference.record}: {difference.what}"
