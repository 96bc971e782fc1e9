"""What breakers of the step hold back, in words: they are judged at the close of every row."""

from kedge.domain import state as o
from kedge.engine.trading.desk import Desk


def breaker_words(desk: Desk) -> str:
    """Which breakers are tripped and what they forbid; empty where none is.

    Reductions and protective stops are never held back.
    """
    return "; ".join(_tripped(desk))


def _tripped(desk: Desk) -> list[str]:
    state, params = desk.book.state, desk.book.decision.program.params
    ended = int(state.K[o.K_ENDED])
    found = []
    if state.K[o.K_HALTED]:
        found.append(
            f"the drawdown reached {params.P[o.P_DD_STOP]:.3g} of the highest equity: "
            "everything is closed, nothing is opened until it is resumed"
        )
    if state.K[o.K_BAN_DAY] >= ended:
        found.append(
            f"the session's loss reached {params.P[o.P_DAILY_LOSS]:.3g} of its opening equity: "
            "no new risk in this session"
        )
    if state.K[o.K_BAN_LOSSES] >= ended:
        more = " and the next" if state.K[o.K_BAN_LOSSES] > ended else ""
        found.append(
            f"{int(params.Q[o.Q_LOSSES])} losses in a row: no new risk in this session{more}"
        )
    return found
