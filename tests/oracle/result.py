"""What the oracle hands back: plain lists of numbers, and the numbers behind them."""

from dataclasses import dataclass, field
from typing import NamedTuple

from oracle.near import NearEvent


class Fill(NamedTuple):
    """One fill; ``profit`` is the change in the book's value (section 12)."""

    row: int
    instrument: int
    lots: int
    ticks: int
    base: int
    fee: int
    notional: int
    reason: int
    profit: int


class Share(NamedTuple):
    """A strategy's part of one fill.

    ``quantity`` is the change of its sub-book, internal crosses included;
    ``external`` the part of the fill itself that went to it.
    """

    fill: int
    strategy: int
    quantity: int
    fee: int
    pnl: int
    external: int


class Posting(NamedTuple):
    """One movement of cash."""

    row: int
    kind: str
    currency: int
    amount: int


class Trade(NamedTuple):
    """Flat to flat."""

    instrument: int
    opened: int
    closed: int
    side: int
    profit: int


class Bound(NamedTuple):
    """A limit that made a target (or a fill) smaller; instrument -1 is the row."""

    row: int
    instrument: int
    reason: int


@dataclass
class RowTrace:
    """The risk numbers one row was decided on.

    Per instrument: ``lots`` held, ``cur`` with pending orders, target ``aim``, what
    of it is within reach ``q``, ``slice`` the lots that one order may have,
    ``fixed`` for masked cells, ``unit`` (value of a lot in reporting minor
    units), ``distance`` to the stop as a fraction of the last price on each
    target's side, ``distance_cur`` the same on the side of ``cur``.
    """

    row: int
    equity: int
    lots: list[int]
    cur: list[int]
    q: list[int]
    aim: list[int]
    slice: list[int]
    fixed: list[bool]
    unit: list[float]
    distance: list[float]
    distance_cur: list[float]
    beta: list[float]
    group: list[int]
    covariance: list[list[float]]
    scenarios: list[list[float]]
    volatility: list[float]
    sessions_seen: list[int]
    adv: list[float]
    av: list[float]
    fx: list[float]
    drawdown: float
    halted: bool
    daily_banned: bool
    loss_banned: bool
    exiting: list[bool]
    ordered: list[int]
    infeasible: bool


@dataclass
class OracleResult:
    """Everything a run says, row by row.

    ``lots``, ``ordered``, ``target``, ``reason`` are (T, N); ``cash`` is (T, C)
    minor units after the row; ``equity`` (T,) is the mark of section 4.
    """

    currencies: tuple[str, ...]
    lots: list[list[int]] = field(default_factory=list)
    ordered: list[list[int]] = field(default_factory=list)
    target: list[list[int]] = field(default_factory=list)
    reason: list[list[int]] = field(default_factory=list)
    cash: list[list[int]] = field(default_factory=list)
    equity: list[int] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    attribution: list[Share] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    bound: list[Bound] = field(default_factory=list)
    trace: list[RowTrace] = field(default_factory=list)
    near: list[NearEvent] = field(default_factory=list)
    soft: set[tuple[int, int]] = field(default_factory=set)

    def binding(self) -> set[Bound]:
        """Which limits bound where, each once a row and instrument."""
        return set(self.bound)

    def exempt_from(self, row: int, *, attribution: bool = False) -> bool:
        """Whether a first difference in ``row`` can come from a near miss.

        A near miss in a sub-book moves attribution alone, from its row on.
        """
        for event in self.near:
            inside = event.what == "sub-book"
            if inside and not attribution:
                continue
            if event.row == row or ((event.hidden or inside) and event.row <= row):
                return True
        return False
