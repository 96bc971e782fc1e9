"""What the quality checks say of a run's data, worst first."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from kedge.data.quality.findings import Finding, Quality, Severity

WORST: Final = 10
"""Findings listed with time and remedy; the rest are counted."""
MOST_NAMES: Final = 5
_RANK: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def quality_block(checked: Sequence[Quality]) -> dict[str, Any]:
    """The ``data.quality`` block of ``result.json``.

    Args:
        checked: of every instrument that was run.
    """
    found = _worst_first(checked)
    return {
        "bars": sum(each.rows for each in checked),
        **{f"{s.value}s": sum(f.count for f in found if f.severity is s) for s in Severity},
        "counts": _counts(found),
        "worst": msgspec.to_builtins(found[:WORST]),
    }


def error_warning(checked: Sequence[Quality]) -> list[str]:
    """One plain sentence if bars are wrong; what they are is in the block."""
    wrong = [f for each in checked for f in each.findings if f.severity is Severity.ERROR]
    if not wrong:
        return []
    symbols = list(dict.fromkeys(finding.symbol for finding in wrong))
    checks = sorted({finding.check for finding in wrong})
    more = len(symbols) - MOST_NAMES
    named = ", ".join(symbols[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    bars = sum(finding.count for finding in wrong)
    return [
        f"{bars:,} bar{'s' if bars != 1 else ''} of the data contain{'' if bars != 1 else 's'} "
        f"errors ({', '.join(checks)}: {named}; the first on {min(f.ts for f in wrong)[:10]}), and "
        "this result rests on them: the report lists each with its remedy."
    ]


def _worst_first(checked: Sequence[Quality]) -> list[Finding]:
    every = [finding for each in checked for finding in each.findings]
    return sorted(every, key=lambda f: (_RANK[f.severity], -f.count, f.ts, f.symbol, f.check))


def _counts(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Bars concerned by each kind of finding, in the order of the findings."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        kinds.setdefault((finding.check, finding.severity.value), []).append(finding)
    return [
        {
            "check": check,
            "severity": severity,
            "bars": sum(finding.count for finding in of_kind),
            "symbols": sorted({finding.symbol for finding in of_kind}),
        }
        for (check, severity), of_kind in kinds.items()
    ]
