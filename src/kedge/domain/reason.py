"""Why a target is what it is, and why an order filled.

The decision step writes one `Reason` per instrument and row; a fill carries one
too. Codes are stable: they are stored in results and journals.
"""

from enum import IntEnum


class Reason(IntEnum):
    """Reason codes, in the order in which a row can give them."""

    NONE = 0
    MASKED = 1
    HALTED = 2
    EXITING = 3
    NO_FORECAST = 4
    LOCKED = 5
    CONFIDENCE = 6
    COST = 7
    LEFT = 9
    INPUT = 10
    SHORT = 11
    SPREAD = 12
    SLIPPAGE = 13
    DRAWDOWN = 14
    DAILY_LOSS = 15
    LOSSES = 16
    TRADE_RISK = 17
    POSITION = 18
    OPEN_RISK = 19
    GROUP = 20
    GROSS = 21
    VOL_TARGET = 22
    VAR = 23
    ES = 24
    FEW_SCENARIOS = 25
    INFEASIBLE = 26
    PARTICIPATION = 27
    INTERVAL = 28
    OPEN_ORDERS = 29
    NOTIONAL = 30
    CASH = 31
    STOP = 40
    DELISTED = 41
    DEAL = 42


COUNT = 43
"""Length of an array indexed by reason code."""

MEANING: dict[Reason, str] = {
    Reason.NONE: "nothing held it back",
    Reason.MASKED: "the instrument is not tradable in this row",
    Reason.HALTED: "the drawdown stop was reached; only reductions",
    Reason.EXITING: "a stop-out is still being worked off",
    Reason.NO_FORECAST: "no strategy has a view",
    Reason.LOCKED: "stopped out on this side; waits for the forecast to cross zero",
    Reason.CONFIDENCE: "confidence is not above the gate",
    Reason.COST: "the expected edge does not pay its costs",
    Reason.LEFT: "no longer a member of the universe; only reductions",
    Reason.INPUT: "a risk input is missing or not yet warmed up",
    Reason.SHORT: "the instrument cannot be sold short",
    Reason.SPREAD: "the spread is too wide",
    Reason.SLIPPAGE: "the expected slippage is too high",
    Reason.DRAWDOWN: "the drawdown throttle",
    Reason.DAILY_LOSS: "the daily loss limit",
    Reason.LOSSES: "too many losing trades in a row",
    Reason.TRADE_RISK: "risk per trade at the stop",
    Reason.POSITION: "the position limit",
    Reason.OPEN_RISK: "open risk summed at the stops",
    Reason.GROUP: "net beta exposure of a correlated group",
    Reason.GROSS: "gross exposure",
    Reason.VOL_TARGET: "the volatility target",
    Reason.VAR: "value at risk",
    Reason.ES: "expected shortfall",
    Reason.FEW_SCENARIOS: "too few sessions for the historical method; parametric figures used",
    Reason.INFEASIBLE: "what cannot be sold in this row breaches a limit on its own",
    Reason.PARTICIPATION: "share of the traded volume",
    Reason.INTERVAL: "the minimum interval between orders",
    Reason.OPEN_ORDERS: "the number of open orders",
    Reason.NOTIONAL: "below the minimum notional",
    Reason.CASH: "not enough cash",
    Reason.STOP: "the protective stop",
    Reason.DELISTED: "delisted: no trade for several sessions",
    Reason.DEAL: "closed at a deal price",
}
