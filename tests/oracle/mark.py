"""Section 4: mark to market, stops that follow, and the breakers."""

from kedge.domain.panel import CLOSE
from oracle.near import DIRECT
from oracle.session import SMOOTH
from oracle.state import State


def mark(state: State) -> None:
    """Take the row's closes in, value the book and trip the breakers."""
    for n in range(state.setup.count):
        if state.live(n):
            _observe(state, n)
            state.quality[n] += 0.05 * (1 - state.quality[n])
        elif not state.setup.closed[state.row][n]:
            state.quality[n] -= 0.05 * state.quality[n]
            state.due[n] = True
    state.equity = equity(state)
    _breakers(state)


def _observe(state: State, n: int) -> None:
    setup, close = state.setup, state.setup.bars[state.row][CLOSE][n]
    state.last[n] = close
    distance = state.stop_distance[n]
    if state.lots[n] > 0:
        state.stop[n] = max(state.stop[n], close - distance)
    elif state.lots[n] < 0:
        state.stop[n] = min(state.stop[n], close + distance)
    volume, old = setup.volume(state.row, n), state.av[n]
    state.av[n] = volume if old is None else old + (volume - old) * SMOOTH
    state.seen[n] = True
    state.session_volume[n] += volume
    state.session_close[n] = close * setup.adjust[state.row][n]


def equity(state: State) -> int:
    """Reporting minor units."""
    setup, total = state.setup, 0
    for c in range(len(state.cash)):
        worth = state.cash[c]
        for n in range(setup.count):
            if setup.settle[n] == c:
                worth += setup.value(n, state.lots[n], state.last[n])
        total += worth if c == 0 else round(worth * state.fx[c])
    return total


def _breakers(state: State) -> None:
    rules, near = state.setup.rules, state.near
    state.high = max(state.high, state.equity)
    state.drawdown = 1 - state.equity / state.high
    stop = near.at_least(
        state.drawdown, rules.drawdown_stop, -1, "drawdown stop", 1e-13, hidden=True
    )
    if stop or state.equity <= 0:
        state.halted = True
    floor = state.opening * (1 - rules.daily_loss)
    if not near.above(state.equity, floor, -1, "daily loss", DIRECT, hidden=True):
        state.daily_ban = True
    if state.losses >= rules.consecutive_losses:
        state.loss_ban_until = state.session + 1
        state.losses = 0
