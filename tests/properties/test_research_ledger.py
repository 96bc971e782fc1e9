import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.research.trials import TrialBatch, read_ledger, record_trials

DAY = 86_400 * 10**9

batches = st.lists(
    st.builds(
        lambda names, instruments, first, days: TrialBatch(
            tuple(instruments),
            (first + np.arange(days)) * DAY,
            tuple(names),
            np.full((days, len(names)), 0.01),
        ),
        st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True),
        st.lists(st.sampled_from(["X", "Y", "Z"]), min_size=1, max_size=2, unique=True),
        st.integers(0, 20),
        st.integers(1, 20),
    ),
    max_size=5,
)


@settings(max_examples=25)
@given(batches)
def test_trials_count_once_however_often_and_wherever_they_are_repeated(
    recorded: list[TrialBatch],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for batch in recorded:
            record_trials(folder, batch)
        before = read_ledger(folder)
        for batch in recorded:
            assert record_trials(folder, batch) == 0
        assert read_ledger(folder).hash == before.hash
        for span in recorded:
            first, last = int(span.days[0]), int(span.days[-1])
            expected = {
                config
                for other in recorded
                if set(other.instruments) & set(span.instruments)
                and other.days[0] <= last
                and other.days[-1] >= first
                for config in other.config_hashes
            }
            related = before.overlapping(span.instruments, first, last)
            assert sorted(t.config_hash for t in related) == sorted(expected)
