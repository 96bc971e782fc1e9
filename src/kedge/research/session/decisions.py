"""The last decision of every instrument: what was wanted, what bound it, of which forecasts."""

from typing import Any

import numpy as np

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS
from kedge.domain.reason import MEANING, Reason
from kedge.research.report.numbers import known
from kedge.research.session.story import Story


def decisions_of(story: Story, strategies: tuple[str, ...]) -> list[dict[str, Any]]:
    """One entry an instrument from the last decided row, in the order of the universe.

    Args:
        story: of the session.
        strategies: names, in the order of their forecasts.

    Returns:
        ``symbol``, ``target`` and ``held`` in units, signed; ``reason``, the name of the code
        that had the last word; ``meaning``, the same in words; ``forecasts``, of each
        strategy its edge in basis points and its confidence, None without a view. Empty
        where no row was decided.
    """
    row, size = story.decided, len(story.instruments)
    if row is None:
        return []
    reasons, targets = np.frombuffer(row.reasons, np.int8), np.frombuffer(row.targets, np.int64)
    views = np.frombuffer(row.forecasts).reshape(-1, size, FIELDS)
    return [
        {
            "symbol": each.symbol,
            "target": float(each.lot * int(targets[n])),
            "held": float(each.lot * story.held[n]),
            "reason": Reason(int(reasons[n])).name,
            "meaning": MEANING[Reason(int(reasons[n]))],
            "forecasts": [
                {
                    "strategy": name,
                    "edge_bps": known(view[EDGE_BPS]),
                    "confidence": known(view[CONFIDENCE]),
                }
                for name, view in zip(strategies, views[:, n], strict=True)
            ],
        }
        for n, each in enumerate(story.instruments)
    ]
