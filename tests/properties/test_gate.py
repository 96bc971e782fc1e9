"""The gate against an independent statement of its rules, on random orders, rules and views."""

from collections import Counter
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gates import S, rules, view
from kedge.domain.control import Mode
from kedge.domain.decided import Refusal
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.risk.approved import Approved
from kedge.risk.gate import GateRules, View, examine
from oracle.gate import is_reduction, new_risk, violated

ABSURD = [float("nan"), float("inf"), float("-inf"), -1, 0, -(2**63), 2**63, 1e308, None, "x"]
OF_THE_VENUE = {
    Refusal.LOT, Refusal.TICK, Refusal.NOTIONAL, Refusal.NOT_ABLE, Refusal.DUPLICATE,
    Refusal.INPUT,
}  # fmt: skip


def near(rng: Random, bound: int) -> int:
    """A number on either side of a bound, mostly close to it."""
    return max(0, rng.choice((bound, bound, bound // 2, 0)) + rng.randint(-2, 2))


def random_order(rng: Random) -> Order:
    kind = rng.choice([*OrderType, OrderType.MARKET, OrderType.LIMIT])
    price = rng.choice((10_000, 9_990, 9_980, 10_190, 9_800, 9_991))
    lots = rng.choice((1, 10, 100, 500, near(rng, 500)))
    return Order(
        "k1", 0, rng.choice((1, -1)), lots, kind,
        rng.choice([TimeInForce.GTC] * 6 + list(TimeInForce)),
        price if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT) else 0,
        price + 5 if kind in (OrderType.STOP, OrderType.STOP_LIMIT) else 0,
        post_only=rng.random() < 0.1, reduce_only=rng.random() < 0.2,
        display=rng.choice((0, 0, 0, 0, 1, lots)),
    )  # fmt: skip


def random_rules(rng: Random) -> GateRules:
    flags = ("stops", "stop_limit", "post_only", "ioc", "fok", "iceberg", "reduce_only", "short",
             "client_ids", "bars")  # fmt: skip
    return rules(
        **{name: rng.random() < 0.85 for name in flags},
        lot_step=rng.choice((1, 1, 1, 10)), tick_step=rng.choice((1, 1, 1, 5)),
        min_notional=rng.choice((0, 10_000, 1_000_000)), den=rng.choice((1, 1, 3)),
        fee=rng.choice((0.0, 0.001)), margin=rng.choice((1.0, 0.1)),
        max_notional=rng.choice((10**9, 10**9, 5_000_000)),
        slippage_bps=rng.choice((50.0, 300.0)), spread_bps=rng.choice((20.0, 20.0, 10.0)),
    )  # fmt: skip


def random_view(rng: Random, order: Order, given: GateRules) -> View:
    """Mostly sound, often with one thing at a limit; positions on either side."""
    held = rng.choice((0, 0, 500, -500, 20, -20)) * rng.choice((0, 1, 1))
    buying, selling = rng.choice((0, 0, 30)), rng.choice((0, 0, 30))
    bound = order.lots * 10_000 * given.num // given.den
    changes: dict[str, Any] = {
        "held": held, "net": held + rng.choice((0, 0, 0, 40, -40)), "buying": buying,
        "selling": selling, "key_buying": min(buying, rng.choice((0, 30))),
        "key_selling": min(selling, rng.choice((0, 30))), "buys": rng.choice((0, 0, 1, 9)),
        "sells": rng.choice((0, 0, 1)), "last": rng.choice((-1, 0, 970 * S, 971 * S)),
        "used": rng.choice((0, 0, near(rng, 2_000 - order.lots))),
        "rate": rng.choice((1.0, 1.0, 0.5, 1.25)),
    }  # fmt: skip
    close = {
        "mode": rng.choice(list(Mode)), "killed": True, "link": False, "settled": False,
        "duplicate": True, "age": 5 * S + rng.randint(-1, 1), "bid": rng.choice((9_979, 0, 10_001)),
        "sigma": rng.choice((1.0, 0.2)), "row_volume": 20.0 * near(rng, order.lots),
        "hour_volume": 10.0 * near(rng, order.lots), "session_volume": 100.0,
        "cash": bound + rng.choice((-1, 0, bound // 1000, bound // 1000 + 1)),
        "reserved": 10**10 - bound, "gross": 1e10 - bound + rng.randint(-2, 2),
        "equity": 1e5 * near(rng, order.lots) + 1.0, "net": held + 99_500,
    }  # fmt: skip
    for name in rng.sample(list(close), rng.choice((0, 0, 1, 1, 1, 2))):
        changes[name] = close[name]
    return view(**changes)


def case(seed: int) -> tuple[Order, GateRules, View]:
    rng = Random(seed)
    order, given = random_order(rng), random_rules(rng)
    return order, given, random_view(rng, order, given)


@settings(max_examples=1500, deadline=None)
@given(st.integers(0, 2**64))
def test_the_gate_agrees_with_its_independent_statement(seed: int) -> None:
    order, given, seen = case(seed)
    result, wrong = examine(order, given, seen), violated(order, given, seen)
    if isinstance(result, Approved):
        assert wrong == set()
    else:
        assert result.why in wrong


def test_random_cases_reach_approval_and_every_refusal() -> None:
    found: Counter[Any] = Counter()
    for seed in range(4000):
        order, given, seen = case(seed)
        result = examine(order, given, seen)
        passed = isinstance(result, Approved)
        found[("ok", is_reduction(order, seen)) if passed else result.why] += 1
    unused = {Refusal.INPUT, Refusal.RATE}
    assert set(Refusal) - found.keys() <= unused
    assert found["ok", True] > 100
    assert found["ok", False] > 100


@settings(max_examples=1000, deadline=None)
@given(
    st.integers(0, 2**64),
    st.dictionaries(
        st.sampled_from(View.__struct_fields__), st.sampled_from(ABSURD), min_size=1, max_size=6
    ),
)
def test_no_absurd_input_ever_lets_new_risk_pass(seed: int, absurd: dict[str, Any]) -> None:
    order, given, seen = case(seed)
    seen = View(**{**msgspec.structs.asdict(seen), **absurd})
    result = examine(order, given, seen)
    if isinstance(result, Approved) and not is_reduction(order, seen):
        assert new_risk(order, given, seen) == set()


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 2**64), st.data())
def test_a_verified_reduction_is_never_refused_for_a_reason_of_risk(
    seed: int, data: st.DataObject
) -> None:
    order, given, seen = case(seed)
    names = sorted(set(View.__struct_fields__) - {"held", "key_buying", "key_selling"})
    absurd = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(ABSURD)))
    working = data.draw(st.integers(0, 50))
    held = -order.side * (order.lots + working + data.draw(st.integers(0, 50)))
    changes = {"held": held, "key_buying": working, "key_selling": working, **absurd}
    result = examine(order, given, View(**{**msgspec.structs.asdict(seen), **changes}))
    assert isinstance(result, Approved) or result.why in OF_THE_VENUE


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 2**64), st.data())
def test_after_an_approval_every_limit_holds_whatever_fills(seed: int, data: st.DataObject) -> None:
    order, given, seen = case(seed)
    if is_reduction(order, seen) or not isinstance(examine(order, given, seen), Approved):
        return
    bought = data.draw(st.integers(0, seen.buying)) + (order.lots if order.side > 0 else 0)
    sold = data.draw(st.integers(0, seen.selling)) + (order.lots if order.side < 0 else 0)
    net = seen.net + bought - sold
    unit = given.num / given.den * max(seen.ask, order.limit, order.trigger)
    if order.side * net > 0:
        assert abs(net) * unit * seen.rate <= given.position * seen.equity + 1
    before = max(abs(seen.net + seen.buying), abs(seen.net - seen.selling))
    if abs(net) > before:
        gross = seen.gross + (abs(net) - before) * unit * seen.rate
        assert gross <= given.gross * seen.equity + 1
    if order.side > 0:
        assert order.lots * unit * (given.margin + given.fee) <= seen.cash - seen.reserved + 3
    elif not given.short:
        assert seen.held >= seen.key_selling + order.lots
