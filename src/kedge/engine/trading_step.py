"""The compiled step as trading calls it: a row opens, orders are reported, a row closes.

The same functions as in `kedge.engine.step`, without the bar's fills: those come from a
venue as reports, in between, and are booked by the same booking. What the step ordered
counts as pending until the engine says that nothing more will come of it.
"""

from kedge.domain import state as o
from kedge.domain.compiled import entry
from kedge.domain.panel import F64, I64
from kedge.domain.state import Booking, Out, Params, Rows, State
from kedge.engine.decide import decide
from kedge.engine.mark import mark
from kedge.engine.row_fills import book, execute
from kedge.engine.row_open import apply_event, open_session


@entry
def begin_session(session: int, ts: int, p: Params, s: State, out: Out) -> None:
    """Section 1: a session opens; the first of all only sets the clock."""
    if s.K[o.K_STARTED] == 0:
        s.K[o.K_SESSION] = session
        s.K[o.K_TS] = ts
    if session != s.K[o.K_SESSION]:
        s.K[o.K_SESSION] = session
        open_session(p, s, out)


@entry
def happen(p: Params, s: State, x: Rows, out: Out) -> None:
    """Section 2: every dated event of ``x``, in order."""
    for e in range(x.ev.shape[0]):
        apply_event(e, p, s, x, out)


@entry
def report_fill(
    n: int,
    lots: int,
    ticks: int,
    base: int,
    fee: int,
    reason: int,
    stop: int,
    J: I64,
    Q: I64,
    I: I64,  # noqa: E741 - the step's name for it
    SF: F64,
    K: I64,
    fills: I64,
    attr: I64,
    trades: I64,
    counts: I64,
    scratch: I64,
) -> None:
    """Section 3: book one fill that a venue reported.

    Args:
        n: instrument.
        lots: signed.
        ticks, base: price, and price before spread and impact.
        fee: minor units of the settlement currency.
        reason: of the order.
        stop: stop distance of the order's decision, ticks; 0 leaves what stands.
        J, Q, I, SF, K, fills, attr, trades, counts, scratch: the fields of a `Booking`, each on
            its own: handed over as a tuple they take three times as long.
    """
    if stop > 0:
        I[n, o.I_ORDER_STOP] = stop
    into = Booking(J, Q, I, SF, K, fills, attr, trades, counts, scratch)
    book(n, lots, ticks, base, fee, reason, into)


@entry
def close_row(p: Params, s: State, x: Rows, out: Out) -> None:
    """Sections 4 to 12 of the one row in ``x``: mark, blend, size, limit, order."""
    equity = mark(0, p, s, x, out)
    decide(0, equity, x.ts[0] - s.K[o.K_TS], p, s, x, out)
    for n in range(s.F.shape[0]):
        out.positions[0, n] = s.I[n, o.I_LOTS]
        out.targets[0, n] = s.I[n, o.I_Q]
    s.K[o.K_TS] = x.ts[0]
    s.K[o.K_ROW] += 1


@entry
def fill_order(
    n: int, want: int, base: int, volume: float, reason: int, p: Params, s: State, out: Out
) -> None:
    """Rules 2 to 5: what a bar's volume and the account's cash allow of ``want`` signed lots."""
    execute(n, want, base, volume, reason, p, s, out)


@entry
def mark_row(p: Params, s: State, x: Rows, out: Out) -> None:
    """Section 4 alone: last prices, averages and equity after a row that nobody decides."""
    mark(0, p, s, x, out)
    s.K[o.K_TS] = x.ts[0]
    s.K[o.K_ROW] += 1
