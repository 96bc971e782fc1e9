"""The identities that every run must satisfy to the last minor unit.

Checked on the integer records before anything is written: cash is what fills
and postings made it, equity is cash and positions, positions are what fills
and splits made them, and shares of strategies sum to their fills. There is no
tolerance; a run that breaks one is no result.
"""

from collections.abc import Sequence

import numpy as np

from kedge.domain import state as o
from kedge.domain.errors import RunError
from kedge.domain.money import round_ratio
from kedge.domain.panel import I64, EventKind
from kedge.domain.reason import Reason
from kedge.research.exchange import settle_of
from kedge.research.run import Run


def check_identities(run: Run) -> None:
    """Refuse a run whose books do not balance.

    Raises:
        RunError: which identity is broken, and by how much.
    """
    _cash(run)
    _positions(run)
    _equity(run)
    _attribution(run)


def _refuse(what: str, expected: int, found: int) -> None:
    if expected != found:
        raise RunError(
            f"the books do not balance: {what} is {found}, its records make {expected}; "
            "no result was written (a defect: report it with the configuration)"
        )


def _cash(run: Run) -> None:
    """Initial cash, fills, fees and postings make the final balance of each currency."""
    program = run.decision.program
    settles = settle_of(run, run.fills[:, o.FILL_INSTRUMENT])
    for number, code in enumerate(program.currencies):
        fills = run.fills[settles == number]
        posted = run.postings[run.postings[:, o.POST_CURRENCY] == number]
        expected = program.capital if number == 0 else 0
        expected -= int(fills[:, o.FILL_NOTIONAL].sum()) + int(fills[:, o.FILL_FEE].sum())
        expected += int(posted[:, o.POST_AMOUNT].sum())
        _refuse(f"cash in minor units of {code}", expected, int(run.cash[number]))


def _positions(run: Run) -> None:
    """Fills and splits make the final position of each instrument."""
    events = run.panel.events
    for n, instrument in enumerate(run.panel.instruments):
        mine = run.fills[run.fills[:, o.FILL_INSTRUMENT] == n]
        splits = events[(events["kind"] == int(EventKind.SPLIT)) & (events["index"] == n)]
        lots = _lots(mine, splits)
        _refuse(f"the position in lots of {instrument.symbol}", lots, int(run.lots[n]))


def _lots(fills: I64, splits: np.ndarray) -> int:
    """Lots after fills and splits; in a row, delistings come before splits, the rest after."""
    lots, at = 0, 0
    for split in splits:
        row = int(split["row"])
        while at < len(fills) and before_events(fills[at], row):
            lots, at = lots + int(fills[at, o.FILL_LOTS]), at + 1
        lots = split_lots(lots, split)
    return lots + int(fills[at:, o.FILL_LOTS].sum())


def before_events(fill: Sequence[int] | I64, row: int) -> bool:
    """Whether a fill was booked before the dated events of a row."""
    same = fill[o.FILL_ROW] == row and fill[o.FILL_REASON] == int(Reason.DELISTED)
    return bool(fill[o.FILL_ROW] < row or same)


def split_lots(lots: int, split: np.void) -> int:
    """A position in new units, the fraction left over cut off."""
    whole = abs(lots) * int(split["a"]) // int(split["b"])
    return whole if lots >= 0 else -whole


def _equity(run: Run) -> None:
    """Cash and positions at last prices make the final equity."""
    program, book = run.decision.program, run.memory.book
    worth = [int(amount) for amount in run.cash]
    for n, instrument in enumerate(run.panel.instruments):
        product = int(run.lots[n]) * int(book.I[n, o.I_LAST])
        worth[int(program.params.J[n, o.J_CURRENCY])] += round_ratio(
            product, instrument.value_ratio
        )
    expected = worth[0] + sum(
        int(np.rint(worth[c] * book.G[o.G_ + c])) for c in range(1, len(worth))
    )
    _refuse("equity in minor units", expected, int(run.rows[-1, o.ROW_EQUITY]))


def _attribution(run: Run) -> None:
    """Quantity, fee and profit of the strategies' shares sum to each fill's."""
    if not run.decision.strategies:
        return
    sums = run.attribution.sum(axis=1)
    for name, share, whole in (
        ("quantity", o.ATTR_QUANTITY, o.FILL_LOTS),
        ("fee", o.ATTR_FEE, o.FILL_FEE),
        ("profit", o.ATTR_PNL, o.FILL_PROFIT),
    ):
        wrong = np.flatnonzero(sums[:, share] != run.fills[:, whole])
        if len(wrong):
            k = int(wrong[0])
            _refuse(f"the {name} of fill {k}", int(sums[k, share]), int(run.fills[k, whole]))
