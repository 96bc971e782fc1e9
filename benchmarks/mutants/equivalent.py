"""Mutants that do the same as the source, and why: looked at by hand, by their lines."""

from typing import Final

_SIDE: Final = "a side is 1 or -1: `well_formed` comes first"
_UNREACHABLE: Final = "nothing comes here: the cases before it are all there are"

EQUIVALENT: Final[dict[tuple[str, str, str], str]] = {
    (
        "risk/gate_checks.py",
        "working = view.key_buying if order.side > 0 else view.key_selling",
        "working = view.key_buying if (order.side >= 0) else view.key_selling",
    ): _SIDE,
    (
        "risk/gate_checks.py",
        "if order.side > 0:",
        "if (order.side >= 0):",
    ): _SIDE,
    (
        "risk/gate_checks.py",
        "reached = long if order.side > 0 else -short",
        "reached = long if (order.side >= 0) else -short",
    ): _SIDE,
    (
        "risk/gate_checks.py",
        "if order.side < 0:",
        "if order.side < 1:",
    ): _SIDE,
    (
        "risk/gate_checks.py",
        "return None if rules.short or left >= 0 else Refused(Refusal.SHORT, 0.0, left)",
        "return None if rules.short or (left > 0) else Refused(Refusal.SHORT, 0.0, left)",
    ): "a sale of just what is there is a reduction, which is not held against this",
    (
        "execution/endings.py",
        "if total < state.filled:",
        "if (total <= state.filled):",
    ): "what is equal was answered two lines before",
    (
        "execution/deadlines.py",
        "return min(first << min(tries - 1, 40), longest)",
        "return min(first << min(tries - 1, 41), longest)",
    ): "a pause of 2^40 ns or more is longer than the longest either way",
    (
        "execution/seen.py",
        "return int(trade) if trade.isascii() and trade.isdigit() and len(trade) < 19 else -1",
        "return int(trade) if trade.isascii() and trade.isdigit() and len(trade) < 19 else -2",
    ): "the largest number is never below -1, and what is below 0 is not compared",
    ("execution/deadlines.py", "assert_never(state)", "pass"): _UNREACHABLE,
    ("execution/deadlines.py", "assert_never(state)", "return"): _UNREACHABLE,
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
    (
        "ledger/journal/recovery.py",
        "if last.end > HEADER or last.segment.schema == schema:",
        "if last.end > HEADER or (last.segment.schema != schema):",
    ): "an empty segment of another schema is then replaced by one of the same name",
    ("ledger/journal/recovery.py", "refuse_newer(disk, tuple(segments), schema)", "pass"): (
        "no schema is newer than the last segment's, which is looked at again further down"
    ),
    (
        "ledger/journal/disk.py",
        "while found and len(found) < size:",
        "while (found or len(found) < size):",
    ): "a read that brings nothing ends it",
    ("engine/trading/snapshot.py", "desk.by_key = [set() for _ in desk.by_key]", "pass"): (
        "a desk that takes a snapshot is a fresh one: the sets are empty"
    ),
    ("engine/trading/fold_rows.py", "refresh(desk, n)", "pass"): (
        "where a position ends by itself the step has emptied what was pending"
    ),
}
"""By file, line before and line after."""
