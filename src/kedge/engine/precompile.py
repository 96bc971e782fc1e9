"""Compiling the decision step beside everything else, in a process of its own.

numba compiles one function at a time, so a second core helps only from another
process. Where nothing is compiled yet, that process makes the step while this one
makes features and strategies; both leave their work in the same folder. If it fails,
nothing is lost but the time that it would have saved.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from kedge.domain.compiled import plain
from kedge.domain.forecast import FIELDS
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, Panel
from kedge.domain.rules import Rules, StrategyTerms
from kedge.engine.blocks import block_rows, simulate
from kedge.engine.book_state import new_state
from kedge.engine.program import Program, build_program
from kedge.engine.trading.outputs import outputs
from kedge.engine.trading.rows import panel_of, rows_of
from kedge.engine.trading_step import begin_session, close_row, report_fill
from kedge.ledger.booking import booking

PARTS: Final = {
    "step": "step.advance-*.nbc",
    "row": "trading_step.close_row-*.nbc",
    "session": "trading_step.begin_session-*.nbc",
}
"""What a process compiles, and the file that shows that it was done."""
HISTORY: Final = ("step",)
"""What a run over a history needs."""
TRADING: Final = ("row", "session")
"""What trading needs; two halves of about the same length, one for each core."""


_at_work: Final[list[subprocess.Popen[bytes]]] = []
"""Kept, for a command that fails early waits for none of them: they finish for the next one."""


def _nobody() -> None:
    """Who need not be told."""


class Ahead:
    """A step that is being compiled, or was already.

    Args:
        folder: of the compiled code of these sources.
        parts: of `PARTS`.
    """

    def __init__(self, folder: Path, parts: Sequence[str]) -> None:
        missing = [part for part in parts if not _made(folder, part)]
        words, quiet = [sys.executable, "-m", "kedge.engine.precompile"], subprocess.DEVNULL
        self._others = [
            subprocess.Popen([*words, part], stdout=quiet, stderr=quiet) for part in missing
        ]
        _at_work.extend(self._others)

    @property
    def parts(self) -> int:
        """Parts that others are at work on, or were."""
        return len(self._others)

    def wait(self, done: Callable[[], object] = _nobody) -> None:
        """Return once the step lies on disk, or whoever was to put it there has given up.

        Args:
            done: told of each part in turn.
        """
        for other in self._others:
            other.wait()
            done()


def begin(parts: Sequence[str] = HISTORY) -> Ahead:
    """Start compiling what these sources have not compiled yet.

    Args:
        parts: `HISTORY` or `TRADING`.
    """
    return Ahead(Path(os.environ["NUMBA_CACHE_DIR"]), parts)


def compile_step() -> None:
    """Call the step over one masked row, which is enough to compile it."""
    instrument, program = _smallest()
    panel = _one_row(instrument)
    simulate(panel, np.full((1, 1, 1, FIELDS), np.nan), program, new_state(program))


def compile_row() -> None:
    """Let one row close, as trading does; it comes from a journal's bytes, which are read-only."""
    instrument, program = _smallest()
    state, out = new_state(program), outputs(program)
    row = rows_of(_one_row(instrument), [np.zeros((1, 6), np.int64)])[0]
    panel = panel_of(row, (instrument,), 1)
    block = block_rows(panel, np.full((1, 1, 1, FIELDS), np.nan), 0, 1)
    close_row(program.params, state, block, out)


def compile_session() -> None:
    """Call what trading calls of the step beside rows, once each."""
    _, program = _smallest()
    state, out, p = new_state(program), outputs(program), program.params
    begin_session(0, 0, p, state, out)
    report_fill(0, 1, 1, 1, 0, 0, 0, *plain(booking)(p, state, out))


def _smallest() -> tuple[Instrument, Program]:
    instrument = Instrument(id="none", symbol="none")
    terms = StrategyTerms(name="none", prior=1.0, horizon_ns=1, half_life_ns=1, expiry_ns=1)
    rules = Rules(
        capital=1,
        strategies=(terms,),
        horizon_ns=1,
        horizon_sessions=1.0,
        sessions_per_year=1.0,
        position_cap=(1.0,),
        spread_limit_bps=(1.0,),
        slippage_limit_bps=(1.0,),
        impact=(1.0,),
    )
    return instrument, build_program((instrument,), rules, "USD", 1)


def _one_row(instrument: Instrument) -> Panel:
    """One masked row of one instrument."""
    return Panel(
        instruments=(instrument,),
        interval_ns=1,
        ts=np.zeros(1, np.int64),
        session=np.zeros(1, np.int64),
        bars=np.zeros((1, 4, 1), np.int64),
        volume=np.zeros((1, 1)),
        flags=np.zeros((1, 1), np.uint8),
        age_ns=np.zeros((1, 1), np.int64),
        adjust=np.ones((1, 1)),
        events=np.zeros(0, EVENT),
        point_in_time=True,
        fingerprint="",
        sessions_per_year=1.0,
    )


COMPILE: Final = {"step": compile_step, "row": compile_row, "session": compile_session}


def _made(folder: Path, part: str) -> bool:
    return any(folder.glob(f"*/{PARTS[part]}"))


@contextmanager
def _alone(folder: Path, part: str) -> Iterator[bool]:
    """Hold a part's turn; gives whether nobody has made it yet."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{part}.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield not _made(folder, part)


def main(parts: Sequence[str]) -> None:
    """Compile parts, unless another process has made them meanwhile."""
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    for part in parts:
        with _alone(folder, part) as needed:
            if needed:
                COMPILE[part]()


if __name__ == "__main__":
    main(sys.argv[1:])
