"""Named sets are pinned: a change of one is a new version."""

import pytest

from kedge.domain.errors import ExpressionError
from kedge.features.expression import parse
from kedge.features.sets import SETS, TA22, expand
from unit.features.worlds import bars, plan_of, run

TA22_NAMES = (
    "momentum_1d momentum_5d momentum_20d "
    "sma_ratio_20 sma_ratio_50 sma_ratio_20_50 sma_trend_20 sma_trend_50 "
    "macd_histogram macd_signal macd_trend "
    "rsi_value rsi_zone rsi_change "
    "atr_percent volatility_20 "
    "volume_ratio_5 volume_ratio_20 volume_trend "
    "day_of_week hour_of_day "
    "ta_confidence"
)


def test_ta22_is_exactly_these_features_in_this_order():
    assert " ".join(TA22.names) == TA22_NAMES
    assert len(TA22.names) == 22
    assert TA22.expressions == (
        'at("1d", returns(1))',
        'at("1d", returns(5))',
        'at("1d", returns(20))',
        "price_position(20)",
        "price_position(50)",
        "sma_ratio(20, 50)",
        "returns(sma(20), 5)",
        "returns(sma(50), 5)",
        "macd(12, 26, 9).hist / close",
        "macd(12, 26, 9).signal / close",
        "diff(macd(12, 26, 9).hist, 1) / close",
        "rsi(14)",
        "rsi_zone(14, 30, 70)",
        "rsi_momentum(14, 1)",
        "atr_percent(14)",
        "volatility(20)",
        "volume_ratio(5)",
        "volume_ratio(20)",
        "sma_ratio(volume, 5, 20)",
        "day_of_week()",
        "hour()",
        "ta_confidence(20, 50)",
    )


@pytest.mark.parametrize("each", SETS.values(), ids=SETS)
def test_sets_are_written_canonically(each):
    assert tuple(str(parse(text)) for text in each.expressions) == each.expressions


def test_confidence_lies_between_none_and_full_agreement():
    out = run(plan_of("ta_confidence()", n=1), bars(1, 400, 2))[49:, 0, 0]
    assert set(out) <= {0.0, 0.25, 0.5, 0.75, 1.0}
    assert len(set(out)) > 2


def test_needs_are_expanded_once_each_in_order():
    assert expand(["rsi()", "sma(20)", "ta22@1", "sma(close, 20)"])[:3] == (
        "rsi(14)",
        "sma(20)",
        'at("1d", returns(1))',
    )
    assert len(expand(["rsi()", "sma(20)", "ta22@1"])) == 23


def test_an_unknown_set_is_refused():
    with pytest.raises(ExpressionError, match="did you mean ta22@1"):
        expand(["ta22@2"])
