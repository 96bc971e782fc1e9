"""The bare loop against the rule written out in plain Python."""

import numpy as np
import pytest
from benchmarks import bare
from benchmarks.market import TICK, closest_call, make_market

FIRST, WEIGHT, FEE, CAPITAL = 70, 0.05, 1e-4, 1e8


def _plain(opened, close, fast, slow):
    """Trades and equity of one column, decided at a close and filled at the next open."""
    cash, lots, trades, equity, want, size = CAPITAL, 0, [], [], False, 0
    for t in range(len(close)):
        price = opened[t] * TICK
        if want and not lots:
            lots = size
            cash -= lots * price * (1 + FEE)
            trades.append([t, -1, lots, price, np.nan])
        elif not want and lots:
            cash += lots * price * (1 - FEE)
            trades[-1][1], trades[-1][4], lots = t, price, 0
        equity.append(cash + lots * close[t] * TICK)
        seen = t + 1 >= slow and t >= FIRST
        quick, whole = close[max(0, t + 1 - fast) : t + 1], close[max(0, t + 1 - slow) : t + 1]
        want = seen and int(quick.sum()) * slow > int(whole.sum()) * fast
        size = int(WEIGHT * equity[-1] / (close[t] * TICK))
    return np.array(equity), np.array(trades)


@pytest.fixture(scope="module")
def market():
    return make_market(1500, 3, 5)


def _column(market, n):
    return market.ticks[:, 0, n].copy(), market.ticks[:, 3, n].copy()


def test_single_loop_trades_as_the_rule_written_out(market) -> None:
    opened, close = _column(market, 0)
    equity, trades = bare.single(opened, close, 5, 21, FIRST, WEIGHT, FEE, CAPITAL)
    plain_equity, plain = _plain(opened, close, 5, 21)
    assert len(plain) > 10
    np.testing.assert_allclose(trades, plain, rtol=1e-12)
    np.testing.assert_allclose(equity, plain_equity, rtol=1e-12)


def test_sweep_is_the_single_loop_for_every_pair(market) -> None:
    opened, close = _column(market, 1)
    pairs = np.array([[5, 21], [8, 34]])
    equity, counts, trades = bare.sweep(opened, close, pairs, FIRST, WEIGHT, FEE, CAPITAL)
    for k, (fast, slow) in enumerate(pairs):
        plain_equity, plain = _plain(opened, close, fast, slow)
        assert counts[k] == len(plain)
        np.testing.assert_allclose(trades[k, : counts[k]], plain, rtol=1e-12)
        np.testing.assert_allclose(equity[k], plain_equity, rtol=1e-12)


def test_panel_crosses_where_each_column_alone_does(market) -> None:
    opened, close = (np.ascontiguousarray(market.ticks[:, k]) for k in (0, 3))
    equity, trades = bare.panel(opened, close, 5, 21, FIRST, WEIGHT, FEE, CAPITAL)
    assert equity[0] == CAPITAL
    for n in range(3):
        own = trades[trades[:, 0] == n]
        _, plain = _plain(*_column(market, n), 5, 21)
        np.testing.assert_array_equal(own[:, 1:3], plain[:, :2])
    paid = trades[:, 3] * trades[:, 4] * (1 + FEE)
    closed = trades[:, 2] >= 0
    got = (trades[:, 3] * trades[:, 5] * (1 - FEE))[closed]
    held = trades[~closed]
    worth = sum(row[3] * close[-1, int(row[0])] * TICK for row in held)
    assert equity[-1] == pytest.approx(CAPITAL - paid.sum() + got.sum() + worth, rel=1e-12)


def test_every_bar_opens_where_the_last_closed_and_holds_its_range(market) -> None:
    opened, high, low, close = (market.ticks[:, k] for k in range(4))
    np.testing.assert_array_equal(opened[1:], close[:-1])
    assert (high >= np.maximum(opened, close)).all()
    assert (low <= np.minimum(opened, close)).all()
    assert (low > 0).all()


def test_closest_call_is_the_smallest_gap_of_the_averages() -> None:
    ticks = np.array([100, 110, 90, 120, 80, 130], dtype=np.int64)
    gaps = []
    for t in range(3, 6):
        fast, slow = ticks[t - 1 : t + 1].mean(), ticks[t - 2 : t + 1].mean()
        gaps.append(abs(fast - slow) / slow)
    assert closest_call(ticks, 2, 3) == pytest.approx(min(gaps))
