"""From rules to the step's parameter arrays, and its state to bytes and back."""

import numpy as np
import pytest

from kedge.domain import state as o
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import FeeSchedule
from kedge.domain.rules import StrategyTerms
from kedge.engine.book_state import from_bytes, new_state, snapshot, to_bytes
from kedge.engine.program import build_program
from oracle.tiny import DAY, SHARE, STRATEGY, WON, rules

HOUR = DAY // 24


def _program(interval=DAY, instruments=(SHARE,), **changes):
    return build_program(instruments, rules(**changes), "USD", interval)


def test_costs_are_multiplied_and_rebates_are_not():
    p = _program(cost_multiplier=3.0).params
    assert p.A[0, o.A_TAKER] == pytest.approx(30e-4)
    assert p.A[0, o.A_MAKER] == pytest.approx(-2e-4)
    fees = SHARE.__class__(id="x", symbol="X", fees=FeeSchedule(1.0, 2.0), half_spread_bps=4.0)
    p = _program(instruments=(fees,), cost_multiplier=2.0).params
    assert p.A[0, [o.A_HALF_SPREAD, o.A_MAKER, o.A_TAKER]] == pytest.approx([8e-4, 2e-4, 4e-4])
    assert p.A[0, o.A_COST0] == pytest.approx(2 * (8 + 4))


def test_the_reporting_currency_is_number_zero_even_when_nothing_settles_in_it():
    program = _program(instruments=(WON,))
    assert program.currencies == ("USD", "KRW")
    assert program.params.J[0, o.J_CURRENCY] == 1


@pytest.mark.parametrize(
    ("interval", "share"), [(DAY, 0.1), (HOUR, 0.1), (HOUR // 12, 1.2), (HOUR // 60, 6.0)]
)
def test_an_hour_of_participation_counts_the_rows_in_it(interval, share):
    p = _program(interval, participation_hour=0.1).params
    assert p.P[o.P_HOUR] == pytest.approx(share)


def test_horizons_meet_through_the_half_life():
    def factor(horizon, life):
        terms = StrategyTerms(
            name="s", prior=1.0, horizon_ns=horizon, half_life_ns=life, expiry_ns=DAY
        )
        return _program(strategies=(terms,), horizon_ns=DAY).params.SP[0, o.SP_FACTOR]

    # edge that halves every t is worth the integral of 2^(-t): 1/2 in one, 3/4 in two
    assert factor(2 * DAY, DAY) == pytest.approx((1 / 2) / (3 / 4))
    assert factor(DAY, 5 * DAY) == 1.0
    assert factor(10 * DAY, 10_000 * DAY) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize(("life", "share"), [(1, 1.0), (2, np.log(2) / 2), (10, np.log(2) / 10)])
def test_a_cost_is_spread_over_the_expected_holding_time(life, share):
    terms = StrategyTerms(
        name="s", prior=1.0, horizon_ns=DAY, half_life_ns=life * DAY, expiry_ns=DAY
    )
    tau = _program(strategies=(terms,), horizon_ns=DAY).params.SP[0, o.SP_TAU]
    assert tau == pytest.approx(min(1.0, share) if life > 1 else np.log(2))


def test_below_the_smaller_tail_variance_neither_tail_limit_can_bind():
    p = _program(var=0.05, var_z=1.5, expected_shortfall=0.08, es_y=2.0).params
    assert p.P[o.P_TAIL_VARIANCE] == pytest.approx((0.05 / 1.5) ** 2)


@pytest.mark.parametrize("name", ["position_cap", "spread_limit_bps", "impact"])
def test_one_value_per_instrument_is_asked_for(name):
    with pytest.raises(ConfigError, match=name):
        _program(**{name: (1.0, 2.0)})


def test_a_new_state_holds_the_capital_and_nothing_else():
    s = new_state(_program(instruments=(SHARE, SHARE), **_pair()))
    assert s.K[o.K_] == s.K[o.K_EQUITY] == s.G[o.G_HIGH] == rules().capital
    assert not s.I[:, o.I_LOTS].any()
    assert s.I[:, o.I_GROUP].tolist() == [0, 1]


def _pair():
    names = ("position_cap", "spread_limit_bps", "slippage_limit_bps", "impact")
    return {name: getattr(rules(), name) * 2 for name in names}


def test_a_state_survives_bytes_and_a_snapshot_is_independent():
    program = _program(strategies=(STRATEGY, STRATEGY), latency_rows=2)
    state = new_state(program)
    rng = np.random.default_rng(1)
    for array in state:
        array[...] = rng.integers(-(2**50), 2**50, array.shape)
    kept = snapshot(state)
    back = from_bytes(to_bytes(state), program)
    for mine, theirs in zip(state, back, strict=True):
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine, theirs)
        mine += 1
    for mine, theirs in zip(kept, back, strict=True):
        assert np.array_equal(mine, theirs)
