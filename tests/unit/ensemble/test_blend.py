"""The blend against the closed form it comes from, and track records by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.ensemble import blend as module
from oracle.tiny import STRATEGY

blend, learn, alone = (interpreted(f) for f in (module.blend, module.learn, module.alone))


def _views(edges, sigmas, confidences, *, shrink, stops=None):
    """A book in which every strategy has a live forecast over the common horizon."""
    S = len(edges)
    p, s, out = book(strategies=(STRATEGY,) * S)
    s.G[o.G_SHRINK] = shrink
    for k in range(S):
        b = k * o.SF_
        s.SF[:, b + o.SF_AGE], s.SF[:, b + o.SF_E], s.SF[:, b + o.SF_SIGMA] = (
            0.0,
            edges[k],
            sigmas[k],
        )
        s.SF[:, b + o.SF_CONFIDENCE] = confidences[k]
        s.SF[:, b + o.SF_STOP] = np.nan if stops is None else stops[k]
    return p, s, out


def _blended(p, s):
    return blend(0, p, s)


numbers = st.integers(1, 100).map(float)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=4))
def test_without_shrinkage_the_edge_is_the_precision_weighted_mean(views):
    edges, sigmas, _ = zip(*views, strict=True)
    p, s, _ = _views(edges, sigmas, [1.0] * len(edges), shrink=0.0)
    weights = 1 / np.array(sigmas) ** 2
    edge, sigma, *_ = _blended(p, s)
    assert edge == pytest.approx(np.average(edges, weights=weights))
    assert sigma == pytest.approx(np.average(sigmas, weights=weights))


def test_full_shrinkage_gives_the_prior_and_half_of_it_lies_between():
    expected = {1.0: 15.0, 0.0: 12.0, 0.5: 13.5}  # precisions 4 : 1
    for shrink, edge in expected.items():
        p, s, _ = _views((10.0, 20.0), (1.0, 2.0), (1.0, 1.0), shrink=shrink)
        assert _blended(p, s)[0] == pytest.approx(edge)


def test_disagreement_lowers_confidence_and_silence_does_not():
    p, s, _ = _views((10.0, -4.0), (1.0, 1.0), (0.8, 1.0), shrink=1.0)
    assert _blended(p, s)[2] == pytest.approx(0.4)
    p, s, _ = _views((10.0, 0.0), (1.0, 1.0), (0.8, 1.0), shrink=1.0)
    assert _blended(p, s)[2] == pytest.approx(0.8)


def test_the_stop_is_the_mean_over_agreeing_strategies_that_have_one():
    p, s, _ = _views((1.0,) * 4, (1.0,) * 4, (1.0,) * 4, shrink=1.0, stops=(2, 4, np.nan, np.inf))
    assert _blended(p, s)[3] == pytest.approx(3.0)
    p, s, _ = _views((9.0, -1.0), (1.0,) * 2, (1.0,) * 2, shrink=1.0, stops=(2.0, 100.0))
    assert _blended(p, s)[3] == pytest.approx(2.0)


def test_forecasts_that_cancel_have_no_confidence():
    p, s, _ = _views((5.0, -5.0), (1.0, 1.0), (1.0, 1.0), shrink=1.0)
    assert _blended(p, s) == (0.0, 1.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("trades", "hits", "factor", "skill"),
    [(99, 99, 1.0, 1.0), (100, 50, 1.0, 1.0), (100, 100, 1.0, 1.5), (300, 0, 0.5, 0.5)],
)
def test_a_track_record_counts_from_its_hundredth_trade(trades, hits, factor, skill):
    p, s, out = book(strategies=(STRATEGY,), shrinkage=100.0, track_record_trades=100)
    out.ended[:, 0] = trades, hits
    learn(p, s, out)
    C = p.Q[o.Q_CURRENCIES]
    assert s.G[o.G_ + C : o.G_ + C + 2].tolist() == [factor, skill]
    assert s.G[o.G_SHRINK] == 100.0 / (100.0 + trades)
    assert not out.ended.any()


@given(numbers, numbers, st.integers(0, 100), st.sampled_from((None, (0.5,))))
def test_a_forecast_alone_is_the_blend_of_one(edge, sigma, percent, stops):
    p, s, _ = _views((edge - 50.0,), (sigma,), (percent / 100,), shrink=0.3, stops=stops)
    assert alone(0, 0, p, s) == pytest.approx(blend(0, p, s))
