"""The Student-t density against scipy.stats: the same bits, since results hang on them."""

import numpy as np
import pytest
from scipy.stats import t as student

from kedge.engine.tail_factors import student_t_density, student_t_factors


@pytest.mark.parametrize("dof", [2.1, 2.5, 3.0, 5.0, 8.0, 30.0, 1e4, 1e7])
def test_the_density_is_that_of_scipy_to_the_last_bit(dof):
    points = np.linspace(0.0, 12.0, 97)
    assert [student_t_density(float(x), dof) for x in points] == student.pdf(points, dof).tolist()


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_value_at_risk_is_the_quantile_at_unit_variance(confidence):
    z, y = student_t_factors(confidence, 5.0)
    assert z == np.sqrt(0.6) * student.ppf(confidence, 5.0)
    assert y > z
