"""Rate limits as the exchange keeps them: windows, refusals, bans that grow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.venues.wire.limits import Allowed, Limits
from kedge.venues.wire.refusals import RequestError

SECOND = 10**9
MINUTE = 60 * SECOND


def refused(act, *args):
    with pytest.raises(RequestError) as caught:
        act(*args)
    return caught.value


def test_weight_is_refused_beyond_the_limit_until_the_minute_is_over():
    limits = Limits(Allowed(weight=10))
    limits.spend(10, 15 * SECOND)
    error = refused(limits.spend, 1, 20 * SECOND)
    assert (error.status, error.code, error.retry_after) == (429, -1003, 40)
    limits.spend(10, MINUTE)


def test_who_goes_on_is_banned_for_twice_as_long_each_time():
    limits = Limits(Allowed(weight=1, patience=2, ban_s=10))
    now, bans = 0, []
    for _ in range(3):
        limits.spend(1, now)
        errors = [refused(limits.spend, 1, now) for _ in range(3)]
        assert [error.status for error in errors] == [429, 429, 418]
        bans.append(errors[-1].retry_after)
        assert refused(limits.spend, 1, now + SECOND).status == 418
        now += bans[-1] * SECOND + 2 * MINUTE
    assert bans == [10, 20, 40]


def test_orders_are_limited_in_ten_seconds_and_in_a_day():
    limits = Limits(Allowed(orders_10s=2, orders_day=3))
    limits.order(0)
    limits.order(0)
    assert refused(limits.order, 9 * SECOND).code == -1015
    limits.order(10 * SECOND)
    assert "DAY" in refused(limits.order, 30 * SECOND).text
    limits.order(86_400 * SECOND)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 20)), max_size=60))
def test_no_minute_serves_more_than_its_weight(requests):
    limits, now, served = Limits(Allowed(weight=50, patience=5)), 0, {}
    for weight, wait in requests:
        now += wait * SECOND
        try:
            limits.spend(weight, now)
        except RequestError:
            continue
        served[now // MINUTE] = served.get(now // MINUTE, 0) + weight
        assert served[now // MINUTE] <= 50
        assert limits.headers(now)["X-MBX-USED-WEIGHT-1M"] == str(served[now // MINUTE])
