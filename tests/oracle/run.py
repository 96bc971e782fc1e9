"""The composition: one row after the other, in the page's order."""

import numpy as np
import numpy.typing as npt

from kedge.domain.panel import Panel
from kedge.domain.rules import Rules
from oracle.bar import meet_bar
from oracle.decide import decide, new_hour
from oracle.events import apply_events
from oracle.mark import equity, mark
from oracle.near import Near
from oracle.result import OracleResult
from oracle.session import new_session, round_trip_costs
from oracle.state import Setup, State
from oracle.views import take_forecasts


def run_oracle(
    panel: Panel, forecasts: npt.NDArray[np.float64], rules: Rules, reporting: str
) -> OracleResult:
    """Walk a whole history.

    Args:
        panel: T rows of N instruments.
        forecasts: (T, S, N, FIELDS), one per strategy of the rules.
        rules: with one ``position_cap``, ``spread_limit_bps``,
            ``slippage_limit_bps`` and ``impact`` per instrument.
        reporting: code of currency 0; the others follow in order of appearance.

    Returns:
        Everything that happened, exact where money is concerned.
    """
    setup, near = Setup(panel, rules, reporting), Near()
    state = State(setup, near, OracleResult(setup.currencies))
    round_trip_costs(state)
    for t in range(setup.rows):
        state.row = near.row = t
        if t > 0 and setup.session[t] != setup.session[t - 1]:
            new_session(state)
        new_hour(state)
        apply_events(state)
        meet_bar(state)
        mark(state)
        views = take_forecasts(state, forecasts[t])
        q, reasons, ordered = decide(state, views)
        _record(state, q, reasons, ordered)
    state.out.near, state.out.soft = near.events, near.soft
    return state.out


def _record(state: State, q: list[int], reasons: list[int], ordered: list[int]) -> None:
    out = state.out
    out.lots.append(list(state.lots))
    out.target.append(q)
    out.reason.append(reasons)
    out.ordered.append(ordered)
    out.cash.append(list(state.cash))
    out.equity.append(state.equity)
    _check_identity(state)


def _check_identity(state: State) -> None:
    """Cash is what was posted, and equity is cash and positions; no tolerance."""
    for posting in state.out.postings[state.posted :]:
        state.balance[posting.currency] += posting.amount
    state.posted = len(state.out.postings)
    assert state.balance == state.cash, f"row {state.row}: postings and cash differ"
    assert equity(state) == state.equity, f"row {state.row}: equity moved after its mark"
    for n, lots in enumerate(state.lots):
        owned = sum(line[n] for line in state.sub)
        assert owned == lots, f"row {state.row}: sub-books of instrument {n} do not add up"
