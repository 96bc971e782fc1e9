"""The pre-trade gate: each check refuses what it should and nothing else."""

from math import sqrt
from typing import Any

import pytest

from gates import rules, view
from kedge.domain.control import Mode
from kedge.domain.decided import Refusal
from kedge.domain.errors import ConfigError
from kedge.domain.order import OrderType, TimeInForce
from kedge.risk.approved import Approved
from kedge.risk.gate import Refused, examine
from kedge.risk.gate_checks import quote
from kedge.risk.gate_view import GateRules
from orders import S, order

NAN, INF = float("nan"), float("inf")
STOP = OrderType.STOP
HALF = 0.5 * (1e4 * 10 / 9_995)
"""Half the spread of `VIEW`, basis points."""


def verdict(
    o: dict[str, Any] | None = None, v: dict[str, Any] | None = None, **r: Any
) -> Refusal | None:
    """Why an order of ten lots is refused, None where it is approved."""
    given = order(**(o or {}))
    result = examine(given, rules(**r), view(**(v or {})))
    if isinstance(result, Approved):
        assert result.order is given
        return None
    return result.why


def test_an_order_within_every_limit_is_approved() -> None:
    assert verdict() is None
    assert verdict({"side": -1}, short=True) is None
    assert verdict({"limit": 9_995}) is None


@pytest.mark.parametrize(
    ("o", "v", "r", "why"),
    [
        ({}, {"mode": Mode.REDUCING}, {}, Refusal.MODE),
        ({}, {"mode": Mode.HALTED}, {}, Refusal.MODE),
        ({}, {"killed": True}, {}, Refusal.MODE),
        ({}, {"link": False}, {}, Refusal.LINK),
        ({}, {"settled": False}, {}, Refusal.UNSETTLED),
        ({}, {"duplicate": True}, {}, Refusal.DUPLICATE),
        ({"side": 0}, {}, {}, Refusal.INPUT),
        ({"lots": 0}, {}, {}, Refusal.LOT),
        ({"lots": 15}, {}, {"lot_step": 10}, Refusal.LOT),
        ({"lots": 11}, {}, {"max_lots": 10}, Refusal.LOT),
        ({"limit": 9_995}, {}, {"tick_step": 10}, Refusal.TICK),
        ({"type": OrderType.LIMIT}, {}, {}, Refusal.TICK),
        ({"type": STOP}, {}, {}, Refusal.TICK),
        ({"type": OrderType.LIMIT, "limit": 9_990.0}, {}, {}, Refusal.TICK),
        ({"type": OrderType.LIMIT, "limit": 2**62}, {}, {}, Refusal.TICK),
        ({"type": OrderType.MARKET, "limit": 10_000}, {}, {}, Refusal.TICK),
        ({}, {"bid": 0}, {}, Refusal.QUOTE_MISSING),
        ({}, {"ask": 0}, {}, Refusal.QUOTE_MISSING),
        ({}, {"bid": 10_001}, {}, Refusal.QUOTE_MISSING),
        ({}, {"age": -1}, {}, Refusal.QUOTE_MISSING),
        ({}, {"age": 5 * S + 1}, {}, Refusal.QUOTE_STALE),
        ({}, {"bid": 9_979}, {}, Refusal.SPREAD),
        ({"limit": 10_201}, {}, {}, Refusal.PRICE_BAND),
        ({"limit": 9_799}, {}, {}, Refusal.PRICE_BAND),
        ({"limit": 1}, {}, {"min_notional": 0}, Refusal.PRICE_BAND),
        ({}, {"sigma": 10.0}, {}, Refusal.SLIPPAGE),
        ({"lots": 1}, {}, {"min_notional": 10_001}, Refusal.NOTIONAL),
        ({}, {}, {"max_notional": 99_999}, Refusal.ORDER_NOTIONAL),
        ({}, {"net": 99_991}, {}, Refusal.POSITION),
        ({}, {"net": 50_000, "buying": 49_991}, {}, Refusal.POSITION),
        ({"side": -1}, {"net": -99_991}, {"short": True}, Refusal.POSITION),
        ({}, {"gross": 1e10 - 99_999}, {}, Refusal.GROSS),
        ({}, {"cash": 100_099}, {}, Refusal.CASH),
        ({}, {"cash": 10**6, "reserved": 899_901}, {}, Refusal.CASH),
        ({"side": -1}, {}, {}, Refusal.SHORT),
        ({"side": -1}, {"held": 10, "net": 10, "key_selling": 1, "selling": 1}, {}, Refusal.SHORT),
        ({}, {"last": 970 * S + 1}, {}, Refusal.INTERVAL),
        ({}, {"last": 1001 * S}, {}, Refusal.INTERVAL),
        ({}, {"buys": 6, "sells": 4}, {}, Refusal.OPEN_ORDERS),
        ({"lots": 501}, {}, {}, Refusal.PARTICIPATION),
        ({}, {"used": 1_991}, {}, Refusal.PARTICIPATION),
        ({"type": STOP, "trigger": 10_010}, {}, {"stops": False}, Refusal.NOT_ABLE),
        ({"type": OrderType.STOP_LIMIT, "trigger": 10_010, "limit": 10_020}, {},
         {"stop_limit": False}, Refusal.NOT_ABLE),
        ({"limit": 9_990, "post_only": True}, {}, {"post_only": False}, Refusal.NOT_ABLE),
        ({"post_only": True}, {}, {}, Refusal.NOT_ABLE),
        ({"limit": 9_990, "tif": TimeInForce.IOC}, {}, {"ioc": False}, Refusal.NOT_ABLE),
        ({"limit": 9_990, "tif": TimeInForce.FOK}, {}, {"fok": False}, Refusal.NOT_ABLE),
        ({"tif": TimeInForce.BAR}, {}, {}, Refusal.NOT_ABLE),
        ({"limit": 9_990, "display": 2}, {}, {}, Refusal.NOT_ABLE),
        ({"reduce_only": True}, {}, {}, Refusal.NOT_ABLE),
        ({}, {"buys": 1}, {"client_ids": False}, Refusal.NOT_ABLE),
        ({"limit": 9_990, "display": 11}, {}, {"iceberg": True}, Refusal.LOT),
    ],
)  # fmt: skip
def test_each_check_refuses_with_its_own_reason(o: Any, v: Any, r: Any, why: Refusal) -> None:
    assert verdict(o, v, **r) is why


@pytest.mark.parametrize(
    ("o", "v", "r", "limit", "value"),
    [
        ({"side": 0}, {}, {}, 1.0, 0.0),
        ({"lots": 15}, {}, {"lot_step": 10}, 10, 15),
        ({"lots": 1.5}, {}, {"lot_step": 10}, 10, 1.5),
        ({"limit": 9_990, "display": 11}, {}, {"iceberg": True}, 10, 11),
        ({"limit": 9_995}, {}, {"tick_step": 10}, 10, 9_995),
        ({}, {"duplicate": True}, {}, 0.0, 1.0),
        ({"type": STOP, "trigger": 10_010}, {}, {"stops": False}, 0.0, float(STOP)),
        ({}, {"bid": 0}, {}, 1.0, 0.0),
        ({"lots": 1}, {}, {"min_notional": 10_001}, 10_001, 9_990),
        ({}, {"mode": Mode.REDUCING}, {}, float(Mode.ACTIVE), float(Mode.REDUCING)),
        ({}, {"link": False}, {}, 1.0, 0.0),
        ({}, {"settled": False}, {}, 1.0, 0.0),
        ({}, {"reserved": -1}, {}, 0.0, -1.0),
        ({}, {"held": 1.5}, {}, 0.0, 1.5),
        ({}, {"sigma": 0.0}, {}, 0.0, 0.0),
        ({}, {"gross": -1.0}, {}, 0.0, -1.0),
        ({}, {"ask": 0}, {}, 1.0, 0.0),
        ({}, {"bid": 10_001}, {}, 10_001, 10_000),
        ({}, {"age": -1}, {}, 0.0, -1.0),
        ({}, {"age": 5 * S + 1}, {}, 5 * S, 5 * S + 1),
        ({}, {"bid": 9_979}, {}, 20.0, 1e4 * 21 / 9_989.5),
        ({"limit": 10_201}, {}, {}, 200.0, 201.0),
        ({}, {"sigma": 10.0}, {}, 50.0, HALF + 1e4 * 0.5 * 10.0 * sqrt(10 / 500_000)),
        ({}, {"session_volume": 4.0}, {}, 50.0, HALF + 1e4 * 0.5 * 0.02),
        ({"limit": 10_060}, {"sigma": 10.0}, {}, 50.0, 1e4 * (10_060 - 9_995) / 9_995),
        ({"side": -1, "limit": 9_930}, {"sigma": 10.0}, {"short": True}, 50.0,
         1e4 * (9_995 - 9_930) / 9_995),
        ({}, {}, {"max_notional": 99_999}, 99_999, 100_000),
        ({}, {"net": 99_991}, {}, 1e9, 100_001e4),
        ({}, {"net": 99_991, "rate": 2.0, "equity": 2e10}, {}, 2e9, 200_002e4),
        ({}, {"gross": 1e10 - 99_999}, {}, 1e10, 1e10 + 1),
        ({}, {"cash": 100_099}, {}, 100_099, 100_100),
        ({}, {"cash": 10**6, "reserved": 899_901}, {}, 10**6, 10**6 + 1),
        ({"side": -1}, {"held": 10, "net": 10, "key_selling": 1, "selling": 1}, {}, 0.0, -1.0),
        ({}, {"last": 970 * S + 1}, {}, 30 * S, 30 * S - 1),
        ({}, {"buys": 6, "sells": 4}, {}, 10, 10),
        ({"lots": 501}, {}, {}, 500.0, 501),
        ({}, {"used": 1_991}, {}, 2_000.0, 2_001),
    ],
)  # fmt: skip
def test_a_refusal_says_its_limit_and_what_there_was(
    o: Any, v: Any, r: Any, limit: float, value: float
) -> None:
    refused = examine(order(**o), rules(**r), view(**v))
    assert isinstance(refused, Refused)
    assert (refused.limit, refused.value) == (limit, value)


@pytest.mark.parametrize(
    ("o", "v", "r"),
    [
        ({}, {"age": 5 * S}, {}),
        ({}, {"age": 0}, {}),
        ({}, {}, {"max_lots": 10}),
        ({}, {"bid": 9_981}, {}),
        ({}, {"bid": 10_000}, {}),
        ({}, {"equity": 10**10, "rate": 1}, {}),
        ({"limit": 10_200}, {}, {"slippage_bps": 300.0}),
        ({"lots": 1}, {}, {"min_notional": 9_990}),
        ({}, {"net": 99_990}, {}),
        ({}, {"gross": 1e10 - 100_000}, {}),
        ({}, {"cash": 100_100}, {}),
        ({"side": -1}, {"held": 11, "net": 11, "key_selling": 1, "selling": 1, "killed": True}, {}),
        ({}, {"last": 970 * S}, {}),
        ({}, {"buys": 5, "sells": 4}, {}),
        ({"lots": 500}, {}, {}),
        ({}, {"used": 1_990}, {}),
        ({"tif": TimeInForce.BAR}, {}, {"bars": True}),
        ({"limit": 9_990, "display": 2}, {}, {"iceberg": True}),
        ({"reduce_only": True}, {}, {"reduce_only": True}),
        ({}, {"sells": 1}, {"client_ids": False}),
    ],
)
def test_at_its_limit_an_order_passes(o: Any, v: Any, r: Any) -> None:
    assert verdict(o, v, **r) is None


NUMBERS = [
    "now", "bid", "ask", "age", "held", "net", "buying", "selling", "key_buying", "key_selling",
    "buys", "sells", "last", "used", "row_volume", "hour_volume", "session_volume", "sigma",
    "cash", "reserved", "equity", "gross", "rate",
]  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("bad", [NAN, INF, -INF, None, "7", -(2**70), 1e308, True])
def test_new_risk_is_refused_where_an_input_is_no_sound_number(name: str, bad: Any) -> None:
    fine = name in {"row_volume", "hour_volume", "session_volume", "equity"} and bad == 1e308
    assert (verdict(v={name: bad}) is None) == fine


@pytest.mark.parametrize("name", ["mode", "killed", "link", "settled", "duplicate"])
@pytest.mark.parametrize("bad", [None, NAN, "yes", 2])
def test_a_flag_that_is_neither_yes_nor_no_refuses(name: str, bad: Any) -> None:
    assert verdict(v={name: bad}) is not None


BLIND: dict[str, Any] = {
    "mode": Mode.HALTED, "killed": True, "link": False, "settled": False, "bid": 0, "ask": NAN,
    "age": -1, "last": 1000 * S, "used": 10**9, "row_volume": NAN, "hour_volume": 0.0,
    "session_volume": NAN, "sigma": NAN, "cash": -5, "reserved": NAN, "equity": -1.0,
    "gross": INF, "rate": NAN, "buys": 50, "sells": 50, "net": -3, "now": -1,
}  # fmt: skip


@pytest.mark.parametrize(("held", "side"), [(10, -1), (-10, 1)])
def test_a_verified_reduction_passes_with_everything_else_wrong(held: int, side: int) -> None:
    assert verdict({"side": side}, {**BLIND, "held": held}) is None
    stop = {"side": side, "type": STOP, "trigger": 9_000, "reduce_only": True}
    assert verdict(stop, {**BLIND, "held": held}) is None
    assert verdict({"side": side, "lots": 11}, {**BLIND, "held": held}) is not None
    assert verdict({"side": -side}, {**BLIND, "held": held}) is not None


def test_a_reduction_counts_what_already_reduces() -> None:
    halted = {"mode": Mode.HALTED, "held": 10, "net": 10}
    assert verdict({"side": -1, "lots": 4}, {**halted, "key_selling": 6, "selling": 6}) is None
    late = {**halted, "key_selling": 7, "selling": 7}
    assert verdict({"side": -1, "lots": 4}, late) is Refusal.MODE


@pytest.mark.parametrize("bad", [NAN, -1, None, 2.0])
def test_a_reduction_that_cannot_be_verified_is_new_risk(bad: Any) -> None:
    halted = {"mode": Mode.HALTED, "held": 10}
    assert verdict({"side": -1}, {**halted, "key_selling": bad}) is Refusal.MODE
    assert verdict({"side": -1}, {**halted, "held": bad}) is Refusal.MODE


def test_a_reduction_obeys_the_venues_own_rules() -> None:
    held = {"held": 100, "net": 100}
    assert verdict({"side": -1, "lots": 15}, held, lot_step=10) is Refusal.LOT
    assert verdict({"side": -1, "limit": 9_995}, held, tick_step=10) is Refusal.TICK
    assert verdict({"side": -1, "lots": 1}, held, min_notional=10**5) is Refusal.NOTIONAL
    assert verdict({"side": -1, "tif": TimeInForce.FOK}, held, fok=False) is Refusal.NOT_ABLE
    assert verdict({"side": -1}, {**held, "duplicate": True}) is Refusal.DUPLICATE


def test_the_last_of_a_position_is_closed_below_the_minimum() -> None:
    dust = {"held": 3, "net": 3}
    assert verdict({"side": -1, "lots": 3}, dust, min_notional=10**6) is None
    assert verdict({"side": -1, "lots": 2}, dust, min_notional=10**6) is Refusal.NOTIONAL
    rest = {"held": 3, "net": 3, "key_selling": 1, "selling": 1}
    assert verdict({"side": -1, "lots": 2}, rest, min_notional=10**6) is None


def test_a_flip_is_new_risk_and_its_gross_is_what_it_adds() -> None:
    held = {"held": 10, "net": 10, "gross": 1e10}
    flip = {"side": -1, "lots": 20}
    assert verdict(flip, {**held, "mode": Mode.REDUCING}, short=True) is Refusal.MODE
    assert verdict(flip, held, short=True) is None
    assert verdict({"side": -1, "lots": 21}, held, short=True) is Refusal.GROSS


def test_an_order_that_rests_has_no_slippage_and_a_limit_bounds_it() -> None:
    wild = {"sigma": 10.0}
    assert verdict({"limit": 9_990, "post_only": True}, wild) is None
    assert verdict({"limit": 9_990}, wild) is None
    assert verdict({"limit": 10_010}, wild) is None
    assert verdict({"limit": 10_100}, wild) is Refusal.SLIPPAGE
    assert verdict({"side": -1, "limit": 9_980}, wild, short=True) is None
    assert verdict({"side": -1, "limit": 9_900}, wild, short=True) is Refusal.SLIPPAGE
    assert verdict({"limit": 9_990, "post_only": True}, wild, slippage_bps=0.0) is None


@pytest.mark.parametrize(
    ("o", "v", "why", "limit", "value"),
    [
        ({"lots": 501}, {}, Refusal.PARTICIPATION, 500.0, 501),
        ({}, {"used": 1_991}, Refusal.PARTICIPATION, 2_000.0, 2_001),
        ({}, {"gross": 1e10}, Refusal.GROSS, 1e10, 1e10 + 100_000),
        ({}, {"net": 99_991}, Refusal.POSITION, 1e9, 100_001 * 10_000),
        ({}, {"cash": 5}, Refusal.CASH, 5, 100_100),
        ({}, {"last": 999 * S}, Refusal.INTERVAL, 30 * S, S),
        ({}, {"buys": 12}, Refusal.OPEN_ORDERS, 10, 12),
        ({"side": -1}, {"held": 3}, Refusal.SHORT, 0, -7),
        ({"lots": 3}, {"bid": 9_990, "held": -1}, Refusal.NOTIONAL, 10**6, 29_970),
        ({"limit": 10_300}, {}, Refusal.PRICE_BAND, 200.0, 300.0),
    ],
)
def test_a_refusal_says_what_it_was_held_against(
    o: Any, v: Any, why: Refusal, limit: float, value: float
) -> None:
    minimum = 10**6 if why is Refusal.NOTIONAL else 0
    result = examine(order(**o), rules(min_notional=minimum), view(**v))
    assert isinstance(result, Refused)
    assert (result.why, result.limit, result.value) == (why, limit, pytest.approx(value))


def test_default_limits_are_those_of_the_documents() -> None:
    default = GateRules(num=1, den=1, max_notional=1)
    assert (default.spread_bps, default.slippage_bps, default.band_bps) == (20.0, 50.0, 200.0)
    assert (default.participation, default.participation_hour) == (0.05, 0.10)
    assert (default.interval_ns, default.open_orders, default.stale_ns) == (30 * S, 10, 5 * S)
    assert (default.position, default.gross, default.margin, default.fee) == (0.10, 1.0, 1.0, 0.0)
    assert (default.lot_step, default.tick_step, default.min_notional) == (1, 1, 0)
    off = default.short, default.iceberg, default.reduce_only, default.bars
    assert off == (False,) * 4


def test_figures_beyond_what_is_counted_exactly_are_absurd() -> None:
    assert quote(view(bid=1, ask=2**53), rules()) is None
    absurd = quote(view(bid=1, ask=2**53 + 1), rules())
    assert absurd is not None
    assert absurd.why is Refusal.QUOTE_MISSING
    with pytest.raises(ConfigError):
        GateRules(num=1, den=1, max_notional=2**62)


def test_a_margin_buy_takes_its_margin() -> None:
    assert verdict({}, {"cash": 10_100}, margin=0.1) is None
    assert verdict({}, {"cash": 10_099}, margin=0.1) is Refusal.CASH


def test_values_in_another_currency_are_held_against_equity_at_its_rate() -> None:
    assert verdict({}, {"net": 49_990, "rate": 2.0}) is None
    assert verdict({}, {"net": 49_991, "rate": 2.0}) is Refusal.POSITION


@pytest.mark.parametrize(
    "wrong",
    [
        {"num": 0}, {"den": -1}, {"fee": NAN}, {"fee": -0.1}, {"gross": 0.0}, {"position": NAN},
        {"max_notional": 0}, {"spread_bps": INF}, {"participation": -0.1}, {"lot_step": 0},
        {"open_orders": -1}, {"margin": 0.0},
    ],
)  # fmt: skip
def test_rules_that_would_hold_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        GateRules(**{"num": 1, "den": 1, "max_notional": 1, **wrong})
