"""Features of trades and books: references, units, and data that has none."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import numpy as np
import pytest

from kedge.domain import micro as m
from kedge.domain.errors import ExpressionError
from kedge.domain.panel import FRESH
from kedge.features.block import BarBlock
from kedge.features.plan import FeaturePlan
from kedge.features.registry import FAMILIES
from kedge.testing.world_books import with_books
from unit.features.book_references import BOOK, expected
from unit.features.test_block import panel as bar_panel
from unit.features.worlds import MINUTES_5, bars, examples, plan_of, run, value

SEED = 11
BLOCK = bars(2, 700, SEED)
OWN = [text for f in FAMILIES["Microstructure"] for text in examples(f) if "returns" not in text]


def booked(rows=60, seed=3, lot="0.001"):
    """Two instruments with made-up books around their bars."""
    plain = bar_panel(rows)
    lots = [msgspec.structs.replace(i, lot=Decimal(lot)) for i in plain.instruments]
    return with_books(replace(plain, instruments=tuple(lots)), np.random.default_rng(seed))


@pytest.mark.parametrize("expression", BOOK)
def test_equals_the_formula_computed_elsewhere(expression):
    own, reference = value(expression, BLOCK), expected(expression, BLOCK.micro[:, 0], SEED)
    assert np.isfinite(reference).sum() > 600
    np.testing.assert_allclose(own, reference, rtol=1e-8, atol=1e-10)


def test_rsi_times_imbalance_is_the_product_of_both():
    both = value("rsi(14) * imbalance()", BLOCK)
    product = value("rsi(14)", BLOCK) * value("imbalance()", BLOCK)
    assert both.tobytes() == product.tobytes()
    assert np.isfinite(both).sum() > 600


def test_the_microprice_lies_between_bid_and_ask_and_leans_away_from_the_heavier_side():
    bid, ask = BLOCK.micro[m.BID, 0], BLOCK.micro[m.ASK, 0]
    price = value("microprice()", BLOCK)
    assert ((bid <= price) & (price <= ask)).all()
    lean = np.sign(value("microprice_deviation()", BLOCK))
    assert (lean == np.sign(value("imbalance()", BLOCK))).all()


@pytest.mark.parametrize("expression", OWN)
def test_data_without_trades_and_books_gives_nan_everywhere(expression):
    plan = plan_of(expression, n=2)
    assert plan.needs_book
    assert np.isnan(run(plan, replace(BLOCK, micro=np.empty((0, 0, 0))))).all()
    assert np.isnan(FeaturePlan.build([expression], 2, MINUTES_5, "AB").history(bar_panel())).all()


def test_only_a_plan_that_reads_trades_or_books_asks_for_them():
    assert not plan_of("rsi(14)", 'at("1h", ema(5))', "vwap()").needs_book
    assert plan_of("close", "sma(mean_spread, 3)").needs_book
    assert plan_of('of("BBB", imbalance())').needs_book


def test_inputs_are_scaled_by_tick_lot_and_adjustment():
    data = booked()
    data.adjust[30:] = 4.0
    block = BarBlock.from_panel(data, 0, 60)
    price = 0.05 * data.adjust.T
    size = 0.001 / data.adjust.T
    for k, each in enumerate(m.INPUTS):
        expected_unit = price**each.price * size**each.size
        np.testing.assert_allclose(
            block.micro[k], data.micro[..., k].T * expected_unit, rtol=1e-14, err_msg=each.name
        )


def test_a_plan_that_needs_no_book_gets_none():
    data = booked()
    assert BarBlock.from_panel(data, 0, 60, book=False).micro.size == 0
    assert BarBlock.from_panel(bar_panel(), 0, 60).micro.size == 0


def test_a_split_moves_no_ratio_and_lambda_with_the_price():
    data, split = booked(), booked()
    split.adjust[30:] = 2.0
    raw = split.micro[30:]
    for k, each in enumerate(m.INPUTS):
        raw[..., k] *= 2.0 ** (each.size - each.price)
    texts = ["microprice()", "imbalance()", "spread_bps()", "trade_flow(9)", "kyle_lambda(9)"]
    plan = FeaturePlan.build([*texts, "price_impact(9)"], 2, MINUTES_5, data.symbols)
    np.testing.assert_allclose(plan.history(split), plan.history(data), rtol=1e-9)


def test_a_masked_cell_has_no_input():
    data = booked()
    data.flags[7, 1] = FRESH
    block = BarBlock.from_panel(data, 0, 60)
    assert np.isnan(block.micro[:, 1, 7]).all()
    assert np.isfinite(np.delete(block.micro[:, 1], 7, axis=1)).all()


def test_history_is_the_same_row_by_row():
    data = booked(90)
    data.flags[40:43, 0] = 0
    plan = FeaturePlan.build(OWN, 2, MINUTES_5, data.symbols)
    whole, state = plan.history(data), plan.new_state()
    single = np.empty_like(whole)
    for i in range(90):
        plan.advance(state, BarBlock.from_panel(data.window(i, i + 1), 0, 1), single[i : i + 1])
    assert whole.tobytes() == single.tobytes()
    assert np.isfinite(whole[-1]).all()


def test_a_quiet_market_has_no_flow_and_no_impact_rather_than_rubbish():
    data = booked(60)
    for k in (m.TRADED, m.BOUGHT, m.SOLD, m.TRADES, m.DEPTH_FALLEN, m.DEPTH_REGAINED):
        data.micro[30:, :, k] = 0.0
    data.micro[30:, :, m.IMPACT_COUNT :] = 0.0
    texts = ["trade_flow(5)", "kyle_lambda(5)", "price_impact(5)", "resilience(5)"]
    plan = FeaturePlan.build([*texts, "trade_intensity(5)"], 2, MINUTES_5, data.symbols)
    out = plan.history(data)
    assert np.isfinite(out[29]).all()
    assert np.isnan(out[34:, :, :4]).all()
    assert (out[34:, :, 4] == 0.0).all()


def test_a_flow_that_never_varies_has_no_slope():
    block = bars(1, 40, 2)
    flow = 0.1 + 0.2
    block.micro[m.IMPACT_COUNT], block.micro[m.IMPACT_FLOW] = 1.0, flow
    block.micro[m.IMPACT_FLOW_FLOW] = flow * flow
    assert np.isnan(value("kyle_lambda(13)", block)).all()


@pytest.mark.parametrize("expression", ['at("1h", imbalance())', 'at("1h", sma(bid, 3))'])
def test_inputs_of_a_row_are_refused_in_a_higher_frame(expression):
    with pytest.raises(ExpressionError, match="use it outside of at"):
        plan_of(expression)
    assert plan_of('imbalance() * at("1h", returns(1))').needs_book


def test_every_input_is_an_expression_of_its_own():
    out = run(plan_of(*m.NAMES, n=2), BLOCK)
    assert out.transpose(2, 1, 0).tobytes() == BLOCK.micro.tobytes()
