import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kedge.research.clusters import correlation_distance, effective_trials
from kedge.research.deflated import daily_sharpes, expected_maximum_sharpe
from kedge.research.overfitting import probability_of_overfitting

worlds = st.builds(
    lambda seed, rows, columns: np.random.default_rng(seed).normal(0.0, 0.01, (rows, columns)),
    st.integers(0, 2**32),
    st.integers(24, 90),
    st.integers(2, 9),
)


@given(worlds)
def test_probability_of_overfitting_is_a_probability(returns: np.ndarray) -> None:
    found = probability_of_overfitting(returns, blocks=4)
    assert 0.0 <= found.pbo <= 1.0
    assert 0.0 <= found.probability_of_loss <= 1.0
    assert len(found.logits) == 6


@given(worlds, st.sampled_from([0.25, 2.0, 64.0]))
def test_overfitting_does_not_depend_on_leverage(returns: np.ndarray, leverage: float) -> None:
    plain = probability_of_overfitting(returns, blocks=4)
    levered = probability_of_overfitting(returns * leverage, blocks=4)
    assert plain.logits == levered.logits


@given(worlds, st.randoms(use_true_random=False))
def test_overfitting_does_not_depend_on_the_order_of_configurations(
    returns: np.ndarray, random: object
) -> None:
    order = list(range(returns.shape[1]))
    random.shuffle(order)  # type: ignore[attr-defined]
    plain = probability_of_overfitting(returns, blocks=4)
    shuffled = probability_of_overfitting(returns[:, order], blocks=4)
    assert sorted(plain.logits) == sorted(shuffled.logits)


@given(worlds)
def test_a_configuration_recorded_twice_is_not_two_trials(returns: np.ndarray) -> None:
    once = effective_trials(returns, len(returns))
    twice = effective_trials(np.repeat(returns, 2, axis=1), len(returns))
    assert twice.trials == 2 * once.trials
    assert twice.clusters <= once.trials
    assert (twice.labels[::2] == twice.labels[1::2]).all()


@given(worlds)
def test_a_result_is_deflated_by_the_ideas_and_by_the_trials(returns: np.ndarray) -> None:
    found = effective_trials(returns, len(returns))
    own = float(daily_sharpes(returns).var(ddof=1))
    assert found.benchmark >= expected_maximum_sharpe(found.clusters, found.variance)
    assert found.benchmark >= expected_maximum_sharpe(found.trials, own)


@given(worlds, st.integers(2, 5))
def test_trying_everything_again_under_other_names_never_flatters(
    returns: np.ndarray, times: int
) -> None:
    own = float(daily_sharpes(returns).var(ddof=1))
    again = effective_trials(np.tile(returns, times), len(returns))
    assert again.benchmark >= expected_maximum_sharpe(returns.shape[1], own)


@given(worlds)
def test_distances_are_symmetric_and_bounded(returns: np.ndarray) -> None:
    distance = correlation_distance(returns)
    assert (distance == distance.T).all()
    assert (np.diag(distance) == 0.0).all()
    assert (distance >= 0.0).all()
    assert (distance <= 1.0).all()
