import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.domain.errors import InputError
from kedge.research.diagnostics.moves import _moved
from kedge.research.grid import MOST, Grid, parse_grid


def test_a_range_includes_its_stop_where_a_step_falls_on_it() -> None:
    grid = parse_grid("s", ["short=5:50:5", "long=20:199:20"])
    assert grid.axes[0] == ("short", tuple(float(v) for v in range(5, 51, 5)))
    assert grid.axes[1] == ("long", tuple(float(v) for v in range(20, 181, 20)))
    assert grid.size == 90 == len(list(grid.points()))


def test_fractions_do_not_drift_along_a_range() -> None:
    assert parse_grid("s", ["x=0.1:0.7:0.1"]).axes[0][1] == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def test_the_last_axis_varies_fastest() -> None:
    points = list(parse_grid("s", ["a=1,2", "b=7,8"]).points())
    assert points == [{"a": a, "b": b} for a in (1, 2) for b in (7, 8)]


@pytest.mark.parametrize(
    "text", ["", "short", "=5", "short=", "short=a", "short=1:2:0", "short=3:1:1", "short=1:2:3:4",
             "short=nan", "short=inf,1", "short=1:2:-1"],
)  # fmt: skip
def test_a_text_that_names_no_values_is_one_clear_line(text: str) -> None:
    with pytest.raises(InputError, match="--param"):
        parse_grid("s", [text])


def test_a_grid_is_refused_without_parameters_twice_the_same_or_too_large() -> None:
    for texts in ([], ["a=1", "a=2"], [f"a=1:{MOST + 2}:1"], ["a=1:400:1", "b=1:400:1"]):
        with pytest.raises(InputError, match="--param"):
            parse_grid("s", texts)
    with pytest.raises(InputError):
        Grid("s", (("a", ()),))


@given(st.integers(-500, 500).filter(bool), st.sampled_from([-0.2, 0.2]))
def test_a_whole_parameter_stays_whole_and_moves_by_one_at_least(value: int, share: float) -> None:
    moved = _moved(float(value), share, whole=True)
    assert moved.is_integer()
    assert abs(moved - value) >= 1
    assert abs(moved - value) <= max(1.0, abs(value * share) + 0.5)
    assert (moved > value) == (value * share > 0)
