"""The oracle against small worlds worked out with pencil and paper."""

from dataclasses import replace

import numpy as np
import pytest

from kedge.domain.forecast import EDGE_BPS
from kedge.domain.panel import CLOSED, LEFT, EventKind
from kedge.domain.reason import Reason
from kedge.domain.rules import FillMode, StrategyTerms
from oracle import run_oracle
from oracle.result import Fill, Trade
from oracle.tiny import CAPITAL, CENT, DAY, LOOSE, WARM_UP, WON, flat, forecasts, panel, rules

PER_INSTRUMENT = ("position_cap", "spread_limit_bps", "slippage_limit_bps", "impact")
UP, DOWN, NONE = 500.0, -500.0, 0.0
ENTRY = [*WARM_UP, flat(10100), (10050, 10080, 10040, 10060)]
"""Decided at row 2, filled at 10050 in row 3; row 3 closes at 10060."""


def test_entry_and_exit_pay_both_fees():
    world = panel([*ENTRY, flat(10200)])
    out = run_oracle(world, forecasts([NONE, NONE, UP, NONE, NONE], 9.99), rules(), "USD")
    bought, sold = 100 * 10050 * CENT, 100 * 10200 * CENT
    assert [row[0] for row in out.lots] == [0, 0, 0, 100, 0]
    assert out.fills == [
        Fill(3, 0, 100, 10050, 10050, bought // 1000, bought, Reason.NONE, 0),
        Fill(4, 0, -100, 10200, 10200, sold // 1000, -sold, Reason.NO_FORECAST, sold - bought),
    ]
    profit = 150_000_000 - 10_050_000 - 10_200_000
    assert out.trades == [Trade(0, 3, 4, 1, profit)]
    assert out.cash[-1] == [CAPITAL + profit]
    assert out.equity[3] == CAPITAL - 10_050_000 + 100 * 10 * CENT


def test_first_volatility_is_the_size_of_the_first_return():
    out = run_oracle(panel(ENTRY), forecasts([NONE] * 4, 9.99), rules(), "USD")
    assert out.trace[1].volatility == [0.0]
    assert out.trace[2].volatility == [pytest.approx(0.01, rel=1e-12)]
    assert out.trace[3].volatility == [pytest.approx(0.97**0.5 * 0.01, rel=1e-12)]


def test_stop_gapped_through_fills_at_the_open_and_locks_the_side():
    world = panel([*ENTRY, (8900, 8950, 8800, 8850), flat(8850)])
    out = run_oracle(world, forecasts([NONE, NONE, UP, UP, UP, UP], 9.99), rules(), "USD")
    stop = out.fills[-1]
    assert (stop.row, stop.lots, stop.base, stop.ticks) == (4, -100, 8900, 8900)
    assert stop.reason == Reason.STOP
    assert out.reason[4][0] == out.reason[5][0] == Reason.LOCKED
    assert out.lots[5][0] == 0


def test_stop_touched_inside_the_bar_fills_at_the_stop_that_followed_the_close():
    world = panel([*ENTRY, (9500, 9600, 9000, 9400)])
    out = run_oracle(world, forecasts([NONE, NONE, UP, UP, UP], 9.99), rules(), "USD")
    assert out.fills[-1].base == 10060 - 999


def test_split_pays_the_fraction_of_a_lot_and_moves_the_stop():
    split = (4, EventKind.SPLIT, 0, 3, 2, 0.0)
    world = panel([*ENTRY, (6500, 6500, 6000, 6100)], events=[split])
    out = run_oracle(world, forecasts([NONE, NONE, UP, UP, UP], 9.90), rules(), "USD")
    assert out.lots[3] == [101]
    lieu = [p for p in out.postings if p.kind == "cash in lieu"]
    assert [p.amount for p in lieu] == [6707 * CENT // 2]
    stop = out.fills[-1]
    assert (stop.lots, stop.base) == (-151, 6047)


def test_short_pays_the_dividend_and_its_trade_feels_it():
    dividend = (4, EventKind.DIVIDEND, 0, 0, 0, 0.5)
    world = panel([*ENTRY, flat(10000), flat(10000)], events=[dividend])
    out = run_oracle(world, forecasts([NONE, NONE, DOWN, NONE, NONE, NONE], 9.99), rules(), "USD")
    assert [p.amount for p in out.postings if p.kind == "dividend"] == [-50_000_000]
    fees = 10_050_000 + 10_000_000
    assert out.trades == [Trade(0, 3, 4, -1, 100 * 50 * CENT - fees - 50_000_000)]


def test_thin_bar_fills_a_part_and_cancels_the_rest():
    world = panel([*ENTRY, flat(10060)], volume=[1e6, 1e6, 1e6, 40.0, 1e6])
    out = run_oracle(world, forecasts([NONE, NONE, UP, NONE, NONE], 9.99), rules(), "USD")
    assert out.ordered[2] == [100]
    assert [row[0] for row in out.lots] == [0, 0, 0, 40, 0]


def test_flip_closes_one_trade_and_opens_another():
    world = panel([*ENTRY, flat(10200), flat(10100)])
    out = run_oracle(world, forecasts([NONE, NONE, UP, DOWN, NONE, NONE], 9.99), rules(), "USD")
    assert [f.lots for f in out.fills] == [100, -200, 100]
    first = 150_000_000 - 10_050_000 - 10_200_000
    second = 100_000_000 - 10_200_000 - 10_100_000
    assert out.trades == [Trade(0, 3, 4, 1, first), Trade(0, 4, 5, -1, second)]


def test_foreign_cash_is_swept_with_the_spread_at_the_next_session():
    bars = [flat(50000), flat(50500), flat(50500), flat(50000), flat(50000)]
    world = panel(bars, instrument=WON, events=[(0, EventKind.FX, 1, 0, 0, 0.0008)])
    out = run_oracle(
        world, forecasts([NONE, NONE, UP, UP, UP], 4999.0), rules(fx_spread_bps=10.0), "USD"
    )
    assert out.lots[3] == [250]
    spent = 250 * 50000 * 10**6
    assert out.cash[3] == [CAPITAL, -spent - spent // 1000]
    assert out.cash[4] == [CAPITAL - 10_020_010_000, 0]


@pytest.mark.parametrize(("edge", "side", "ticks"), [(UP, 1, 7044), (DOWN, -1, 13082)])
def test_delisting_takes_its_haircut_after_the_missing_sessions(edge, side, ticks):
    bars = [*WARM_UP, flat(10100), (10050, 10080, 10040, 10063), None, None, None]
    out = run_oracle(
        panel(bars), forecasts([NONE, NONE, *[edge] * 5], 9.99), rules(delisting_sessions=2), "USD"
    )
    assert [row[0] for row in out.lots[3:]] == [side * 100] * 3 + [0]
    last = out.fills[-1]
    assert (last.row, last.ticks, last.fee, last.reason) == (6, ticks, 0, Reason.DELISTED)
    assert out.reason[5] == [Reason.MASKED]


def test_what_left_the_universe_is_kept_or_reduced_and_never_entered():
    bars = [*WARM_UP, *[flat(10100)] * 6]
    views = forecasts([NONE, NONE, UP, UP, UP, NONE, UP, UP], 9.99)
    market = panel(bars)
    left = replace(market, flags=market.flags | np.array([[0]] * 3 + [[LEFT]] * 5, np.uint8))
    out = run_oracle(left, views, rules(), "USD")
    assert [row[0] for row in out.lots] == [0, 0, 0, 100, 100, 100, 0, 0]
    assert out.reason[6:] == [[Reason.LEFT]] * 2
    stayed = run_oracle(market, views, rules(), "USD")
    assert stayed.lots[7] == [100]


@pytest.mark.parametrize(("flag", "lots"), [(CLOSED, 100), (0, 0)])
def test_an_order_waits_for_its_exchange_and_not_for_a_halted_share(flag, lots):
    market = panel([*WARM_UP, flat(10100), None, None, flat(10050)])
    market.flags[3:5] = flag
    out = run_oracle(market, forecasts([NONE, NONE, *[UP] * 4], 9.99), rules(), "USD")
    assert [row[0] for row in out.lots] == [0] * 5 + [lots]
    assert [t.cur[0] for t in out.trace[3:5]] == [lots] * 2
    assert [t.distance[0] for t in out.trace[3:5]] == [999 / 10100 if lots else 0.0] * 2


@pytest.mark.parametrize(("flag", "sessions"), [(CLOSED, 3), (0, 2)])
def test_a_return_passes_over_sessions_in_which_the_own_exchange_was_closed(flag, sessions):
    market = panel([*WARM_UP, flat(10100), None, None, flat(10201), flat(10201)])
    market.flags[3:5] = flag
    out = run_oracle(market, forecasts([NONE] * 7, 9.99), rules(), "USD")
    assert out.trace[-1].sessions_seen == [sessions]
    moved = (0.97**2 * 0.01**2 + 0.03 * 0.01**2 if flag else 0.97 * 0.01**2) ** 0.5
    assert out.trace[-1].volatility == [pytest.approx(moved, rel=1e-12)]


def test_an_order_that_waits_joins_the_later_one():
    market = panel([*WARM_UP, flat(10100), flat(10200), None, flat(10050), flat(10050)])
    market.flags[4] = CLOSED
    views = forecasts([NONE, NONE, UP, NONE, UP, UP, UP], 9.99)
    told = rules(latency_rows=1, max_open_orders=9)
    out = run_oracle(market, views, told, "USD")
    # 100 decided in row 2 wait in row 4; the order of row 3 takes them all back, due in row 5
    assert [row[0] for row in out.ordered[2:5]] == [100, -100, 0]
    assert out.fills == []
    assert out.trace[5].cur == [0]


def test_legs_of_a_hedge_go_in_step_where_one_is_sliced():
    market = panel([*WARM_UP, *[flat(10100)] * 5], count=2)
    market.volume[:, 1] = 10.0
    views = forecasts([NONE, NONE, *[UP] * 5], 9.99, count=2)
    views[:, 0, 1, EDGE_BPS] *= -1.0
    each = {name: getattr(LOOSE, name) * 2 for name in PER_INSTRUMENT}
    told = rules(group=0.02, min_rows=0, **each)
    out = run_oracle(market, views, told, "USD")
    # 100 lots of each make no net exposure, but 100 against 10 would be 9 % of it
    assert out.lots[3:] == [[10, -10], [20, -20], [30, -30], [40, -40]]
    assert out.reason[2] == [Reason.PARTICIPATION] * 2
    free = run_oracle(market, views, rules(min_rows=0, **each), "USD")
    assert free.lots[3] == [100, -10]


@pytest.mark.parametrize(("low", "lots"), [(10099, 100), (10100, 0)])
def test_resting_buy_fills_only_a_tick_through_its_price_and_earns_the_rebate(low, lots):
    world = panel([*WARM_UP, flat(10100), (10150, 10200, low, 10160)])
    out = run_oracle(
        world, forecasts([NONE, NONE, UP, UP], 9.99), rules(fill=FillMode.LIMIT), "USD"
    )
    assert out.lots[3] == [lots]
    cost = lots * 10100 * CENT
    assert out.cash[3] == [CAPITAL - cost + cost * 2 // 10_000]


def test_nothing_is_bought_with_cash_that_is_not_there():
    world = panel([*WARM_UP, flat(10100), flat(10100)])
    out = run_oracle(world, forecasts([NONE, NONE, UP, UP], 0.99), rules(), "USD")
    assert out.ordered[2] == [1010]
    assert out.lots[3] == [989]
    assert next(b.reason for b in out.bound if b.row == 3) == Reason.CASH


def test_attribution_follows_the_shares_of_the_decision():
    strategies = tuple(
        StrategyTerms(name=f"s{p}", prior=p, horizon_ns=DAY, half_life_ns=DAY, expiry_ns=DAY)
        for p in (3.0, 1.0)
    )
    world = panel(ENTRY)
    out = run_oracle(
        world,
        forecasts([NONE, NONE, UP, UP], 9.99, strategies=2),
        rules(strategies=strategies, shrinkage=1e18, cost_multiplier=1.0),
        "USD",
    )
    assert [(a.strategy, a.quantity, a.fee, a.pnl) for a in out.attribution] == [
        (0, 75, 7_537_500, 0),
        (1, 25, 2_512_500, 0),
    ]


def test_slippage_rounds_against_the_buyer():
    from msgspec.structs import replace

    from oracle.tiny import SHARE

    world = panel(ENTRY, instrument=replace(SHARE, half_spread_bps=10.0))
    out = run_oracle(world, forecasts([NONE, NONE, UP, UP], 9.99), rules(), "USD")
    assert (out.fills[0].base, out.fills[0].ticks) == (10050, 10061)
    assert out.fills[0].profit == -100 * 11 * CENT


def test_gross_limit_scales_every_leg_alike():
    pair = {
        name: getattr(rules(), name) * 2
        for name in ("position_cap", "spread_limit_bps", "slippage_limit_bps", "impact")
    }
    world = panel(ENTRY, count=2)
    out = run_oracle(
        world, forecasts([NONE, NONE, UP, UP], 9.99, count=2), rules(gross=0.1, **pair), "USD"
    )
    # half of a tenth each: 5,000 USD at 101.00 USD a share
    assert out.target[2] == [49, 49]
    assert out.reason[2] == [Reason.GROSS, Reason.GROSS]


def test_interest_is_paid_on_the_first_currency_once_a_session():
    world = panel([flat(10000)] * 3)
    out = run_oracle(world, forecasts([NONE] * 3, 9.99), rules(cash_rate=0.0252), "USD")
    assert [row[0] for row in out.cash] == [CAPITAL, CAPITAL + 10**7, CAPITAL + 2 * 10**7 + 1000]


def test_a_confidence_at_the_gate_does_not_enter():
    world, view = panel(ENTRY), forecasts([NONE, NONE, UP, UP], 9.99)
    at = run_oracle(world, view, rules(confidence_gate=1.0), "USD")
    assert not at.fills
    assert at.reason[2][0] == Reason.CONFIDENCE
    assert run_oracle(world, view, rules(confidence_gate=np.nextafter(1.0, 0.0)), "USD").fills
    assert run_oracle(world, view, rules(confidence_gate=0.0), "USD").fills
