"""What ``kedge research null`` and ``planted`` show."""

from collections.abc import Sequence

import numpy as np

from kedge.interfaces.cli.output import write_json, write_table
from kedge.research.campaign import WorldVerdict, count, exact_interval
from kedge.research.truths import Truth

Judged = Sequence[tuple[Truth, tuple[WorldVerdict, ...]]]


def show_worlds(judged: Judged, as_json: bool) -> None:
    """Counts of each grade, with an exact interval of the share that was called strong."""
    summaries = [_summary(truth, verdicts) for truth, verdicts in judged]
    if as_json:
        write_json({"worlds": summaries})
        return
    write_table(
        ("worlds", "truth", "judged", "strong", "weak", "none", "strong, 95 % interval", "t"),
        [_line(summary) for summary in summaries],
    )


def _summary(truth: Truth, verdicts: Sequence[WorldVerdict]) -> dict[str, object]:
    counts = count(verdicts)
    low, high = exact_interval(counts["strong"], len(verdicts))
    t = [each.noncentrality for each in verdicts if each.noncentrality is not None]
    return {
        "kind": truth.name,
        "truth": truth.meaning,
        "judged": len(verdicts),
        **counts,
        "strong_low": low,
        "strong_high": high,
        "mean_t": float(np.mean(t)) if t else None,
        "mean_trades": float(np.mean([each.trades for each in verdicts])),
    }


def _line(summary: dict[str, object]) -> tuple[str, ...]:
    low, high, t = summary["strong_low"], summary["strong_high"], summary["mean_t"]
    counted = (f"{summary[name]:,}" for name in ("judged", "strong", "weak", "none"))
    between = f"{low:.1%} to {high:.1%}"
    shown = "" if t is None else f"{t:.2f}"
    return str(summary["kind"]), str(summary["truth"]), *counted, between, shown
