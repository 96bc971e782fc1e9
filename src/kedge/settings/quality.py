"""From when on the quality checks of market data speak up."""

from kedge.settings.fields import Node, Number, Whole, setting

_SHARE = "share of price"


class QualityChecks(Node):
    """What counts as suspicious in bars. The checks report; they change and mask nothing."""

    stale_daily: Whole = setting(5, "Equal daily bars in a row that are stale.", "bars", ge=2)
    stale_intraday: Whole = setting(
        36, "Equal intraday bars in a row that are stale.", "bars", ge=2
    )
    outlier_score: Number = setting(
        15.0,
        "Robust z-score of a log return above which it is an outlier; fat tails mostly stay below.",
        "standard deviations",
        gt=0,
    )
    outlier_floor_daily: Number = setting(
        0.15, "Smaller daily log returns are never outliers.", "log return", ge=0
    )
    outlier_floor_intraday: Number = setting(
        0.05, "Smaller intraday log returns are never outliers.", "log return", ge=0
    )
    zero_volume: Number = setting(
        0.01, "Share of bars without volume above which it is a warning.", "share", ge=0, le=1
    )
    split_move: Number = setting(
        0.28, "Daily log return from which a missed split is looked for.", "log return", gt=0
    )
    split_tolerance: Number = setting(
        0.03, "Distance of the opening price from a split's terms.", _SHARE, gt=0, lt=1
    )
    split_day_tolerance: Number = setting(
        0.15, "Distance of the close from a split's terms.", _SHARE, gt=0, lt=1
    )
    split_volume: Number = setting(
        1.3, "Growth of share volume that goes with a split.", "times", ge=1
    )
