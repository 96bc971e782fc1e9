"""Section 2: splits, dividends, funding, exchange rates and deals."""

from fractions import Fraction

from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from oracle.book import close_trade, cut, fill, post, sign
from oracle.state import State


def apply_events(state: State) -> None:
    """This row's events, in the table's order."""
    for kind, index, a, b, x in state.setup.events.get(state.row, []):
        if kind == EventKind.SPLIT:
            _split(state, index, a, b)
        elif kind == EventKind.DIVIDEND:
            _dividend(state, index, x)
        elif kind == EventKind.FUNDING:
            worth = state.setup.value(index, state.lots[index], state.last[index])
            paid = -state.near.rint(worth * x, index, "funding")
            post(state, "funding", state.setup.settle[index], paid, index)
        elif kind == EventKind.FX:
            digits = state.setup.digits
            state.fx[index] = x * 10.0 ** (digits[0] - digits[index])
        elif kind == EventKind.DEAL:
            state.pending[index].clear()
            if state.lots[index] != 0:
                fill(state, index, -state.lots[index], a, a, 0, Reason.DEAL)


def _dividend(state: State, n: int, x: float) -> None:
    setup, c = state.setup, state.setup.settle[n]
    instrument = setup.instruments[n]
    a = float(Fraction(instrument.lot) * instrument.multiplier * 10 ** setup.digits[c])
    post(state, "dividend", c, state.near.rint(state.lots[n] * a * x, n, "dividend"), n)


def _half_away(x: Fraction) -> int:
    magnitude = int(abs(x) + Fraction(1, 2))
    return magnitude if x >= 0 else -magnitude


def _split(state: State, n: int, a: int, b: int) -> None:
    """``a`` new units for ``b`` old ones; the fraction of a lot is paid in cash."""

    def repriced(ticks: int) -> int:
        return max(1, state.near.rint(ticks * b / a, n, "split price")) if ticks else 0

    old = state.lots[n]
    new = cut(old * a, b)
    rest = old * a - new * b
    state.last[n] = repriced(state.last[n])
    state.stop[n], state.stop_distance[n] = (
        repriced(state.stop[n]),
        repriced(state.stop_distance[n]),
    )
    state.decided_stop[n] = repriced(state.decided_stop[n])
    for order in state.pending[n]:
        order.lots = cut(order.lots * a, b)
        order.limit, order.stop = repriced(order.limit), repriced(order.stop)
    state.pending[n] = [order for order in state.pending[n] if order.lots]
    for estimate in (state.av, state.adv):
        known = estimate[n]
        if known is not None:
            estimate[n] = known * (a / b)
    state.session_volume[n] *= a / b
    lieu = _half_away(Fraction(rest, b) * state.last[n] * state.setup.ratio[n])
    post(state, "cash in lieu", state.setup.settle[n], lieu, n)
    state.book_value[n] -= lieu
    state.lots[n] = new
    _split_sub_books(state, n, new, a, b)
    if new == 0 and old != 0:
        close_trade(state, n, sign(old))
        state.stop[n] = state.stop_distance[n] = 0
        state.exiting[n], state.book_value[n] = False, 0


def _split_sub_books(state: State, n: int, lots: int, a: int, b: int) -> None:
    shares = [line[n] for line in state.shares]
    parts = [cut(line[n] * a, b) for line in state.sub] if lots else [0] * len(shares)
    parts[shares.index(max(shares))] += lots - sum(parts)
    for line, part in zip(state.sub, parts, strict=True):
        line[n] = part
