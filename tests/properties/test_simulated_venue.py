"""A whole simulated venue: the same again from seed, log or bytes; its books always add up."""

from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.domain.errors import DataError
from kedge.domain.instrument import AssetClass
from kedge.domain.market import BookDelta, Quote
from kedge.domain.money import round_ratio
from kedge.domain.report import Accepted, End, Ended, Filled, Rejected
from kedge.venues.simulated.memory import dump, load
from kedge.venues.simulated.prices import Prices, Worth
from kedge.venues.simulated.requests import Halt
from simulated import SECOND, Monkey, instrument, moving

SEEDS = st.integers(0, 10_000)
KINDS = st.sampled_from((AssetClass.SPOT, AssetClass.PERPETUAL))
_encode = msgspec.msgpack.Encoder(enc_hook=lambda x: x.tolist()).encode


def _same(one, other):
    assert _encode(one.reports) == _encode(other.reports)
    assert _encode(one.events) == _encode(other.events)
    assert one.venue.truth() == other.venue.truth()


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_the_same_seed_and_the_same_questions_give_the_same_bytes(seed):
    one, other = (Monkey(moving(seed), seed) for _ in range(2))
    one.live(40)
    other.live(40)
    assert one.reports
    _same(one, other)


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.integers(1, 7))
def test_it_does_not_matter_in_how_many_strides_the_clock_is_run(seed, strides):
    class Strider(Monkey):
        def wait(self, seconds):
            for _ in range(strides):
                super().wait(seconds / (10 * strides))
            super().wait(seconds)

    class Plain(Monkey):
        def wait(self, seconds):
            far = self.venue.now
            for _ in range(strides):
                far += int(seconds / (10 * strides) * SECOND) + 1
            self.venue.advance(far + int(seconds * SECOND) + 1)
            self.reports += self.venue.reports()
            self.events += self.venue.market_events()

    one, other = Strider(moving(seed), seed), Plain(moving(seed), seed)
    one.live(30)
    other.live(30)
    _same(one, other)


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_the_seed_and_the_log_are_the_venue(seed):
    log = []
    monkey = Monkey(moving(seed, log=log.append), seed)
    monkey.live(30)
    again = moving(seed)
    again.replay(log, monkey.venue.now)
    assert (again.reports(), len(again.market_events())) == (monkey.reports, len(monkey.events))
    assert dump(again) == dump(monkey.venue)


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_a_venue_goes_on_from_its_bytes_as_if_nothing_had_happened(seed):
    one = Monkey(moving(seed), seed)
    one.live(30)
    copy = moving(seed)
    load(copy, dump(one.venue))
    other = Monkey(copy, seed)
    other.random.setstate(one.random.getstate())
    other.sent = dict(one.sent)
    assert dump(copy) == dump(one.venue)
    one.reports, one.events = [], []
    one.live(20)
    other.live(20)
    _same(one, other)


@pytest.mark.parametrize("bad", [b"", b"\x93\x01\x02\x03", b"not a venue"])
def test_bytes_that_are_no_venue_are_refused_in_one_line(bad):
    with pytest.raises(DataError, match="not a simulated venue"):
        load(moving(1), bad)


def test_bytes_of_another_setup_are_refused():
    with pytest.raises(DataError, match="set up differently"):
        load(moving(2), dump(moving(1)))


@settings(max_examples=15, deadline=None)
@given(SEEDS, KINDS)
def test_cash_and_positions_are_the_start_and_every_fill(seed, kind):
    monkey = Monkey(moving(seed, kind=kind), seed)
    monkey.live(60)
    truth = monkey.venue.truth()
    cash, lots = 10_000 * 10**8, dict.fromkeys(truth.lots, 0)
    ratio = instrument("A").value_ratio
    rates = {True: 2.0 * 1e-4, False: 7.5 * 1e-4}
    for fill in truth.fills:
        notional = round_ratio(fill.lots * fill.ticks, ratio)
        fee = int(np.rint(notional * rates[fill.maker]))
        assert fee == fill.fee
        cash -= fill.side * notional + fee
        lots[fill.key] += fill.side * fill.lots
    assert truth.fills
    assert truth.cash == {"USDT": cash}
    assert truth.lots == lots
    if kind is AssetClass.SPOT:
        assert cash >= -len(truth.fills)
        assert min(lots.values()) >= 0


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_what_is_reported_in_the_end_is_what_is_so(seed):
    monkey = Monkey(moving(seed), seed)
    monkey.live(40)
    for key in range(3):  # so that nothing happens while the last reports are on their way
        monkey.venue.act(Halt(key, on=True))
    monkey.wait(2)
    truth = monkey.venue.truth()
    told = {(r.key, r.trade): r for r in monkey.reports if isinstance(r, Filled)}
    for name in ("order", "venue_id", "side", "lots", "ticks", "fee", "maker", "at"):
        facts = sorted((f.key, f.trade, getattr(f, name)) for f in truth.fills)
        assert facts == sorted((k, t, getattr(f, name)) for (k, t), f in told.items())
    accepted = {r.order for r in monkey.reports if isinstance(r, Accepted)}
    rejected = {r.order for r in monkey.reports if isinstance(r, Rejected)}
    assert accepted | rejected == set(monkey.sent)
    assert accepted == {known.order.id for known in truth.orders}
    gone = {known.order.id for known in truth.orders if known.ended is not None}
    assert {r.order for r in monkey.reports if isinstance(r, Ended)} == gone
    for known in truth.orders:
        lots = sum(f.lots for f in truth.fills if f.venue_id == str(known.number))
        assert known.filled == lots <= known.order.lots
        assert (known.ended is End.FILLED) == (lots == known.order.lots)


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_the_public_feed_rebuilds_every_book(seed):
    monkey = Monkey(moving(seed), seed)
    monkey.live(40)
    books = {key: ({}, {}) for key in range(3)}
    last, times = {}, []
    for event in monkey.events:
        times.append(event.available_time)
        if isinstance(event, BookDelta):
            assert event.previous == last.get(event.key, 0) == event.first - 1
            last[event.key] = event.last
            for code, ticks, lots in event.levels.tolist():
                books[event.key][code].pop(ticks, None)
                if lots:
                    books[event.key][code][ticks] = lots
        elif isinstance(event, Quote):
            bids, asks = books[event.key]
            assert (event.bid, event.ask) == (max(bids, default=0), min(asks, default=0))
            assert (event.bid_lots, event.ask_lots) == (
                bids.get(event.bid, 0),
                asks.get(event.ask, 0),
            )
    assert times == sorted(times)
    monkey.wait(0)
    undelivered = {event.key for event in monkey.venue.feed}
    for key, matcher in monkey.venue.exchange.matchers.items():
        if key not in undelivered:
            assert dict(matcher.halves[1].depth()) == books[key][0]
            assert dict(matcher.halves[-1].depth()) == books[key][1]


def test_generated_prices_cluster_and_move_together():
    prices = Prices([Worth(ticks=at) for at in (10_000, 20_000, 3_000)], Random(4))
    marks = []
    for _ in range(20_000):
        prices.step(10.0)
        marks.append(list(prices.ticks))
    returns = np.diff(np.log(np.array(marks)), axis=0)
    assert np.corrcoef(returns.T)[np.triu_indices(3, 1)].min() > 0.35
    size = np.abs(returns)
    for i in range(3):
        assert np.corrcoef(size[:-30, i], size[30:, i])[0, 1] > 0.08
        assert 0.02 < returns[:, i].std() * 8640**0.5 < 0.08


@pytest.mark.parametrize("seed", range(3))
def test_books_follow_what_the_instruments_are_worth(seed):
    venue = moving(seed)
    spreads = []
    for _ in range(60):
        venue.advance(venue.now + 5 * SECOND)
        venue.reports(), venue.market_events()
        for key, matcher in venue.exchange.matchers.items():
            bid, ask = matcher.halves[1].best, matcher.halves[-1].best
            if bid and ask:
                assert abs((bid + ask) / 2 - venue.market.prices.ticks[key]) < 40
                spreads.append(ask - bid)
    assert len(spreads) > 175
    assert 1 <= np.median(spreads) <= 10
