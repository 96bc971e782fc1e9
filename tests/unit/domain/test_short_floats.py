import pytest

from kedge.domain.short_floats import short_floats


@pytest.mark.parametrize(
    ("given", "short"),
    [
        (0.1 + 0.2, 0.3),
        (123_456.12345678, 123_456.12345678),
        (-1.1 - 2.2, -3.3),
        (1_795_268_330_000_000_001, 1_795_268_330_000_000_001),
        (True, True),
        (None, None),
        ({"a": [0.1 + 0.2, "x"], "b": ({"c": 0.1 * 3},)}, {"a": [0.3, "x"], "b": [{"c": 0.3}]}),
    ],
)
def test_floats_lose_what_binary_fractions_leave_over(given: object, short: object) -> None:
    found = short_floats(given)
    assert (found, type(found)) == (short, type(short))
