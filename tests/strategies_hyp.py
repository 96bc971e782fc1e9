"""Hypothesis strategies shared by the tests."""

from hypothesis import strategies as st

from kedge.testing.worlds import THEMES, World, random_world


def worlds(rows: int = 60) -> st.SearchStrategy[World]:
    """Random worlds of the decision step; shrinks towards few instruments and strategies."""
    return st.builds(
        random_world,
        st.integers(0, 2**32 - 1),
        rows=st.just(rows),
        instruments=st.integers(1, 5),
        strategies=st.integers(1, 3),
        theme=st.sampled_from(tuple(THEMES)),
    )
