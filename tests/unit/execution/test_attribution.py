"""Integer shares add up and stay in proportion."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.domain.compiled import plain
from kedge.execution import attribution
from kedge.ledger.booking import booking
from oracle.tiny import STRATEGY

proportion = interpreted(attribution.proportion)
split_book = interpreted(attribution.split_book)
attribute = interpreted(attribution.attribute)
amounts = st.integers(-(10**12), 10**12)
three = st.lists(st.integers(0, 10**6), min_size=3, max_size=3)


def _nothing():
    return np.zeros(3, dtype=np.int64)


@given(amounts, three.filter(any))
def test_an_amount_is_split_in_proportion_and_whole(total, parts):
    out = _nothing()
    proportion(total, np.array(parts), 3, out)
    assert out.sum() == total
    largest = parts.index(max(parts))
    for k, part in enumerate(parts):
        exact = int(Fraction(total * part, sum(parts)))
        assert out[k] == exact or k == largest


@given(amounts)
def test_an_amount_nobody_asked_for_goes_to_the_first(total):
    out = _nothing()
    proportion(total, _nothing(), 3, out)
    assert out.tolist() == [total, 0, 0]


def _shared(shares):
    p, s, out = book(strategies=(STRATEGY,) * 3)
    for k, share in enumerate(shares):
        s.SF[:, k * o.SF_ + o.SF_SHARE] = share
    return p, s, out


@given(st.integers(-(10**9), 10**9), three.filter(any))
def test_sub_books_sum_to_the_position(lots, weights):
    shares = [w / sum(weights) for w in weights]
    _, s, _ = _shared(shares)
    out = _nothing()
    split_book(0, lots, 3, s.SF, out)
    assert out.sum() == lots
    assert all(abs(x - share * lots) < 3 for x, share in zip(out, shares, strict=True))


@given(
    st.integers(-1000, 1000),
    st.integers(-1000, 1000).filter(bool),
    three.filter(any),
    three.filter(any),
    st.integers(-(10**6), 10**6),
    amounts,
    amounts,
)
def test_quantity_fee_and_profit_of_a_fill_are_shared_out_exactly(
    held, filled, before, after, fee, holding, slippage
):
    p, s, out = _shared([w / sum(before) for w in before])
    owned = _nothing()
    split_book(0, held, 3, s.SF, owned)
    s.I[0, o.I_BOOK :] = owned
    for k, w in enumerate(after):
        s.SF[:, k * o.SF_ + o.SF_SHARE] = w / sum(after)
    s.I[:, o.I_LOTS] = held + filled
    attribute(0, filled, fee, holding, slippage, plain(booking)(p, s, out))
    record = out.attr[0]
    assert record.sum(axis=0).tolist() == [filled, fee, holding + slippage]
    assert s.I[:, o.I_BOOK :].sum() == held + filled
    against = record[:, o.ATTR_QUANTITY] * filled < 0
    assert not record[against, o.ATTR_FEE].any()
