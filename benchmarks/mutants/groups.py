"""Which sources are mutated, and which tests are theirs."""

from typing import Final, NamedTuple


class Part(NamedTuple):
    """Sources that share their tests.

    Attributes:
        sources: files or patterns under ``src/kedge``.
        tests: files and folders under ``tests``, quick ones first.
    """

    sources: tuple[str, ...]
    tests: tuple[str, ...]


_DESK: Final = ("unit/engine/trading",)
_JOURNAL: Final = ("unit/ledger/journal", "properties/test_journal.py")
_RECOVERY: Final = ("ledger/journal/recovery.py", "ledger/journal/snapshot.py")

GROUPS: Final = {
    "gate": (
        Part(
            ("risk/gate*.py", "risk/approved.py"),
            ("unit/risk/test_approved.py", "unit/risk/test_gate.py", "properties/test_gate.py"),
        ),
    ),
    "lifecycle": (
        Part(
            tuple(
                f"execution/{name}.py"
                for name in ("lifecycle", "steps", "endings", "deadlines", "tracked", "seen")
            ),
            (
                "unit/execution/test_lifecycle.py", "unit/execution/test_deadlines.py",
                "unit/execution/test_seen.py", "properties/test_order_lifecycle.py",
            ),
        ),
    ),
    "ledger": (
        Part(("ledger/journal/*.py", *(f"!{each}" for each in _RECOVERY)), _JOURNAL),
        Part(("engine/trading/fold*.py",), _DESK),
    ),
    "recovery": (
        Part(_RECOVERY, _JOURNAL),
        Part(("engine/trading/recovery.py", "engine/trading/snapshot.py"), _DESK),
        Part(("execution/reconcile/*.py",), ("unit/execution/reconcile",)),
    ),
}  # fmt: skip
"""By name; a pattern after ``!`` takes files out again."""
