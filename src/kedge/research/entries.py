"""The fills and postings of a run as values, and what the postings amount to."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np

from kedge.domain import state as o
from kedge.domain.account import Account, Key
from kedge.domain.fill import Fill, Side
from kedge.domain.money import currency
from kedge.domain.posting import Posting, PostingKind
from kedge.research.run import Run
from kedge.research.settlement import dates_of_fills, trade_dates
from kedge.research.words import STEP_POSTINGS

ORDER: Final = (PostingKind.TRADE, PostingKind.FEE, *STEP_POSTINGS)
"""Kinds in the order in which totals are written."""


def account_of(run: Run) -> Account:
    """The one account of a backtest."""
    return Account("backtest", "", run.decision.program.currencies[0])


def fills_of(run: Run) -> Iterator[Fill]:
    """Every fill in the order of booking."""
    account, codes = account_of(run).id, run.decision.program.currencies
    keys = [Key(account, i.venue, i.id) for i in run.panel.instruments]
    settles = [codes[c] for c in run.decision.program.params.J[:, o.J_CURRENCY].tolist()]
    dates = zip(*(each.tolist() for each in dates_of_fills(run)), strict=True)
    for number, (row, (traded, settled)) in enumerate(zip(run.fills.tolist(), dates, strict=True)):
        who, lots = row[o.FILL_INSTRUMENT], row[o.FILL_LOTS]
        yield Fill(
            id=number,
            key=keys[who],
            side=Side.BUY if lots > 0 else Side.SELL,
            lots=abs(lots),
            ticks=row[o.FILL_TICKS],
            notional=row[o.FILL_NOTIONAL],
            fee=row[o.FILL_FEE],
            fee_currency=settles[who],
            trade_date=traded,
            settle_date=settled,
        )


def postings_of(run: Run) -> Iterator[Posting]:
    """Every movement of cash: two for each fill, then what the step booked besides."""
    for fill in fills_of(run):
        yield _of_fill(fill, PostingKind.TRADE, -fill.notional)
        yield _of_fill(fill, PostingKind.FEE, -fill.fee)
    account, codes, panel = account_of(run).id, run.decision.program.currencies, run.panel
    dates = _posting_dates(run)
    for row, day in zip(run.postings.tolist(), dates, strict=True):
        who = row[o.POST_INSTRUMENT]
        yield Posting(
            account=account,
            kind=PostingKind(row[o.POST_KIND]),
            currency=codes[row[o.POST_CURRENCY]],
            amount=row[o.POST_AMOUNT],
            instrument=panel.instruments[who].id if who >= 0 else None,
            trade_date=day,
            settle_date=day,  # the step books it when the cash moves
        )


def _of_fill(fill: Fill, kind: PostingKind, amount: int) -> Posting:
    return Posting(
        account=fill.key.account,
        kind=kind,
        currency=fill.fee_currency,
        amount=amount,
        instrument=fill.key.instrument,
        trade_date=fill.trade_date,
        settle_date=fill.settle_date,
    )


def _posting_dates(run: Run) -> list[date]:
    """Session of each posting; without an instrument, that of the first one's exchange."""
    who = np.maximum(run.postings[:, o.POST_INSTRUMENT], 0)
    ts = run.panel.ts[run.postings[:, o.POST_ROW]]
    found = np.zeros(len(ts), "datetime64[D]")
    for n in np.unique(who).tolist():
        found[who == n] = trade_dates(run.panel.instruments[n], ts[who == n])
    dates: list[date] = found.tolist()
    return dates


def posting_totals(run: Run) -> dict[str, dict[str, float]]:
    """Totals per kind and currency, fills and fees among them; they sum to the change of cash."""
    sums: Counter[tuple[PostingKind, str]] = Counter()
    for posting in postings_of(run):
        sums[posting.kind, posting.currency] += posting.amount
    found: dict[str, dict[str, float]] = {}
    for code in run.decision.program.currencies:
        for kind in (each for each in ORDER if (each, code) in sums):
            amount = sums[kind, code] / 10 ** currency(code).digits
            found.setdefault(kind.name.lower(), {})[code] = amount
    return found
