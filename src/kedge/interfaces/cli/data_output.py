"""What ``kedge data`` shows: progress on stderr, tables for people, JSON for programs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.progress import Progress

from kedge.data.contents import Called, Held
from kedge.data.dated_import import DatedReport
from kedge.data.import_report import ImportReport
from kedge.data.importers import ImportSpec, import_bars
from kedge.data.quality.check import check_instrument
from kedge.data.quality.findings import Quality, Severity
from kedge.data.sample import SampleReport, import_sample
from kedge.data.store import ParquetStore
from kedge.interfaces.cli.output import console, write_json, write_table
from kedge.settings import QualityChecks

T = TypeVar("T")
SAMPLE_SYMBOLS = 26
MOST_SHOWN = 40


def import_with_progress(
    store: ParquetStore, path: Path, spec: ImportSpec, quiet: bool
) -> tuple[ImportReport, ...]:
    """Import bars behind a progress bar that shows on a terminal only."""
    return _with_progress(quiet, lambda step: import_bars(store, path, spec, step))


def sample_with_progress(store: ParquetStore, quiet: bool) -> SampleReport:
    """Import the sample behind a progress bar that shows on a terminal only."""
    return _with_progress(
        quiet, lambda step: import_sample(store, lambda name: step(name, SAMPLE_SYMBOLS))
    )


def write_imports(
    store: ParquetStore, reports: Sequence[ImportReport], limits: QualityChecks, as_json: bool
) -> None:
    """Reports of an import, each with its quality check."""
    checked = [check_instrument(store, each.id, each.interval, limits=limits) for each in reports]
    if as_json:
        write_json(
            {"imports": msgspec.to_builtins(reports), "quality": msgspec.to_builtins(checked)}
        )
        return
    write_table(
        ("symbol", "interval", "rows", "revised", "first", "last", "tick"),
        [
            (
                e.symbol,
                e.interval,
                f"{e.rows:,}",
                f"{e.revised:,}",
                _when(e.first),
                _when(e.last),
                e.tick,
            )
            for e in reports
        ],
    )
    _write_notes(reports)
    write_quality(checked, as_json=False)


def write_dated(report: DatedReport, as_json: bool) -> None:
    """The report of an import of events or of a universe."""
    if as_json:
        write_json(msgspec.to_builtins(report))
        return
    console().print(f"{report.source}: {report.rows:,} rows, {report.added:,} new", markup=False)
    write_table(("what", "rows"), [(name, f"{n:,}") for name, n in report.counts.items()])


def write_quality(checked: Sequence[Quality], as_json: bool) -> None:
    """Quality checks: a summary line each, then the findings."""
    if as_json:
        every = [finding for each in checked for finding in each.findings]
        counts = {s.value: sum(f.severity is s for f in every) for s in Severity}
        write_json({"quality": msgspec.to_builtins(checked), "findings": counts})
        return
    write_table(
        ("symbol", "interval", "rows", "complete", "errors", "warnings", "found"),
        [_summary(each) for each in checked],
    )
    serious = [f for each in checked for f in each.findings if f.severity is not Severity.INFO]
    # the sort is stable: errors first, otherwise as they stand
    serious.sort(key=lambda finding: finding.severity is not Severity.ERROR)
    if serious:
        write_table(
            ("symbol", "time", "severity", "check", "finding"),
            [
                (f.symbol, _when(f.ts), f.severity.value, f.check, f.what)
                for f in serious[:MOST_SHOWN]
            ],
        )
    if len(serious) > MOST_SHOWN:
        console().print(f"- {len(serious) - MOST_SHOWN:,} more: kedge data check SYMBOL, or --json")
    for check, remedy in sorted({f.check: f.remedy for f in serious}.items()):
        console().print(f"- {check}: {remedy}", markup=False)


def write_contents(held: Sequence[Held], each_in_full: bool, as_json: bool) -> None:
    """What the store holds: a line for each interval of each instrument, then its details."""
    if as_json:
        write_json({"instruments": msgspec.to_builtins(held)})
        return
    write_table(
        ("id", "symbol", "interval", "bars", "first", "last", "events"),
        [row for each in held for row in _held(each)],
    )
    for each in held if each_in_full else ():
        console().print(f"- {each.id}: {', '.join(each.settings)}", markup=False)
        names = ", ".join(_name(called) for called in each.names) or "unknown"
        console().print(f"- {each.id} was called {names}", markup=False)


def _held(each: Held) -> list[tuple[str, ...]]:
    events = ", ".join(f"{kind} {count:,}" for kind, count in each.events.items()) or "none"
    start = (each.id, each.symbol or "unknown")
    return [
        (*start, s.interval, f"{s.bars:,}", _when(s.first or "-"), _when(s.last or "-"), events)
        for s in each.bars
    ] or [(*start, "-", "0", "-", "-", events)]


def _name(called: Called) -> str:
    since = f" since {_when(called.since)}" if called.since else ""
    return called.symbol + since


def write_sample(report: SampleReport, store: str, as_json: bool) -> None:
    """What the sample put into the store."""
    if as_json:
        write_json(msgspec.to_builtins(report))
        return
    out = console()
    out.print(
        f"{report.rows:,} bars, {report.splits} splits and {report.dividends} dividends in {store}",
        markup=False,
    )
    write_table(
        ("universe", "symbols"),
        [(name, " ".join(symbols)) for name, symbols in report.universes.items()],
    )
    for note in report.notes:
        out.print(f"- {note}", markup=False)


def errors_in(checked: Sequence[Quality]) -> int:
    """Findings that distort results."""
    return sum(f.severity is Severity.ERROR for each in checked for f in each.findings)


def _summary(quality: Quality) -> tuple[str, ...]:
    def bars(severity: Severity) -> str:
        return f"{sum(f.count for f in quality.findings if f.severity is severity):,}"

    found = ", ".join(f"{name} {count:,}" for name, count in quality.counts.items())
    return (
        quality.symbol,
        quality.interval,
        f"{quality.rows:,}",
        f"{quality.completeness:.2%}",
        bars(Severity.ERROR),
        bars(Severity.WARNING),
        found or "nothing",
    )


def _when(ts: str) -> str:
    return ts.removesuffix("T00:00:00Z")


def _write_notes(reports: Sequence[ImportReport]) -> None:
    """Notes, those that many instruments share written once."""
    out = console()
    said: dict[str, list[str]] = {}
    for each in reports:
        columns = ", ".join(f"{role} = {name}" for role, name in each.columns.items())
        assumed = f"assumed: {'; '.join(each.assumptions)}"
        for note in (f"columns: {columns}", *each.notes, assumed):
            said.setdefault(note, []).append(each.symbol)
    for note, symbols in said.items():
        whose = "" if len(symbols) == len(reports) else f" [{', '.join(symbols[:6])}]"
        out.print(f"- {note}{whose}", markup=False)


def _with_progress(quiet: bool, work: Callable[[Callable[[str, int], None]], T]) -> T:
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=quiet or not screen.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def step(name: str, total: int) -> None:
            bar.update(task, description=name, total=total, advance=1)

        return work(step)
