"""The benchmark's parity check finds what differs, and nothing else."""

import numpy as np
import pytest
from benchmarks.parity import ParityError, Tolerance, check

STRICT = Tolerance(quantity=1e-6)


def _trades() -> np.ndarray:
    return np.array(
        [
            [0, 10, 20, 1, 500, 100.0, 101.0],
            [0, 30, 45, 1, 510, 102.0, 99.0],
            [1, 12, -1, 1, 300, 50.0, np.nan],
        ]
    )


def test_equal_trades_in_any_order_pass_and_are_counted() -> None:
    assert check("side", _trades()[::-1], _trades(), STRICT) == 3


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (0, "rows"),
        (1, "rows"),
        (2, "rows"),
        (3, "rows"),
        (4, "quantity"),
        (5, "entry"),
        (6, "exit"),
    ],
)
def test_a_change_in_any_column_is_found(column: int, what: str) -> None:
    found = _trades()
    found[1, column] += 1.0
    with pytest.raises(ParityError, match=what):
        check("side", found, _trades(), STRICT)


def test_a_missing_trade_is_found() -> None:
    with pytest.raises(ParityError, match="2 trades"):
        check("side", _trades()[1:], _trades(), STRICT)


def test_a_price_that_is_nan_is_found() -> None:
    found = _trades()
    found[0, 5] = np.nan
    with pytest.raises(ParityError, match="entry_price"):
        check("side", found, _trades(), STRICT)


def test_two_empty_tables_prove_nothing() -> None:
    with pytest.raises(ParityError, match="no trades"):
        check("side", np.zeros((0, 7)), np.zeros((0, 7)), STRICT)


def test_a_side_that_drops_open_trades_is_compared_on_the_closed_ones() -> None:
    loose = Tolerance(quantity=None, open_kept=False)
    assert check("side", _trades()[:2], _trades(), loose) == 2


def test_quantities_are_free_where_the_side_sizes_by_another_rule() -> None:
    found = _trades()
    found[:, 4] *= 2.0
    assert check("side", found, _trades(), Tolerance(quantity=None)) == 3
