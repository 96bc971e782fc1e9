"""Compiling the decision step beside everything else, in a process of its own.

numba compiles one function at a time, so a second core helps only from another
process. Where nothing is compiled yet, that process makes the step while this one
makes features and strategies; both leave their work in the same folder. If it fails,
nothing is lost but the time that it would have saved.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from kedge.domain.forecast import FIELDS
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, Panel
from kedge.domain.rules import Rules, StrategyTerms
from kedge.engine.blocks import block_rows, simulate
from kedge.engine.book_state import new_state
from kedge.engine.program import Program, build_program
from kedge.engine.trading.outputs import outputs
from kedge.engine.trading_step import begin_session, close_row, report_fill, stopped_out

_STEP = "step.advance-*.nbc"
_ROW = "trading_step.close_row-*.nbc"


class Ahead:
    """A step that is being compiled, or was already.

    Args:
        folder: of the compiled code of these sources.
        trading: the step as trading calls it, instead of the one over a history.
    """

    def __init__(self, folder: Path, trading: bool = False) -> None:
        words = [sys.executable, "-m", "kedge.engine.precompile", *(["trading"] * trading)]
        made = any(folder.glob(f"*/{_ROW if trading else _STEP}"))
        quiet = subprocess.DEVNULL
        self._other = None if made else subprocess.Popen(words, stdout=quiet, stderr=quiet)

    def wait(self) -> None:
        """Return once the step lies on disk, or whoever was to put it there has given up."""
        if self._other is not None:
            self._other.wait()


def begin(trading: bool = False) -> Ahead:
    """Start compiling the step if these sources have no compiled one.

    Args:
        trading: the step as trading calls it, instead of the one over a history.
    """
    return Ahead(Path(os.environ["NUMBA_CACHE_DIR"]), trading)


def compile_step() -> None:
    """Call the step over one masked row, which is enough to compile it."""
    instrument, program = _smallest()
    panel = _one_row(instrument)
    simulate(panel, np.full((1, 1, 1, FIELDS), np.nan), program, new_state(program))


def compile_trading() -> None:
    """Call what trading calls of the step, once each."""
    instrument, program = _smallest()
    state, out, p = new_state(program), outputs(program), program.params
    row = block_rows(_one_row(instrument), np.full((1, 1, 1, FIELDS), np.nan), 0, 1)
    begin_session(0, 0, p, state, out)
    close_row(p, state, row, out)
    report_fill(0, 1, 1, 1, 0, 0, 0, p, state, out)
    stopped_out(0, state)


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


if __name__ == "__main__":
    compile_trading() if "trading" in sys.argv else compile_step()
