"""Mutants that do the same as the source, and why: looked at by hand, by their lines."""

from typing import Final

_UNREACHABLE: Final = "nothing comes here: the cases before it are all there are"

EQUIVALENT: Final[dict[tuple[str, str, str], str]] = {
    (
        "risk/gate_checks.py",
        "working = view.key_buying if order.side > 0 else view.key_selling",
        "working = view.key_buying if (order.side >= 0) else view.key_selling",
    ): "a side is 1 or -1: `well_formed` comes first",
    ("execution/deadlines.py", "assert_never(state)", "pass"): _UNREACHABLE,
    ("execution/lifecycle.py", "assert_never(state)", "pass"): _UNREACHABLE,
    ("execution/lifecycle.py", "assert_never(state)", "return"): _UNREACHABLE,
    (
        "risk/gate_checks.py",
        "gross = view.gross + view.rate * worth(max(0, added), dearest, rules.num, rules.den)",
        "gross = view.gross + view.rate * worth(max(1, added), dearest, rules.num, rules.den)",
    ): "only what adds a whole lot or more is held against the limit",
    (
        "ledger/journal/recovery.py",
        "following = _next(disk, seq, chain) if first_set(data, end) < 0 else None",
        "following = _next(disk, seq, chain) if (first_set(data, end) <= 0) else None",
    ): "the search begins after the header: it finds a place above 0, or -1",
}
"""By file, line before and line after."""
