"""The built-in formulas, worked out by hand, and the ladder of higher frames."""

from math import sqrt

import numpy as np
import pytest

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, STOP, TARGET, TRAIL
from kedge.strategies.binding import bind
from kedge.strategies.catalogue import BUILT_IN
from kedge.strategies.contract import FAMILIES
from kedge.strategies.declaration import number_text
from kedge.strategies.frames import ROLES, roles

MINUTE = 60_000_000_000
DAY = 1440 * MINUTE


def _says(name, *features, **params):
    """Forecast for one instrument; NaN becomes None."""
    bound = bind(name, BUILT_IN[name], params, 1.0, MINUTE)
    assert len(features) == len(bound.expressions)
    out = np.empty((1, 1, 1, FIELDS))
    bound.driver.run(np.array([[features]], dtype=float), out, 0)
    return [None if np.isnan(x) else float(x) for x in out[0, 0, 0]]


def test_moving_average_momentum_expects_forty_gaps():
    said = _says("ma_momentum", 102.0, 100.0, 0.01, 4.0)
    assert said[EDGE_BPS] == pytest.approx(40.0 * 0.02)
    assert said[SIGMA_BPS] == pytest.approx(100.0 / sqrt(60))
    assert said[CONFIDENCE] == pytest.approx(0.60 + 0.38 * 2.0 / 12.0)
    assert said[STOP:] == [None, None, None]


def test_moving_average_momentum_turns_with_the_averages():
    up, down = (_says("ma_momentum", 100.0 + gap, 100.0, 0.01, 1.0) for gap in (2.0, -2.0))
    assert up[EDGE_BPS] == -down[EDGE_BPS]
    assert up[CONFIDENCE] == down[CONFIDENCE]


def test_mean_reversion_pulls_back_a_quarter_of_the_way():
    said = _says("mean_reversion", -2.5, 100.0, 96.0, 0.01, 1.5)
    assert said[EDGE_BPS] == pytest.approx(1e4 * 0.25 * 4.0 / 96.0)
    assert said[SIGMA_BPS] == pytest.approx(100.0 * sqrt(10.0 / 20.0))
    assert said[CONFIDENCE] == pytest.approx(0.62 + 0.35 * 0.5)
    assert said[STOP] == pytest.approx(4.5)


@pytest.mark.parametrize(("z", "close"), [(-2.0, 96.0), (1.9, 104.0), (2.5, 100.9), (np.nan, 96.0)])
def test_mean_reversion_is_silent_inside_the_bands_and_below_its_cost(z, close):
    assert _says("mean_reversion", z, 100.0, close, 0.01, 1.5) == [None] * FIELDS


def test_mean_reversion_speaks_once_its_edge_exceeds_the_cost_it_is_told():
    assert _says("mean_reversion", 2.5, 100.0, 100.9, 0.01, 1.5, cost_bps=10.0)[EDGE_BPS] < -20.0


def test_breakout_follows_a_close_beyond_the_channel_with_stop_and_target():
    said = _says("breakout", 105.0, 104.0, 90.0, 2.0, 1.3, 0.01)
    assert said[EDGE_BPS] == pytest.approx(2500.0 * 2.0 / 105.0)
    assert said[SIGMA_BPS] == pytest.approx(100.0 * sqrt(0.5))
    assert said[CONFIDENCE] == pytest.approx(0.62 + 0.35 * 0.2)
    assert (said[STOP], said[TARGET], said[TRAIL]) == (4.0, 8.0, 6.0)
    assert _says("breakout", 89.0, 104.0, 90.0, 2.0, 1.3, 0.01)[EDGE_BPS] < 0.0


@pytest.mark.parametrize(("close", "ratio"), [(105.0, 1.05), (100.0, 2.0), (105.0, np.nan)])
def test_breakout_needs_both_a_new_extreme_and_expanding_volatility(close, ratio):
    assert _says("breakout", close, 104.0, 90.0, 2.0, ratio, 0.01) == [None] * FIELDS


def test_technical_adds_three_votes():
    said = _says("technical", 102.0, 100.0, 0.25, 60.0, 2.0, 100.0, 0.01)
    score = 0.40 * 0.5 + 0.35 * 0.25 + 0.25 * 0.5
    assert said[EDGE_BPS] == pytest.approx(3000.0 * score * 2.0 / 100.0)
    assert said[SIGMA_BPS] == pytest.approx(100.0 * sqrt(5.0 / 20.0))
    assert said[CONFIDENCE] == pytest.approx(0.45 + 0.5 * score)
    assert said[STOP] == pytest.approx(6.0)


def test_technical_expects_nothing_from_a_weak_score():
    said = _says("technical", 100.5, 100.0, 0.1, 50.0, 2.0, 100.0, 0.01)
    assert said[EDGE_BPS] == 0.0
    assert 0.45 <= said[CONFIDENCE] < 0.6


def test_technical_holds_a_stretched_rsi_against_the_trend():
    rising, stretched = (
        _says("technical", 104.0, 100.0, 1.0, rsi, 2.0, 100.0, 0.01)[EDGE_BPS] for rsi in (79, 81)
    )
    assert stretched == pytest.approx(rising - 2 * 3000.0 * 0.25 * 2.0 / 100.0)


def test_trend_averages_the_gaps_that_agree_with_the_major_frame():
    said = _says("trend", 101.0, 100.0, 99.0, 100.0, 102.0, 100.0, 104.0, 100.0, 0.01)
    assert said[EDGE_BPS] == pytest.approx(40.0 * (0.01 + 0.02 + 0.04) / 3.0)
    assert said[SIGMA_BPS] == pytest.approx(100.0 / sqrt(50))
    assert said[CONFIDENCE] == pytest.approx(0.40 + 0.30 + 0.10)


def test_trend_expects_nothing_where_only_one_frame_agrees():
    said = _says("trend", 101.0, 100.0, 99.0, 100.0, 98.0, 100.0, 104.0, 100.0, 0.01)
    assert said[EDGE_BPS] == 0.0
    assert said[CONFIDENCE] < 0.6 + 0.1


def test_trend_is_the_same_upside_down():
    up = _says("trend", 101.0, 100.0, 101.0, 100.0, 102.0, 100.0, 104.0, 100.0, 0.01)
    down = _says("trend", 99.0, 100.0, 99.0, 100.0, 98.0, 100.0, 96.0, 100.0, 0.01)
    assert down[EDGE_BPS] == pytest.approx(-up[EDGE_BPS])


def test_book_pressure_expects_25_bps_of_a_book_with_bids_only():
    said = _says("book_pressure", 0.4, 0.2, 0.0001)
    assert said[EDGE_BPS] == pytest.approx(25.0 * 0.4)
    assert said[SIGMA_BPS] == pytest.approx(sqrt(5 / 60))
    assert said[CONFIDENCE] == pytest.approx(0.40 + 0.45 * 0.4 + 0.12 * 0.9)
    assert said[STOP:] == [None, None, None]
    assert _says("book_pressure", 0.4, 0.2, 0.0001, pressure_bps=10.0)[EDGE_BPS] == 4.0


def test_book_pressure_turns_with_the_book_and_doubts_a_size_that_flashed_up():
    bid, ask = (_says("book_pressure", side, side, 0.0001) for side in (0.5, -0.5))
    assert bid[EDGE_BPS] == -ask[EDGE_BPS]
    assert bid[CONFIDENCE] == ask[CONFIDENCE]
    assert _says("book_pressure", 0.5, -0.5, 0.0001)[CONFIDENCE] < bid[CONFIDENCE]


@pytest.mark.parametrize("features", [(np.nan, 0.1, 0.01), (0.1, np.nan, 0.01), (0.1, 0.1, 0.0)])
def test_book_pressure_is_silent_without_a_book_or_a_price_that_moves(features):
    assert _says("book_pressure", *features) == [None] * FIELDS


def test_one_minute_rows_have_the_described_frames():
    assert roles(MINUTE) == {"confirmation": "5m", "structure": "15m", "major": "1h"}


@pytest.mark.parametrize(
    ("minutes", "frames"),
    [(5, "15m 1h 4h"), (15, "1h 4h 1d"), (60, "4h 1d 1w"), (240, "4h 1d 1w"), (1440, "1d 1w 1w")],
)
def test_coarser_rows_climb_the_same_ladder(minutes, frames):
    assert " ".join(roles(minutes * MINUTE)[role] for role in ROLES) == frames


@pytest.mark.parametrize("interval", [1, 5, 7, 15, 20, 45, 60, 90, 240, 720, 1440])
def test_every_interval_has_a_frame_for_every_role(interval):
    for name in BUILT_IN:
        bound = bind(name, BUILT_IN[name], {}, 1.0, interval * MINUTE)
        assert not any("{" in text for text in bound.expressions)


def test_every_built_in_belongs_to_a_family_and_documents_its_formula():
    for strategy in BUILT_IN.values():
        assert strategy.family in FAMILIES
        assert "confidence" in strategy.doc.lower()


@pytest.mark.parametrize(
    ("value", "text"),
    [(20, "20"), (2.5, "2.5"), (1e-7, "0.0000001"), (1234567.0, "1234567"), (1 / 3, f"{1 / 3!r}")],
)
def test_parameters_are_written_with_every_digit(value, text):
    assert number_text(value) == text


def test_a_share_of_a_continuous_parameter_is_that_share() -> None:
    """Only numbers of rows are whole: a whole default would move in steps of 1."""
    continuous = {"width", "pull", "cost_bps", "expansion", "stop", "target", "pressure_bps"}
    for declared in BUILT_IN.values():
        for name, value in declared.params.items():
            assert isinstance(value, float) == (name in continuous), f"{declared.name}.{name}"
