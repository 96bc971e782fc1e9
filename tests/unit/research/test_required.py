import math

import numpy as np
import pytest

from kedge.research.deflated import Moments, expected_maximum, probabilistic_sharpe
from kedge.research.required import TrackRecord, minimum_track_record, required_years


def test_sharpe_two_from_a_hundred_trials_needs_8_8_years() -> None:
    assert round(required_years(2.0, expected_maximum(100)), 1) == 8.8


def test_normal_returns_need_a_little_less() -> None:
    assert required_years(2.0, expected_maximum(100), skew=0.0, kurtosis=3.0) == pytest.approx(
        8.5, abs=0.05
    )


def test_the_required_length_has_the_stated_power() -> None:
    years = required_years(2.0, expected_maximum(100), skew=0.0, kurtosis=3.0)
    days = round(years * 252)
    rng = np.random.default_rng(0)
    runs = 4_000
    # Mean and deviation of normal returns are independent, normal and chi-square.
    daily = 2.0 / math.sqrt(252)
    mean = daily + rng.standard_normal(runs) / math.sqrt(days)
    sharpe = mean / np.sqrt(rng.chisquare(days - 1, runs) / (days - 1))
    hurdle = expected_maximum(100) / math.sqrt(days)
    found = [
        probabilistic_sharpe(Moments(sharpe=s, skew=0, kurtosis=3, observations=days), hurdle)
        for s in sharpe
    ]
    power = np.mean(np.array(found) >= 0.95)
    assert power == pytest.approx(0.95, abs=0.012)


def test_more_trials_less_edge_and_more_power_need_longer() -> None:
    base = required_years(2.0, expected_maximum(100))
    assert required_years(2.0, expected_maximum(1_000)) > base
    assert required_years(1.0, expected_maximum(100)) > 3.9 * base
    assert required_years(2.0, expected_maximum(100), power=0.99) > base
    assert required_years(2.0, expected_maximum(100), confidence=0.99) > base


@pytest.mark.parametrize("sharpe", [0.0, -1.0, math.nan])
def test_no_edge_is_never_found(sharpe: float) -> None:
    assert required_years(sharpe, expected_maximum(10)) == math.inf


def test_minimum_track_record_inverts_the_probabilistic_sharpe_ratio() -> None:
    observed = Moments(sharpe=0.09, skew=-0.7, kurtosis=6.0, observations=10)
    needed = minimum_track_record(observed, 0.02, 0.95)
    at = Moments(sharpe=0.09, skew=-0.7, kurtosis=6.0, observations=round(needed))
    assert probabilistic_sharpe(at, 0.02) == pytest.approx(0.95, abs=1e-3)


def test_minimum_track_record_is_the_published_example() -> None:
    # Bailey and Lopez de Prado (2012): an annual Sharpe ratio of 2 against 1 on
    # daily normal returns takes about 2.73 years at 95 %.
    daily = Moments(sharpe=2 / math.sqrt(250), skew=0.0, kurtosis=3.0, observations=1)
    assert minimum_track_record(daily, 1 / math.sqrt(250)) / 250 == pytest.approx(2.73, abs=0.01)


def test_a_benchmark_that_is_not_beaten_takes_forever() -> None:
    observed = Moments(sharpe=0.01, skew=0.0, kurtosis=3.0, observations=100)
    assert minimum_track_record(observed, 0.01) == math.inf


def test_the_further_years_lead_to_the_confidence() -> None:
    observed = Moments(sharpe=0.06, skew=-0.5, kurtosis=5.0, observations=900)
    record = TrackRecord(observed=observed, benchmark=0.03, per_year=252.0)
    longer = round(900 + 252 * record.further_years(0.99))
    at = Moments(sharpe=0.06, skew=-0.5, kurtosis=5.0, observations=longer)
    assert probabilistic_sharpe(observed, 0.03) < 0.99
    assert probabilistic_sharpe(at, 0.03) == pytest.approx(0.99, abs=1e-4)


def test_a_record_that_is_long_enough_needs_no_further_years() -> None:
    observed = Moments(sharpe=0.06, skew=-0.5, kurtosis=5.0, observations=9_000)
    assert TrackRecord(observed=observed, benchmark=0.03, per_year=252.0).further_years(0.95) == 0.0
