"""``result.json``: every figure of a study, in one mapping."""

import json
import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from kedge import __version__
from kedge.research.data_quality import error_warning, quality_block
from kedge.research.diagnostics import Diagnostics
from kedge.research.entries import posting_totals
from kedge.research.limits_table import decision_rows, limit_rows
from kedge.research.notes import (
    assumptions,
    data_notes,
    fee_warning,
    halt_note,
    span_warning,
    strategy_notes,
)
from kedge.research.study import Study
from kedge.research.totals import attribution_of


def result_of(study: Study, diagnostics: Diagnostics | None) -> dict[str, Any]:
    """The content of ``result.json`` without its timing.

    Args:
        study: the run, judged.
        diagnostics: what was tried with it; None when that was skipped.
    """
    run = study.run
    robustness = {} if diagnostics is None else diagnostics.as_result()
    built = msgspec.to_builtins
    return {
        "kedge": __version__,
        "config_hash": study.config_hash,
        "currency": run.decision.program.currencies[0],
        "seed": study.settings.seed,
        "data": _data(study),
        "metrics": built(study.metrics),
        "benchmark": built(study.benchmark),
        "benchmark_symbol": study.comparison.index or None,
        "exposure": study.comparison.exposure,
        "intervals": built(study.intervals),
        "evidence": built(study.evidence) | {"ledger_hash": study.ledger_hash},
        "halted": _halted(study),
        "limits": limit_rows(run, study.rules),
        "decisions": decision_rows(run),
        "strategies": built(study.strategies),
        "attribution": attribution_of(run, study.strategies),
        "postings": posting_totals(run),
        **robustness,
        "assumptions": assumptions(study.settings, run),
    }


def _data(study: Study) -> dict[str, Any]:
    panel = study.run.panel
    notes = [
        *halt_note(study.run),
        *data_notes(study.settings, study.run),
        *strategy_notes(study.strategies),
    ]
    return {
        "symbols": list(panel.symbols),
        "interval": study.settings.universe.interval,
        "from": instant(int(panel.ts[0])),
        "to": instant(int(panel.ts[-1])),
        "rows": panel.rows,
        "sessions": study.daily.days,
        "sessions_per_year": panel.sessions_per_year,
        "point_in_time": panel.point_in_time,
        "fingerprint": panel.fingerprint,
        "warnings": [
            *error_warning(study.quality),
            *span_warning(study.daily),
            *fee_warning(panel),
        ],
        "quality": quality_block(study.quality),
        "notes": notes,
    }


def _halted(study: Study) -> dict[str, Any] | None:
    """When the drawdown stop ended trading; None if it did not."""
    run = study.run
    if run.halted_row < 0:
        return None
    return {"ts": instant(int(run.panel.ts[run.halted_row])), "row": run.halted_row}


def instant(ts: int) -> str:
    """Nanoseconds since 1970 as ISO 8601 in UTC, to the second."""
    return f"{np.datetime64(ts, 'ns').astype('datetime64[s]')}Z"


def encode(result: Mapping[str, Any]) -> str:
    """Indented JSON with a final line break; what is not a finite number is null."""
    return json.dumps(_plain(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case np.generic():
            return _plain(value.item())
        case float() if not math.isfinite(value):
            return None
        case _:
            return value
