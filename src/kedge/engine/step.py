"""The compiled decision step: rows from bars and forecasts to orders and fills.

It composes what lives in ``ensemble``, ``portfolio``, ``risk``, ``execution`` and
``ledger`` in the order of docs/life-of-a-row.md. `advance` loops it over as many
rows as it is handed: a whole history in research, one row when trading. The
arrays and their named offsets are described in `kedge.domain.state`.
"""

from kedge.domain import state as o
from kedge.domain.compiled import entry, inlined
from kedge.domain.rules import FillMode
from kedge.domain.state import Out, Params, Rows, State
from kedge.engine.decide import decide
from kedge.engine.mark import mark
from kedge.engine.row_fills import fill_due, stop_out, stop_touched
from kedge.engine.row_open import apply_event, open_session

_CLOSE_MODE = int(FillMode.NEXT_CLOSE)


@inlined
def _room(events: int, s: State, out: Out) -> int:
    """Rows that surely fit into the outputs, with all events still to come among them."""
    N = s.F.shape[0]
    fills = (out.fills.shape[0] - out.counts[0] - events) // (4 * N + 4)
    posts = (out.posts.shape[0] - out.counts[1] - events) // (4 * N + 64)
    trades = (out.trades.shape[0] - out.counts[2] - events) // (4 * N + 4)
    return min(fills, posts, trades)


@inlined
def _orders_and_stops(t: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """Section 3, in the order of the fill mode."""
    at_close = p.Q[o.Q_FILL] == _CLOSE_MODE
    if s.K[o.K_PENDING] > 0 and not at_close:
        fill_due(t, p, s, x, out)
    short = False
    for n in range(s.F.shape[0]):
        if stop_touched(n, t, s, x):
            if s.I[n, o.I_LOTS] > 0:
                stop_out(n, t, p, s, x, out)
            else:
                short = True
    if short:
        for n in range(s.F.shape[0]):
            if s.I[n, o.I_LOTS] < 0 and stop_touched(n, t, s, x):
                stop_out(n, t, p, s, x, out)
    if s.K[o.K_PENDING] > 0 and at_close:
        fill_due(t, p, s, x, out)


@entry
def advance(start: int, stop: int, p: Params, s: State, x: Rows, out: Out) -> int:
    """Run rows ``start`` to ``stop`` of a block.

    Args:
        start, stop: rows of the block arrays.
        p: parameters.
        s: state, written in place.
        x: the block; its events have rows relative to it, sorted.
        out: output records; ``counts`` holds how many are used.

    Returns:
        The first row not run: ``stop``, or earlier when an output could overflow.
    """
    events, pointer = x.ev.shape[0], 0
    while pointer < events and x.ev[pointer, 0] < start:
        pointer += 1
    full = start
    # Counted by hand: the compiler then knows that no row is negative.
    t = max(start, 0)
    while t < stop:
        if t == full:
            room = _room(events - pointer, s, out)
            if room <= 0:
                return t
            full = t + room
        if s.K[o.K_STARTED] == 0:
            s.K[o.K_SESSION] = x.session[t]
            s.K[o.K_TS] = x.ts[t]
        if x.session[t] != s.K[o.K_SESSION]:
            s.K[o.K_SESSION] = x.session[t]
            open_session(p, s, out)
        while pointer < events and x.ev[pointer, 0] == t:
            apply_event(pointer, p, s, x, out)
            pointer += 1
        _orders_and_stops(t, p, s, x, out)
        equity = mark(t, p, s, x, out)
        decide(t, equity, x.ts[t] - s.K[o.K_TS], p, s, x, out)
        if out.positions.shape[0] > 0:
            for n in range(s.F.shape[0]):
                out.positions[t, n] = s.I[n, o.I_LOTS]
                out.targets[t, n] = s.I[n, o.I_Q]
        s.K[o.K_TS] = x.ts[t]
        s.K[o.K_ROW] += 1
        t += 1
    return stop
