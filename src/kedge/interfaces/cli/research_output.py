"""What the searches of ``kedge research`` show and write."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from kedge.domain.wording import counted
from kedge.interfaces.cli.output import console, write_json, write_table
from kedge.research.diagnostics import Diagnostics
from kedge.research.report.numbers import Format, count, percent, ratio
from kedge.research.search import CandidateRow, Search
from kedge.research.sweep_page import render
from kedge.research.verdict import Evidence
from kedge.research.walk_forward import WalkForward
from kedge.research.whole_folder import check_folder, write_whole
from kedge.research.words import judged_stricter

FIGURES: Final[dict[str, tuple[str, Format]]] = {
    "sharpe": ("Sharpe", ratio),
    "cagr": ("CAGR", percent(1)),
    "max_drawdown": ("drawdown", percent(1)),
    "total_return": ("return", percent(1)),
    "trades": ("trades", count),
}
"""Titles and forms of the figures of a run; other columns stand as they are named."""
LISTED = 10
REASONS = 3
HEADLINES = {
    "none": "No evidence of an edge",
    "weak": "Weak evidence of an edge",
    "strong": "Strong evidence of an edge",
}


def search_json(search: Search) -> dict[str, Any]:
    """The content of ``sweep.json``."""
    found = search.overfitting
    return {
        "strategy": search.result.grid.strategy,
        "candidates": search.result.candidates,
        "skipped": search.result.skipped,
        "best": msgspec.to_builtins(search.rows[search.best]),
        "evidence": msgspec.to_builtins(search.evidence),
        "overfitting": None
        if found is None
        else {
            name: getattr(found, name)
            for name in ("pbo", "slope", "intercept", "r_squared", "probability_of_loss")
        },
        "ledger_hash": search.ledger_hash,
        "rows": msgspec.to_builtins(search.rows),
    }


SWEEP_FILES: Final = ("sweep.json", "sweep.html")
WALK_FILES: Final = ("walk_forward.json",)


def write_search(search: Search, out: Path | None) -> None:
    """``sweep.json`` and ``sweep.html``, both or neither."""
    if out is not None:
        check_folder(out, SWEEP_FILES)
        texts = (_encoded(search_json(search)), render(search))
        write_whole(out, zip(SWEEP_FILES, (text.encode() for text in texts), strict=True))


def show_search(search: Search, added: int, out: Path | None, as_json: bool) -> None:
    """The verdict, its reasons, the best candidates."""
    if as_json:
        write_json(search_json(search))
        return
    _headline(search.evidence)
    result = search.result
    ordered = sorted(search.rows, key=_skill, reverse=True)
    names = [name for name, _ in result.grid.axes]
    write_table(
        (*names, "residual Sharpe", "Sharpe", "CAGR", "max. drawdown", "trades"),
        [
            (*(f"{row.params[n]:g}" for n in names), ratio(row.residual_sharpe), ratio(row.sharpe),
             percent(1)(row.cagr), percent(1)(row.max_drawdown), count(row.trades))
            for row in ordered[:LISTED]
        ],
    )  # fmt: skip
    tail = f", {result.skipped:,} combinations skipped as invalid" if result.skipped else ""
    new = f"{added:,} of them new in the trial ledger"
    console().print(f"{result.candidates:,} candidates, {new}{tail}", markup=False)
    if out is not None:
        console().print(f"page: {out / 'sweep.html'}", markup=False, soft_wrap=True)


def _skill(row: CandidateRow) -> float:
    return float("-inf") if row.residual_sharpe is None else row.residual_sharpe


def walk_json(walk: WalkForward) -> dict[str, Any]:
    """The content of ``walk_forward.json``."""
    return {
        "figures": dict(walk.figures),
        "evidence": msgspec.to_builtins(walk.evidence),
        "segments": [
            {**msgspec.to_builtins(s), **{n: _day(getattr(s, n)) for n in _SPANS}}
            for s in walk.segments
        ],
        "daily": {"ts": walk.days.tolist(), "returns": walk.returns.tolist()},
    }


_SPANS = ("train_from", "train_to", "test_from", "test_to")


def write_walk(walk: WalkForward, out: Path | None) -> None:
    """``walk_forward.json``, whole or not at all."""
    if out is not None:
        check_folder(out, WALK_FILES)
        write_whole(out, [(WALK_FILES[0], _encoded(walk_json(walk)).encode())])


def show_walk(walk: WalkForward, added: int, as_json: bool) -> None:
    """The verdict on the untouched segments, and each of them."""
    if as_json:
        write_json(walk_json(walk))
        return
    _headline(walk.evidence)
    write_table(
        ("segment", "chosen", "inner", "residual Sharpe", "return", "trades"),
        [
            (
                f"{_day(s.test_from)} to {_day(s.test_to)}",
                ", ".join(f"{k} {v:g}" for k, v in s.params.items()),
                ratio(s.inner_sharpe),
                ratio(s.sharpe),
                percent(1)(s.total_return),
                count(s.trades),
            )
            for s in walk.segments
        ],
    )
    figures = walk.figures
    console().print(
        f"out of sample: residual Sharpe {ratio(figures['residual_sharpe'])}, "
        f"Sharpe {ratio(figures['sharpe'])}, CAGR {percent(1)(figures['cagr'])}, "
        f"max. drawdown {percent(1)(figures['max_drawdown'])}; {counted(added, 'new trial')}",
        markup=False,
    )


def show_diagnostics(checks: Diagnostics, as_json: bool) -> None:
    """A table for each kind of change."""
    content = checks.as_result()
    if as_json:
        write_json(content)
        return
    for title, rows in (("costs", content["stress"]), *content["robustness"].items()):
        console().print(f"\n{title}", style="bold", markup=False)
        heads = [FIGURES[n][0] if n in FIGURES else n for n in (rows[0] if rows else ())]
        write_table(heads, [tuple(_cell(*cell) for cell in row.items()) for row in rows])


def _headline(evidence: Evidence) -> None:
    console().print(f"{HEADLINES[evidence.verdict.value]} (simulated)", style="bold", markup=False)
    for reason in evidence.reasons[:REASONS]:
        console().print(f"- {reason}", markup=False)
    if evidence.stricter:
        console().print(f"- {judged_stricter(evidence.stricter)}", markup=False)


def _encoded(value: Mapping[str, object]) -> str:
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def _day(ns: int) -> str:
    return datetime.fromtimestamp(ns // 10**9, UTC).date().isoformat()


def _cell(name: str, value: Any) -> str:
    if name in FIGURES:
        return FIGURES[name][1](value)
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
