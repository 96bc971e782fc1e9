"""Inputs made ready, and everything that lives from one row to the next."""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from kedge.domain.money import currency
from kedge.domain.panel import CLOSED, FRESH, LEFT, TRADABLE, Panel
from kedge.domain.rules import Rules
from oracle.near import Near
from oracle.result import OracleResult


@dataclass
class Order:
    """An order on its way: it meets the bar of row ``due``, or waits where there cannot be one."""

    due: int
    lots: int
    limit: int
    stop: int
    reason: int


@dataclass
class Held:
    """The forecast a strategy last gave, ageing."""

    edge: float
    sigma: float
    confidence: float
    stop: float
    target: float
    trail: float
    age: int = 0


@dataclass
class Virtual:
    """A strategy's sub-position of -1, 0 or 1 in one instrument."""

    side: int = 0
    block: int = 0
    entry: float = 0.0
    best: float = 0.0
    held: int = 0
    target: float = 0.0
    trail: float = 0.0


class Setup:
    """The panel and the rules as plain Python numbers."""

    def __init__(self, panel: Panel, rules: Rules, reporting: str) -> None:
        self.panel, self.rules = panel, rules
        codes = [reporting]
        codes += [i.settle for i in panel.instruments]
        self.currencies = tuple(dict.fromkeys(codes))
        self.digits = [currency(code).digits for code in self.currencies]
        self.instruments = panel.instruments
        self.rows, self.count = panel.rows, len(panel.instruments)
        self.settle = [self.currencies.index(i.settle) for i in panel.instruments]
        self.ratio: list[Fraction] = [i.value_ratio for i in panel.instruments]
        self.per_lot = [float(i.lot) * i.multiplier for i in panel.instruments]
        self.tick = [float(i.tick) for i in panel.instruments]
        self.ts = [int(x) for x in panel.ts]
        self.session = [int(x) for x in panel.session]
        both = TRADABLE | FRESH
        self.live = [[(int(f) & both) == both for f in row] for row in panel.flags]
        self.closed = [[bool(int(f) & CLOSED) for f in row] for row in panel.flags]
        self.left = [[bool(int(f) & LEFT) for f in row] for row in panel.flags]
        self.bars = [[[int(x) for x in line] for line in row] for row in panel.bars]
        self.adjust = [[float(x) for x in row] for row in panel.adjust]
        self.events: dict[int, list[tuple[int, int, int, int, float]]] = {}
        for event in panel.events:
            values = (int(event["kind"]), int(event["index"]), int(event["a"]), int(event["b"]))
            self.events.setdefault(int(event["row"]), []).append((*values, float(event["x"])))

    def volume(self, t: int, n: int) -> float:
        """The bar's volume in lots; the declared average where it has none."""
        units = float(self.panel.volume[t, n])
        if math.isnan(units):
            units = self.instruments[n].average_volume
        return units / self.per_lot[n]

    def value(self, n: int, lots: int, ticks: int) -> int:
        """Minor units of the settlement currency, half away from zero."""
        product = lots * ticks
        num, den = self.ratio[n].numerator, self.ratio[n].denominator
        magnitude = (2 * abs(product) * num + den) // (2 * den)
        return magnitude if product >= 0 else -magnitude


@dataclass
class State:
    """Everything the next row depends on."""

    setup: Setup
    near: Near
    out: OracleResult
    row: int = -1
    session: int = 0
    cash: list[int] = field(default_factory=list)
    fx: list[float] = field(default_factory=list)
    equity: int = 0
    opening: int = 0
    high: int = 0
    drawdown: float = 0.0
    halted: bool = False
    daily_ban: bool = False
    loss_ban_until: int = -1
    losses: int = 0

    def __post_init__(self) -> None:
        n, rules = self.setup.count, self.setup.rules
        strategies = range(len(rules.strategies))
        self.cash = [0] * len(self.setup.currencies)
        self.cash[0] = rules.capital
        self.balance, self.posted = list(self.cash), 0
        self.fx = [1.0] + [0.0] * (len(self.setup.currencies) - 1)
        self.equity = self.opening = self.high = rules.capital
        self.lots, self.last = [0] * n, [0] * n
        self.stop, self.stop_distance = [0] * n, [0] * n
        self.locked, self.exiting = [0] * n, [False] * n
        self.pending: list[list[Order]] = [[] for _ in range(n)]
        self.last_order = [-(10**9)] * n
        self.decided_stop = [0] * n
        self.hour, self.used = -1, [0] * n
        # estimates of section 1
        self.seen, self.session_volume = [False] * n, [0.0] * n
        self.due = [False] * n
        self.session_close = [0.0] * n
        self.previous_close: list[tuple[float, int] | None] = [None] * n
        self.adv: list[float | None] = [None] * n
        self.av: list[float | None] = [None] * n
        self.covariance = [[0.0] * n for _ in range(n)]
        self.paired = [[False] * n for _ in range(n)]
        self.slow, self.returns = [0.0] * n, [0] * n
        self.scenarios: list[list[float]] = []
        self.sigma, self.vf = [0.0] * n, [1.0] * n
        self.beta, self.group = [1.0] * n, list(range(n))
        self.cost = [0.0] * n
        self.missed, self.quality = [0] * n, [1.0] * n
        # views of section 5
        self.held: list[list[Held | None]] = [[None] * n for _ in strategies]
        self.virtual = [[Virtual() for _ in range(n)] for _ in strategies]
        self.ended, self.hits = [0 for _ in strategies], [0 for _ in strategies]
        # trades and attribution
        self.trade_open, self.trade_profit = [-1] * n, [0] * n
        self.shares = [[0.0] * n for _ in strategies]
        self.sub = [[0] * n for _ in strategies]
        self.book_value = [0] * n

    @property
    def money(self) -> int:
        """Equity that weights are fractions of; a ruined book has one minor unit."""
        return max(self.equity, 1)

    def live(self, n: int) -> bool:
        """Whether this row's cell is fresh and tradable."""
        return self.setup.live[self.row][n]

    def unit(self, n: int, ticks: int) -> float:
        """Reporting minor units of one lot at ``ticks``."""
        return ticks * float(self.setup.ratio[n]) * self.fx[self.setup.settle[n]]

    def pending_lots(self, n: int) -> int:
        return sum(order.lots for order in self.pending[n])
