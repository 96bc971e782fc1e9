"""Why a limit bound in most cells, or never: sentences made from the run's own numbers."""

from collections.abc import Callable, Mapping

from kedge.domain.reason import MEANING, Reason
from kedge.research.limit_facts import Facts, last_words, percent
from kedge.research.limit_never import NEVER
from kedge.research.limit_often import OFTEN

__all__ = ["MEANING", "Facts", "above", "explain"]


def explain(reason: Reason, bound: int, facts: Facts) -> str:
    """A few sentences on a limit that bound in most decisions, or in none.

    Args:
        reason: which limit.
        bound: how often it bound; 0 asks why it never did.
        facts: of the run.
    """
    if not facts.run.active_cells:
        return "No row held a forecast that could be acted on, so no limit was reached."
    parts: tuple[str, ...]
    if bound == 0:
        parts = (_nearest(reason, facts), NEVER[reason](facts))
    else:
        often = OFTEN[reason]
        remedy = f"If that is not wanted: {often.remedy}."
        parts = (often.cause(facts), last_words(reason, facts), remedy)
    return " ".join(part for part in parts if part)


def above(reason: Reason, facts: Facts) -> str:
    """Why the peak use of a limit that did bind lies above the limit."""
    over = reason in _ABOVE and facts.peaks.get(reason, 0.0) > 1.0
    return _ABOVE[reason](facts) if over else ""


def _nearest(reason: Reason, facts: Facts) -> str:
    peak = facts.peaks.get(reason)
    if peak is None:
        return ""
    if peak >= 1.0:
        return f"It was reached when no order had to be stopped (peak {percent(peak)})."
    return f"At most {percent(peak)} of it was used."


def _drifted(_: Facts) -> str:
    return (
        "The peak is of what stood before the cut: positions drift between decisions, and the "
        "targets were scaled back inside the limit in the same row."
    )


def _above_volatility(_: Facts) -> str:
    return (
        "The peak is of positions that drifted or were kept by the no-trade region; new targets "
        "are scaled to the volatility target."
    )


def _above_losses(facts: Facts) -> str:
    longest = round(facts.peaks[Reason.LOSSES] * facts.rules.consecutive_losses)
    return (
        f"The longest run was {longest} losing trades: open positions still close while new risk "
        "is banned, and the count starts again after each ban."
    )


_ABOVE: Mapping[Reason, Callable[[Facts], str]] = {
    Reason.LOSSES: _above_losses,
    Reason.OPEN_RISK: _drifted,
    Reason.GROUP: _drifted,
    Reason.GROSS: _drifted,
    Reason.VAR: _drifted,
    Reason.ES: _drifted,
    Reason.VOL_TARGET: _above_volatility,
}
