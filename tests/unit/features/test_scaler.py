"""A scaler knows its training span and nothing else."""

import numpy as np
import pytest

from kedge.domain.errors import InputError
from kedge.features.scaler import Scaler

VALUES = np.random.default_rng(3).normal(5, 2, (100, 4, 3))


def test_rows_outside_of_the_training_span_change_nothing():
    poisoned = VALUES.copy()
    poisoned[:20], poisoned[60:] = 1e9, np.nan
    clean, other = Scaler.fit(VALUES, 20, 60), Scaler.fit(poisoned, 20, 60)
    assert clean.mean.tobytes() == other.mean.tobytes()
    assert clean.deviation.tobytes() == other.deviation.tobytes()


def test_the_training_span_becomes_standard():
    scaled = Scaler.fit(VALUES, 20, 60).apply(VALUES)[20:60].reshape(-1, 3)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0, ddof=1), 1, rtol=1e-12)


def test_one_row_scales_to_the_same_bits_as_many():
    scaler = Scaler.fit(VALUES, 0, 50)
    whole = scaler.apply(VALUES)
    assert all(scaler.apply(VALUES[i]).tobytes() == whole[i].tobytes() for i in range(100))


def test_a_constant_feature_scales_to_zero():
    values = VALUES.copy()
    values[..., 1] = 7.0
    assert (Scaler.fit(values, 0, 50).apply(values)[..., 1] == 0.0).all()


@pytest.mark.parametrize(("start", "stop"), [(5, 5), (-1, 4), (90, 101)])
def test_a_span_outside_of_the_rows_is_refused(start, stop):
    with pytest.raises(InputError, match="no span of 100 rows"):
        Scaler.fit(VALUES, start, stop)


def test_a_feature_without_values_in_the_span_is_refused():
    values = VALUES.copy()
    values[:50, :, 2] = np.nan
    with pytest.raises(InputError, match="feature 2 has fewer than two values"):
        Scaler.fit(values, 0, 50)
