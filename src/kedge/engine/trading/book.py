"""Positions, cash, features and the compiled step of a session that trades.

Everything the decision path remembers. Changes come as records only: fills and other
reports are booked as they are folded, and what the step decided of a row is set, word by
word, from its record.
"""

from typing import NamedTuple, cast

import numpy as np

from kedge.domain import state as o
from kedge.domain.compiled import plain
from kedge.domain.entry import average_entry
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import F64, I64, Panel
from kedge.domain.row import Dated, RowClosed
from kedge.engine.blocks import LotVolume
from kedge.engine.book_state import new_state
from kedge.engine.pipeline import Decision, Pipeline, fresh
from kedge.engine.trading.flat import flatten
from kedge.engine.trading.outputs import FILLS, event_row, outputs
from kedge.engine.trading.rows import panel_of, step_row
from kedge.engine.trading_step import (
    begin_session,
    close_row,
    happen,
    report_fill,
)
from kedge.ledger.booking import booking


class Wish(NamedTuple):
    """An order of the step: what an intent is made of."""

    instrument: int
    lots: int
    ticks: int
    reason: int
    stop: int


class Verdict(NamedTuple):
    """What the step made of a row, not yet folded."""

    places: np.ndarray
    words: I64
    reasons: np.ndarray
    targets: I64
    marks: tuple[int, int, int]
    wishes: list[Wish]


class Cells(NamedTuple):
    """Arrays of the state to read and write one cell at a time, as Python's own numbers.

    That takes half as long as through the arrays themselves.
    """

    F: "memoryview[float]"
    I: "memoryview[int]"  # noqa: E741 - the step's name for it
    G: "memoryview[float]"
    K: "memoryview[int]"


class Booked(NamedTuple):
    """What booking left behind: columns as `kedge.domain.state` names them."""

    fills: I64
    attribution: I64
    postings: I64
    trades: I64


class Book:
    """State of the decision path, and the only functions that change it.

    Args:
        decision: what to run.
        instruments: N, in the order of every array.
        interval_ns: nominal length of a row.
    """

    def __init__(
        self, decision: Decision, instruments: tuple[Instrument, ...], interval_ns: int
    ) -> None:
        self.instruments, self.interval_ns = instruments, interval_ns
        self._memory = fresh(decision)
        self.words, self._memory.book = flatten(self._memory.book)
        self.state = self._memory.book
        s = self.state
        self.cells = Cells(_floats(s.F), s.I.data, _floats(s.G), s.K.data)
        self._trial, self._tried = flatten(self.state)
        self._out = outputs(decision.program)
        self._entries = np.zeros(len(instruments))
        self._entry = _floats(self._entries)
        self._lots = LotVolume(instruments)
        self._booked: list[Booked] = []
        self._ungathered = 0
        self._start(decision)

    def adopt(self, decision: Decision) -> None:
        """Go on with other parameters: positions, cash and estimates stay.

        Features stay too where the strategies read the same ones; otherwise all of them
        warm up again, at whatever instant that is.

        Raises:
            ConfigError: the step's state has no room for these strategies or currencies.
        """
        self.check(decision)
        if _reads(decision) != _reads(self.decision):
            anew = fresh(decision)
            self._memory.features, self._memory.windows = anew.features, anew.windows
        self._start(decision)

    def check(self, decision: Decision) -> None:
        """Refuse what `adopt` would refuse.

        Raises:
            ConfigError: the step's state has no room for these strategies or currencies.
        """
        mine = [array.shape for array in self.state]
        same = self.decision.program.currencies == decision.program.currencies
        if not same or [array.shape for array in new_state(decision.program)] != mine:
            raise ConfigError(
                f"{decision.program.strategies} strategies in "
                f"{', '.join(decision.program.currencies)} cannot take over a book of "
                f"{self.decision.program.strategies} in "
                f"{', '.join(self.decision.program.currencies)}",
                "strategies, currency, execution.latency_rows",
                "begin another session folder, or keep their number",
            )

    def _start(self, decision: Decision) -> None:
        self.decision = decision
        self._pipeline = Pipeline(decision, self._memory)
        self._booking = plain(booking)(decision.program.params, self.state, self._out)
        self._row: tuple[Panel, F64] | None = None

    def _parts(self) -> tuple[np.ndarray, ...]:
        """The step's state, the features' and the windows', and what open lots had cost."""
        return (self.words, self._memory.features, *self._memory.windows, self._entries)

    def to_bytes(self) -> bytes:
        """Everything that is remembered, after the last record."""
        return b"".join(part.tobytes() for part in self._parts())

    def fits(self, raw: bytes) -> bool:
        """Whether bytes can be of a book of this shape."""
        return len(raw) == sum(part.nbytes for part in self._parts())

    def from_bytes(self, raw: bytes) -> None:
        """The inverse of `to_bytes`, in place."""
        at = 0
        for part in self._parts():
            part[...] = np.frombuffer(raw, part.dtype, part.size, at).reshape(part.shape)
            at += part.nbytes

    @property
    def lots(self) -> I64:
        """(N,) positions."""
        return self.state.I[:, o.I_LOTS]

    def entry(self, n: int) -> float:
        """Ticks that the open lots of ``n`` had cost on average, 0 without any.

        Lots from outside count at the last price before they came.
        """
        return self._entry[n]

    @property
    def stops(self) -> I64:
        """(N,) ticks at which a position is protected, 0 without one."""
        return self.state.I[:, o.I_STOP]

    def stop(self, n: int) -> int:
        """Ticks at which the position of ``n`` is protected, 0 without."""
        return self.cells.I[n, o.I_STOP]

    def cash(self) -> dict[str, int]:
        """Balances by currency, minor units."""
        codes = self.decision.program.currencies
        return {code: int(self.state.K[o.K_ + c]) for c, code in enumerate(codes)}

    def move_cash(self, currency: str, amount: int) -> None:
        """Minor units that came from outside, or went there."""
        self.state.K[o.K_ + self.decision.program.currencies.index(currency)] += amount

    def move_lots(self, n: int, lots: int) -> None:
        """Lots that came from outside, or went there, at no price."""
        self._enter(n, lots, self.cells.I[n, o.I_LAST])
        self.state.I[n, o.I_LOTS] += lots
        self.state.I[n, o.I_BOOK] += lots

    def pay_in_lots(self, n: int, currency: str, lots: int, fee: int) -> None:
        """A booked fee went in lots of ``n``: its cash comes back, and the trade bears it once.

        Args:
            n: instrument.
            currency: that the fee was booked in.
            lots: that went.
            fee: minor units that the booking took.
        """
        ints = self.state.I
        self.move_lots(n, -lots)
        self.move_cash(currency, fee)
        if ints[n, o.I_LOTS]:
            ints[n, o.I_TRADE_CASH] += fee
            ints[n, o.I_VALUE] -= fee

    def begin_session(self, session: int, at: int) -> None:
        """A session opens."""
        begin_session(session, at, self.decision.program.params, self.state, self._out)
        self._gather()

    def happen(self, event: Dated) -> None:
        """A split, dividend, funding payment, exchange rate or cash deal."""
        program = self.decision.program
        before = self.lots.copy()
        happen(program.params, self.state, event_row(event, program), self._out)
        for n in np.flatnonzero(before != self.lots):  # a split; what they had cost stays
            self._entries[n] *= before[n] / self.lots[n] if self.lots[n] else 0.0
        self._gather()

    def fill(
        self, n: int, lots: int, ticks: int, base: int, fee: int, reason: int, stop: int
    ) -> None:
        """Book one fill; see `kedge.engine.trading_step.report_fill`."""
        self._enter(n, lots, ticks)
        report_fill(n, lots, ticks, base, fee, reason, stop, *self._booking)
        self._ungathered += 1
        if self._ungathered == FILLS:
            self._gather()

    def _enter(self, n: int, lots: int, ticks: int) -> None:
        """Before signed lots come or go."""
        self._entry[n] = average_entry(self.cells.I[n, o.I_LOTS], self._entry[n], lots, ticks)

    def pending(self, n: int, lots: int, orders: int) -> None:
        """Signed lots of ``n`` that intents still work on, and how many intents."""
        cells = self.cells
        cells.K[o.K_PENDING] += orders - cells.I[n, o.I_OPEN_ORDERS]
        cells.I[n, o.I_PENDING] = lots
        cells.I[n, o.I_OPEN_ORDERS] = orders

    def stopped(self, n: int) -> None:
        """The protective stop of ``n`` was touched, unless nothing is held any more."""
        cells = self.cells.I
        if lots := cells[n, o.I_LOTS]:  # rule 8: its side is locked until the forecast crosses
            cells[n, o.I_LOCK] = 1 if lots > 0 else -1
            cells[n, o.I_EXITING] = 1

    def exited(self, n: int) -> None:
        """What is left of ``n`` cannot be sold: a stop-out that it would hold up is over."""
        self.cells.I[n, o.I_EXITING] = 0

    @property
    def halted(self) -> bool:
        """Whether the drawdown stop was reached and nobody has resumed since."""
        return bool(self.state.K[o.K_HALTED])

    def resume(self) -> None:
        """Trade again after a halt: the drawdown is counted from here."""
        s = self.state
        if s.K[o.K_HALTED] != 0:
            s.K[o.K_HALTED] = 0
            s.G[o.G_HIGH] = float(s.K[o.K_EQUITY])
            s.G[o.G_DRAWDOWN] = 0.0

    def observe(self, row: RowClosed) -> None:
        """Advance features and strategies by a closed row; `decide` then reads it."""
        panel = panel_of(row, self.instruments, self.interval_ns)
        self._row = panel, self.forecast(panel)

    def forecast(self, panel: Panel) -> F64:
        """(1, S, N, FIELDS) of a panel of one row; features and strategies advance by it."""
        return self._pipeline.forecast(panel, 0, 1)

    def decide(self) -> Verdict:
        """What the step makes of the row last observed; changes nothing.

        Raises:
            RuntimeError: no row has been observed.
        """
        if self._row is None:
            raise RuntimeError("a row is decided after it has been observed")
        self._trial[:] = self.words
        out = self._out
        close_row(self.decision.program.params, self._tried, step_row(*self._row, self._lots), out)
        wishes = self._take_wishes()
        places = (self._trial != self.words).nonzero()[0]
        equity, cash, gross = out.rows[0, :3].tolist()
        return Verdict(
            places.astype(np.int32),
            self._trial[places],
            out.reasons[0].copy(),
            out.targets[0].copy(),
            (equity, cash, gross),
            wishes,
        )

    def forecasts(self) -> F64:
        """(S, N, FIELDS) forecasts of the row last observed.

        Raises:
            RuntimeError: no row has been observed.
        """
        if self._row is None:
            raise RuntimeError("no row has been observed")
        return self._row[1][0]

    def set(self, places: np.ndarray, words: I64) -> None:
        """Fold what was decided of a row."""
        self.words[places] = words

    def taken(self) -> list[Booked]:
        """What was booked since the last call, in order."""
        self._gather()
        taken, self._booked = self._booked, []
        return taken

    def _gather(self) -> None:
        """Take what was booked out of its buffers, which the next calls fill again."""
        out, self._ungathered = self._out, 0
        fills, posts, trades = out.counts.tolist()
        if fills or posts or trades:
            self._booked.append(
                Booked(
                    out.fills[:fills].copy(),
                    out.attr[:fills].copy(),
                    out.posts[:posts].copy(),
                    out.trades[:trades].copy(),
                )
            )
            out.counts[:] = 0

    def _take_wishes(self) -> list[Wish]:
        """The orders that the step has just made, in instrument order; their slot is emptied."""
        pend = self._tried.pend
        slots = pend.shape[0] // o.PEND_
        slot = o.PEND_ * ((int(self._tried.K[o.K_ROW]) - 1) % slots)
        wishes = [
            Wish(int(n), *(int(pend[slot + field, n]) for field in range(o.PEND_)))
            for n in pend[slot].nonzero()[0]
        ]
        pend[slot : slot + o.PEND_] = 0
        return wishes


def _floats(array: F64) -> "memoryview[float]":
    return cast("memoryview[float]", array.data)


def _reads(decision: Decision) -> list[tuple[tuple[str, ...], int]]:
    """What each strategy's window holds: equal lists have equal features and windows."""
    return [(bound.expressions, bound.strategy.lookback) for bound in decision.strategies]
