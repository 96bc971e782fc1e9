"""The one place where parts are chosen and wired.

`deciding` makes the compiled decision that every mode shares, `gate` the rules of orders,
`listing` what a session trades, and `paper` the session itself.
"""

from kedge.bootstrap.deciding import (
    FALLBACK_CURRENCY,
    bind_strategies,
    check_data,
    decide_on,
    decision_of,
    in_currency,
    number_currencies,
    open_panel,
    reporting_currency,
)

__all__ = [
    "FALLBACK_CURRENCY",
    "bind_strategies",
    "check_data",
    "decide_on",
    "decision_of",
    "in_currency",
    "number_currencies",
    "open_panel",
    "reporting_currency",
]
