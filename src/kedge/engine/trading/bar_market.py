"""A venue that is made of bars: the numbered bar contract, from an exchange's side.

Orders meet one bar and are gone. The venue keeps an account of its own and fills by the
same compiled model as a backtest, so that an event run can be compared with a bar run to
the last bit. A row goes in three phases, with every report delivered between them:
`open` (a session, dated events, due orders), `sweep` (protective stops), `close`.
"""

from dataclasses import dataclass

import numpy as np

from kedge.domain import state as o
from kedge.domain.order import Order
from kedge.domain.panel import CLOSE, CLOSED, HIGH, LOW, OPEN, EventKind, Panel
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    End,
    Ended,
    Filled,
    FillsThrough,
    Found,
    NotFound,
    OpenOrders,
    Triggered,
    VenueReport,
)
from kedge.domain.row import Dated
from kedge.domain.rules import FillMode
from kedge.domain.state import Rows
from kedge.engine.blocks import block_rows
from kedge.engine.book_state import new_state
from kedge.engine.program import Program
from kedge.engine.trading.outputs import event_row, outputs
from kedge.engine.trading_step import begin_session, fill_order, happen, mark_row
from kedge.risk.approved import Approved
from kedge.venues.contract import Able


@dataclass(slots=True)
class Resting:
    """An order at the venue: lots that a split has rescaled, and the row it is due in."""

    order: Order
    lots: int
    limit: int
    due: int


class BarMarket:
    """One account at a venue of N instruments; instrument n trades under key n.

    Args:
        panel: the bars.
        program: parameters; fees, spread and impact are its own.
    """

    def __init__(self, panel: Panel, program: Program) -> None:
        self._panel, self._program = panel, program
        self._state = new_state(program)
        self._out = outputs(program)
        self._nothing = np.full((1, program.strategies, program.instruments, 6), np.nan)
        self._orders: dict[str, Resting] = {}
        self._filled: dict[str, int] = {}
        self._said: list[VenueReport] = []
        self._trades = 0
        self.t = 0

    able = Able(stop_limit=False, ioc=False, fok=False, reduce_only=True, short=True)

    @property
    def lots(self) -> list[int]:
        """Positions."""
        return [int(q) for q in self._state.I[:, o.I_LOTS]]

    # What the engine asks for.

    def submit(self, approved: Approved) -> None:
        """Take an order for the next bar, or after the latency."""
        order = approved.order
        latency = 0 if order.protective else int(self._program.params.Q[o.Q_LATENCY])
        self._orders[order.id] = Resting(order, order.lots, order.limit, self.t + latency)
        self._say(Accepted(order.key, order.id, *self._now, order.id))

    def cancel(self, key: int, order: str) -> None:
        """Cancel at once."""
        if order in self._orders:
            self._end(self._orders[order], End.CANCELLED)
        else:
            self._say(CancelRefused(key, order, *self._now, "unknown", "no such order"))

    def query(self, key: int, order: str) -> None:
        """What became of an order."""
        if order in self._orders:
            self._say(Found(key, order, *self._now, order, True, 0, False))
        elif order in self._filled:
            self._say(Found(key, order, *self._now, order, False, self._filled[order], False))
        else:
            self._say(NotFound(key, order, *self._now, self._now[0]))

    def open_orders(self) -> None:
        """Everything that rests."""
        resting = tuple(
            (r.order.id, r.order.id, r.order.key, r.order.side, r.lots, 0)
            for r in self._orders.values()
        )
        self._say(OpenOrders(0, "", *self._now, resting))

    def fills_since(self, cursor: str) -> None:
        """Reports are never lost here: there is nothing to add."""
        self._say(FillsThrough(0, "", *self._now, cursor))

    def balances(self) -> None:
        """What the account holds."""
        cash = tuple(
            (code, int(self._state.K[o.K_ + c]))
            for c, code in enumerate(self._program.currencies)
        )
        held = tuple((n, q) for n, q in enumerate(self.lots) if q)
        self._say(Balances(0, "", *self._now, cash, held))

    def reports(self) -> list[VenueReport]:
        """What was said since the last call."""
        said, self._said = self._said, []
        return said

    # What happens to it.

    def open(self, dated: list[Dated]) -> None:
        """Phase 1: the session, dated events, and the due orders unless they meet the close."""
        params, row = self._program.params, self._block()
        self._row = row
        begin_session(int(row.session[0]), int(row.ts[0]), params, self._state, self._out)
        self._out.counts[:] = 0
        for event in dated:
            self._dated(event)
        if params.Q[o.Q_FILL] != int(FillMode.NEXT_CLOSE):
            self._meet()

    def sweep(self) -> None:
        """Phase 2: protective stops that the bar touches, long positions first."""
        stops = [r for r in self._orders.values() if r.order.protective]
        stops.sort(key=lambda r: (r.order.side, r.order.key))
        for stop in stops:
            if self._touched(stop):
                self._stop_out(stop)

    def close(self) -> None:
        """Phase 3: orders that meet the close; then the bar is over."""
        params = self._program.params
        if params.Q[o.Q_FILL] == int(FillMode.NEXT_CLOSE):
            self._meet()

    def end_row(self) -> None:
        """The next bar is the one that orders from here on will meet."""
        mark_row(self._program.params, self._state, self._row, self._out)
        self._out.counts[:] = 0
        self.t += 1

    # How orders meet a bar.

    def _block(self) -> Rows:
        return block_rows(self._panel, self._nothing, self.t, self.t + 1)

    @property
    def _now(self) -> tuple[int, int]:
        at = int(self._panel.ts[min(self.t, self._panel.rows - 1)])
        return at, at

    def _say(self, report: VenueReport) -> None:
        self._said.append(report)

    def _dated(self, event: Dated) -> None:
        params = self._program.params
        happen(params, self._state, event_row(event, self._program), self._out)
        self._out.counts[:] = 0
        n = event.index
        if event.kind == int(EventKind.SPLIT):
            self._split(n, event.a, event.b)
        if event.kind == int(EventKind.DEAL):
            for resting in self._of(n):
                self._end(resting, End.EXPIRED)

    def _of(self, n: int) -> list[Resting]:
        return [r for r in self._orders.values() if r.order.key == n]

    def _split(self, n: int, a: int, b: int) -> None:
        for resting in self._of(n):
            resting.lots = resting.lots * a // b
            if resting.limit:
                resting.limit = max(1, int(np.rint(resting.limit * b / a)))
            if resting.lots == 0:
                self._end(resting, End.EXPIRED)

    def _meet(self) -> None:
        due = [
            r for r in self._orders.values() if not r.order.protective and r.due <= self.t
        ]
        due.sort(key=lambda r: (r.order.side, r.order.key))
        for resting in due:
            flags = int(self._row.flags[0, resting.order.key])
            if flags & CLOSED:
                resting.due = self.t + 1
                continue
            self._meet_one(resting, flags)

    def _meet_one(self, resting: Resting, flags: int) -> None:
        n, side = resting.order.key, resting.order.side
        mode, bars = self._program.params.Q[o.Q_FILL], self._row.bars[0, n]
        reached, base = flags & 3 == 3, int(bars[OPEN])
        if mode == int(FillMode.NEXT_CLOSE):
            base = int(bars[CLOSE])
        if mode == int(FillMode.LIMIT):
            base = resting.limit
            reached = reached and bool(bars[LOW] < base if side > 0 else bars[HIGH] > base)
        filled = self._fill(resting, side * resting.lots, base) if reached else 0
        self._end(resting, End.FILLED if filled == resting.lots else End.EXPIRED)

    def _fill(self, resting: Resting, want: int, base: int) -> int:
        """Fill what the bar allows; returns lots."""
        order, out, n = resting.order, self._out, resting.order.key
        before = int(out.counts[0])
        volume = float(self._row.volume[0, n])
        params = self._program.params
        fill_order(n, want, base, volume, order.reason, params, self._state, out)
        if out.counts[0] == before:
            return 0
        fill = out.fills[before]
        lots, self._trades = abs(int(fill[o.FILL_LOTS])), self._trades + 1
        self._filled[order.id] = self._filled.get(order.id, 0) + lots
        self._say(
            Filled(
                n, order.id, *self._now, order.id, str(self._trades), order.side, lots,
                int(fill[o.FILL_TICKS]), int(fill[o.FILL_FEE]), False, int(fill[o.FILL_BASE]),
            )
        )  # fmt: skip
        out.counts[:] = 0
        return lots

    def _touched(self, stop: Resting) -> bool:
        n = stop.order.key
        if self._row.flags[0, n] & 3 != 3:
            return False
        bars, trigger = self._row.bars[0, n], stop.order.trigger
        if stop.order.side < 0:
            return bool(bars[LOW] <= trigger)
        return bool(bars[HIGH] >= trigger)

    def _stop_out(self, stop: Resting) -> None:
        order = stop.order
        start = int(self._row.bars[0, order.key, OPEN])
        base = min(start, order.trigger) if order.side < 0 else max(start, order.trigger)
        self._say(Triggered(order.key, order.id, *self._now))
        held = -order.side * int(self._state.I[order.key, o.I_LOTS])
        lots = min(stop.lots, max(0, held))
        filled = self._fill(stop, order.side * lots, base) if lots else 0
        self._end(stop, End.FILLED if filled == order.lots else End.EXPIRED)

    def _end(self, resting: Resting, why: End) -> None:
        order = resting.order
        del self._orders[order.id]
        filled = self._filled.setdefault(order.id, 0)
        self._say(Ended(order.key, order.id, *self._now, why, filled))

