"""Named, versioned feature sets: what a model was trained on, pinned.

A published set never changes; an improvement is a new version.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kedge.domain.errors import ExpressionError
from kedge.features.expression import parse, unknown


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Features by name, in order.

    Attributes:
        id: name and version, such as ``ta22@1``.
        features: pairs of a feature's name and its expression.
    """

    id: str
    features: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(name for name, _ in self.features)

    @property
    def expressions(self) -> tuple[str, ...]:
        """Their expressions, in the same order."""
        return tuple(text for _, text in self.features)


TA22 = FeatureSet(
    "ta22@1",
    (
        ("momentum_1d", 'at("1d", returns(1))'),
        ("momentum_5d", 'at("1d", returns(5))'),
        ("momentum_20d", 'at("1d", returns(20))'),
        ("sma_ratio_20", "price_position(20)"),
        ("sma_ratio_50", "price_position(50)"),
        ("sma_ratio_20_50", "sma_ratio(20, 50)"),
        ("sma_trend_20", "returns(sma(20), 5)"),
        ("sma_trend_50", "returns(sma(50), 5)"),
        ("macd_histogram", "macd(12, 26, 9).hist / close"),
        ("macd_signal", "macd(12, 26, 9).signal / close"),
        ("macd_trend", "diff(macd(12, 26, 9).hist, 1) / close"),
        ("rsi_value", "rsi(14)"),
        ("rsi_zone", "rsi_zone(14, 30, 70)"),
        ("rsi_change", "rsi_momentum(14, 1)"),
        ("atr_percent", "atr_percent(14)"),
        ("volatility_20", "volatility(20)"),
        ("volume_ratio_5", "volume_ratio(5)"),
        ("volume_ratio_20", "volume_ratio(20)"),
        ("volume_trend", "sma_ratio(volume, 5, 20)"),
        ("day_of_week", "day_of_week()"),
        ("hour_of_day", "hour()"),
        ("ta_confidence", "ta_confidence(20, 50)"),
    ),
)

SETS = {each.id: each for each in (TA22,)}
"""All sets by id."""


def expand(needs: Sequence[str]) -> tuple[str, ...]:
    """Canonical expressions of what is needed, sets replaced by their members.

    Args:
        needs: expressions and set ids (``name@version``).

    Returns:
        Each expression once, in order of first mention.

    Raises:
        ExpressionError: for an unknown set or a wrong expression.
    """
    texts: list[str] = []
    for need in needs:
        texts += _members(need) if "@" in need and need.split("@")[0].isidentifier() else [need]
    return tuple(dict.fromkeys(str(parse(text)) for text in texts))


def _members(set_id: str) -> list[str]:
    if set_id not in SETS:
        error = unknown(set_id, tuple(SETS))
        raise ExpressionError(error.what, "feature set", error.remedy)
    return list(SETS[set_id].expressions)
