"""What ``kedge backtest`` shows: progress on stderr, then the result in a few lines."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from kedge.interfaces.cli.output import console, write_table
from kedge.research.outputs import REPORT
from kedge.research.report.numbers import Format, count, money, percent, ratio
from kedge.research.verdict import SEARCH
from kedge.research.words import judged_stricter

HEADLINES: Final = {
    "none": "No evidence of an edge",
    "weak": "Weak evidence of an edge",
    "strong": "Strong evidence of an edge",
}
FIGURES: Final[tuple[tuple[str, str, Format], ...]] = (
    ("total_return", "Total return", percent(1)),
    ("cagr", "CAGR", percent(1)),
    ("volatility", "Volatility", percent(1)),
    ("sharpe", "Sharpe", ratio),
    ("max_drawdown", "Max. drawdown", percent(1)),
    ("trades", "Trades", count),
    ("fees", "Fees", money),
    ("slippage", "Slippage", money),
)
REASONS: Final = 3
HINTS: Final = {"compiling": "compiling (the first time after an install: about a minute)"}


class Phases:
    """The stages of a run: a progress bar where a person looks, and seconds by name.

    Args:
        quiet: show nothing.
    """

    def __init__(self, quiet: bool) -> None:
        screen = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=screen,
            transient=True,
            disable=quiet or not screen.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._names: list[str] = []
        self._began: list[float] = []

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def begin(self, name: str) -> None:
        """A stage begins, and the one before it ends."""
        self._names.append(name)
        self._began.append(perf_counter())
        self._bar.reset(self._task, description=HINTS.get(name, name), total=None)

    def step(self, name: str, total: int) -> None:
        """One of ``total`` parts of the stage is done."""
        self._bar.update(
            self._task, description=f"{self._names[-1]}: {name}", total=total, advance=1
        )

    def seconds(self) -> dict[str, float]:
        """Seconds of each stage so far; the last one until now."""
        ends = [*self._began[1:], perf_counter()]
        return {n: end - at for n, at, end in zip(self._names, self._began, ends, strict=True)}


def summarize(result: Mapping[str, Any], out: Path) -> None:
    """The verdict and its first reasons, key figures, limits, and where the report is."""
    screen, evidence = console(), result["evidence"]
    screen.print(f"{HEADLINES[evidence['verdict']]} (simulated)", style="bold", markup=False)
    for reason in _shown(evidence["reasons"]):
        screen.print(f"- {reason}", markup=False)
    if evidence["stricter"]:
        screen.print(f"- {judged_stricter(evidence['stricter'])}", markup=False)
    if result["halted"] is not None:
        screen.print(f"- halted by the drawdown stop on {result['halted']['ts'][:10]}")
    for warning in result["data"]["warnings"]:
        screen.print(f"- warning: {warning}", markup=False)
    screen.print()
    _figures(result)
    _limits(result)
    screen.print(f"\nreport: {out / REPORT}", markup=False, soft_wrap=True)


def _shown(reasons: Sequence[str]) -> list[str]:
    """The first reasons, and wherever it stands the one about a search."""
    return [*reasons[:REASONS], *(r for r in reasons[REASONS:] if SEARCH in r)]


def _figures(result: Mapping[str, Any]) -> None:
    benchmarks = result["benchmark"]
    shown = [name for name in ("index", "buy_and_hold", "equal_weight") if name in benchmarks]
    titles = {"index": result["benchmark_symbol"], "buy_and_hold": "buy and hold"}
    heads = ["", "strategy", "95% range", *(titles.get(n, n.replace("_", " ")) for n in shown)]
    rows = []
    for name, plain, form in FIGURES:
        title = f"{plain}, {result['currency']}" if form is money else plain
        around = result["intervals"].get(name)
        known = around is not None and around["low"] is not None
        between = f"{form(around['low'])} to {form(around['high'])}" if known else ""
        own = form(result["metrics"][name])
        traded = name == "trades" or form is money
        others = ("" if traded else form(benchmarks[other][name]) for other in shown)
        rows.append([title, own, between, *others])
    write_table(heads, rows)


def _limits(result: Mapping[str, Any]) -> None:
    """Limits that bound, most often first, and how many never did."""
    bound = sorted((x for x in result["limits"] if x["bound"]), key=lambda x: -x["share"])
    console().print()
    write_table(
        ("limit", "bound in", "share"),
        [
            (x["name"], f"{x['bound']:,} of {x['cells']:,} {x['counted_in']}", f"{x['share']:.1%}")
            for x in bound
        ],
    )
    never = len(result["limits"]) - len(bound)
    console().print(f"{never} further limits never bound; the report says why", markup=False)
