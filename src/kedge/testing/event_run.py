"""An event run in lockstep: the trading engine against a venue made of bars.

The same panel that a bar run walks, through intents, the gate, orders and reports; what
comes out must equal the bar run to the last bit.
"""

from dataclasses import dataclass, field

import numpy as np

from kedge.domain.account import Key
from kedge.domain.control import Started
from kedge.domain.panel import F64, I64, Panel
from kedge.domain.record import Event, Record
from kedge.domain.row import Dated, RowDecided, SessionOpened
from kedge.engine.pipeline import Decision
from kedge.engine.program import Program
from kedge.engine.trading.bar_market import BarMarket
from kedge.engine.trading.book import Book
from kedge.engine.trading.desk import Desk, Universe
from kedge.engine.trading.engine import AskAccount, Cancel, Effect, Engine, Query
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.rows import closed_row
from kedge.engine.trading.styles import BarStyle
from kedge.engine.trading.way import Way
from kedge.execution.lifecycle import Terms
from kedge.risk.approved import Approved
from kedge.risk.gate import GateRules


def wide(program: Program) -> tuple[GateRules, ...]:
    """Gate rules that refuse nothing that a step's own limits allow: what is compared is the step.

    Args:
        program: whose instruments are traded under keys of the same numbers.
    """
    return tuple(
        GateRules(
            num=int(program.params.J[n, 0]), den=int(program.params.J[n, 1]),
            max_notional=2**61, max_lots=2**61, margin=1e-12, position=1e9, gross=1e9,
            spread_bps=1e9, slippage_bps=1e9, band_bps=1e9, stale_ns=2**60, interval_ns=0,
            open_orders=2**30, participation=1e9, participation_hour=1e9, short=True,
            reduce_only=True, bars=True,
        )
        for n in range(program.instruments)
    )  # fmt: skip


@dataclass
class EventRun:
    """A run of the engine over a panel, a row at a time.

    Attributes:
        panel, decision: what is run.
        limit: whether orders rest at the price of their decision.
        book: the decision path; made of the decision when not given.
        records: everything that the engine recorded.
        lots, targets: (T, N) after each row.
        marks: (T, 3) equity, cash, gross.
    """

    panel: Panel
    decision: Decision
    limit: bool = False
    book: Book | None = None
    records: list[Record] = field(default_factory=list)
    lots: list[I64] = field(default_factory=list)
    targets: list[I64] = field(default_factory=list)
    reasons: list[np.ndarray] = field(default_factory=list)
    marks: list[tuple[int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        panel, program = self.panel, self.decision.program
        n = program.instruments
        keys = tuple(Key("main", "bars", i.id) for i in panel.instruments)
        every = tuple(range(n))
        universe = Universe(panel.instruments, keys, every, every, panel.interval_ns, "00000000")
        book = self.book or Book(self.decision, panel.instruments, panel.interval_ns)
        self.market = BarMarket(panel, program)
        way = Way(wide(program), Terms(), BarStyle(self.limit), 2**62, ())
        self.desk = Desk(universe, book, 0)
        self._waiting: list[Effect] = []
        self.engine = Engine(self.desk, way, self._append, self._push)

    def fold(self, record: Record) -> None:
        """Take a record of an earlier run without deciding anything."""
        self.records.append(record)
        evolve(self.desk, record)

    def _append(self, record: Record) -> int:
        self.records.append(record)
        return len(self.records)

    def _push(self, number: int, effect: Effect) -> None:
        self._waiting.append(effect)

    def run(self, rows: int | None = None) -> "EventRun":
        """Run from where it stands to row ``rows``, by default the last."""
        if not self.records:
            self._process(Started(int(self.panel.ts[0]) - 1, "test", "test"))
        for _ in range(self.market.t, self.panel.rows if rows is None else rows):
            self._row()
        return self

    def _row(self) -> None:
        panel, market, t = self.panel, self.market, self.market.t
        at = int(panel.ts[t])
        dated = self._dated(t, at)
        market.begin(dated)
        self._process(SessionOpened(at, int(panel.session[t])))
        for event in dated:
            self._process(event)
        market.open()
        self._drain()
        market.sweep()
        self._drain()
        market.close()
        self._drain()
        market.end_row()
        quotes = np.zeros((len(panel.instruments), 6), np.int64)
        quotes[:, 0] = quotes[:, 1] = np.maximum(1, self._closes(t))
        row = closed_row(
            t, at, int(panel.session[t]), panel.bars[t].T, panel.volume[t], panel.flags[t],
            panel.age_ns[t], panel.adjust[t], quotes,
        )  # fmt: skip
        self._process(row)
        decided = next(r for r in reversed(self.records) if isinstance(r, RowDecided))
        self.lots.append(self.desk.book.lots.copy())
        self.targets.append(np.frombuffer(decided.targets, np.int64))
        self.reasons.append(np.frombuffer(decided.reasons, np.int8))
        self.marks.append(decided.marks)
        self._drain()

    def _closes(self, t: int) -> I64:
        """Last prices; those of a masked cell as they were."""
        closes = self.panel.bars[t, 3]
        last = self.desk.book.state.I[:, 2]
        return np.where(closes > 0, closes, last)

    def _dated(self, t: int, at: int) -> list[Dated]:
        events = self.panel.events
        return [
            Dated(at, int(e["kind"]), int(e["index"]), int(e["a"]), int(e["b"]), float(e["x"]))
            for e in events[events["row"] == t]
        ]

    def _process(self, event: Event) -> None:
        self.engine.process(event)
        self._drain()

    def _drain(self) -> None:
        """Effects to the venue and its reports back, until neither has more to say."""
        while True:
            effects, self._waiting = self._waiting, []
            for effect in effects:
                self._do(effect)
            reports = self.market.reports()
            for report in reports:
                self.engine.process(report)
            if not effects and not reports:
                return

    def _do(self, effect: Effect) -> None:
        match effect:
            case Approved():
                self.market.submit(effect)
            case Cancel(key, order):
                self.market.cancel(key, order)
            case Query(key, order):
                self.market.query(key, order)
            case AskAccount(_, cursor):
                self.market.open_orders()
                self.market.fills_since(cursor)
                self.market.balances()


class GivenForecasts(Book):
    """A book whose forecasts are given, row by row, instead of made of features."""

    def __init__(self, decision: Decision, panel: Panel, forecasts: F64) -> None:
        super().__init__(decision, panel.instruments, panel.interval_ns)
        self._given = forecasts
        self._at = 0

    def forecast(self, panel: Panel) -> F64:
        """The next row's."""
        row = self._given[self._at : self._at + 1]
        self._at += 1
        return np.ascontiguousarray(row)
