"""An order that the gate lets pass, its rules and its view; tests change one thing at a time."""

from typing import Any

from kedge.domain.control import Mode
from kedge.risk.gate import GateRules, View

S = 1_000_000_000

VIEW: dict[str, Any] = {
    "now": 1000 * S, "mode": Mode.ACTIVE, "killed": False, "link": True, "settled": True,
    "duplicate": False, "bid": 9_990, "ask": 10_000, "age": S, "held": 0, "net": 0, "buying": 0,
    "selling": 0, "key_buying": 0, "key_selling": 0, "buys": 0, "sells": 0, "last": -1, "used": 0,
    "row_volume": 10_000.0, "hour_volume": 20_000.0, "session_volume": 500_000.0, "sigma": 0.02,
    "cash": 10**10, "reserved": 0, "equity": 1e10, "gross": 0.0, "rate": 1.0,
}  # fmt: skip
"""Equity 10^10 and 1 minor unit per lot x tick: 10 % of equity is 100,000 lots at 10,000."""

RULES: dict[str, Any] = {"num": 1, "den": 1, "max_notional": 10**9, "min_notional": 10_000,
                         "fee": 0.001, "spread_bps": 20.0}  # fmt: skip


def view(**changes: Any) -> View:
    return View(**{**VIEW, **changes})


def rules(**changes: Any) -> GateRules:
    return GateRules(**{**RULES, **changes})
