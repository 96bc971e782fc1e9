"""What a reader must know of the data and the model before believing a number."""

from collections.abc import Iterator, Sequence

import numpy as np

from kedge.data.intervals import DAY
from kedge.domain import state as o
from kedge.domain.instrument import Instrument
from kedge.domain.panel import FRESH, TRADABLE, EventKind, Panel
from kedge.domain.rules import FillMode
from kedge.domain.wording import counted
from kedge.engine.rules_of import fill_mode
from kedge.research.daily import YEAR_NS, DailyEquity
from kedge.research.metrics import SHORTEST_DAYS, SHORTEST_YEARS
from kedge.research.run import Run
from kedge.research.strategy_rows import StrategyUse
from kedge.settings import Settings

MOST_NAMES = 5
_FILLS = {
    FillMode.NEXT_OPEN: "at the open of the next row",
    FillMode.NEXT_CLOSE: "at the close of the next row",
    FillMode.LIMIT: "at the close they were decided at, if the next row trades through it",
}


def data_notes(settings: Settings, run: Run) -> list[str]:
    """Sentences about the market data of a run, most serious first."""
    panel = run.panel
    return [
        *_same_price(settings, panel),
        *_membership(panel),
        *_kinds(panel),
        *_cells(panel),
        *_events(panel),
    ]


def _same_price(settings: Settings, panel: Panel) -> Iterator[str]:
    closes = [i for i in panel.instruments if i.close_only]
    configured = FillMode[settings.execution.fill.upper()]
    if closes and fill_mode(settings, panel.instruments) is not configured:
        yield (
            f"Orders fill at the close of the next row: of {names(closes, panel)} only closes are "
            "known, and the stand-in for an open is the price that the decision saw."
        )


def _membership(panel: Panel) -> Iterator[str]:
    if not panel.point_in_time:
        yield (
            "The universe is not point-in-time: its members were chosen knowing who survived, "
            "which flatters any rule that buys them."
        )


def _kinds(panel: Panel) -> Iterator[str]:
    closes = [i for i in panel.instruments if i.close_only]
    if closes:
        volume = _values({i.average_volume for i in closes})
        spread = _values({i.half_spread_bps for i in closes})
        yield (
            f"Close-only data ({names(closes, panel)}): open, high and low are a proxy derived "
            f"from successive closes, so stops and range features see less than the market did; "
            f"an average volume of {volume} units a row and a half-spread of {spread} bps are "
            "configured values, not observations."
        )
    adjusted = [i for i in panel.instruments if i.adjusted_only]
    if adjusted:
        yield (
            f"Adjusted-only data ({names(adjusted, panel)}): raw prices are unknown, so share "
            "counts, fees per share and price levels are not those of the day; dividends are in "
            "the prices and not in the postings."
        )
    if any(not i.close_only for i in panel.instruments):
        quoted = [i for i in panel.instruments if not i.close_only]
        yield (
            f"Bars hold no quotes: a half-spread of "
            f"{_values({i.half_spread_bps for i in quoted})} bps stands in for them."
        )


def _cells(panel: Panel) -> Iterator[str]:
    usable = (panel.flags & (TRADABLE | FRESH)) == (TRADABLE | FRESH)
    for n, instrument in enumerate(panel.instruments):
        rows = np.flatnonzero(usable[:, n])
        if not len(rows):
            yield f"{instrument.symbol} has no tradable bar in the span."
        elif rows[0] > 0:
            day = str(np.datetime64(int(panel.ts[rows[0]]), "ns").astype("datetime64[D]"))
            yield f"{instrument.symbol} has its first bar on {day}; its cells are masked before."
    masked = float(1.0 - usable.mean()) if usable.size else 0.0
    if masked > 0:
        yield f"{masked:.1%} of all cells are masked: nothing was filled forward into them."


def _events(panel: Panel) -> Iterator[str]:
    kinds = panel.events["kind"]
    counted = {kind: int((kinds == int(kind)).sum()) for kind in EventKind}
    said = [
        f"{count:,} {kind.name.lower()}{'s' if count != 1 and kind is not EventKind.FX else ''}"
        for kind, count in counted.items()
        if count
    ]
    if said:
        yield f"Dated events applied: {', '.join(said)}."


def strategy_notes(uses: Sequence[StrategyUse]) -> list[str]:
    """Sentences about strategies that run interpreted or have little to say."""
    notes = []
    for use in uses:
        if use.mode == "interpreted":
            notes.append(
                f"Strategy {use.name} does not compile and runs interpreted: the same numbers, "
                "some hundred times slower."
            )
        if use.without_forecast >= 1.0:
            notes.append(f"Strategy {use.name} gave no valid forecast in any tradable cell.")
    return notes


def fee_warning(panel: Panel) -> list[str]:
    """That some instruments trade without any fee, which few accounts do."""
    free = [i for i in panel.instruments if not (i.fees.maker_bps or i.fees.taker_bps)]
    if not free:
        return []
    return [
        f"Fees are 0 for {names(free, panel)}: set fees.maker_bps and fees.taker_bps in the "
        "store's instruments.yaml unless your broker charges nothing."
    ]


def span_warning(daily: DailyEquity) -> list[str]:
    """That the record is too short for a rate of growth a year."""
    if daily.years >= SHORTEST_YEARS:
        return []
    days = counted(max(1, round(daily.years * YEAR_NS / DAY)), "day")
    return [
        f"The record spans {days}: annualised growth (cagr, calmar) is not given below "
        f"{SHORTEST_DAYS:.0f} days, for the strategy and its benchmarks alike; the total return is."
    ]


def halt_note(run: Run) -> list[str]:
    """That the drawdown stop ended trading, and when."""
    if run.halted_row < 0:
        return []
    day = str(np.datetime64(int(run.panel.ts[run.halted_row]), "ns").astype("datetime64[D]"))
    return [
        f"The drawdown stop was reached on {day}: the book went flat and stayed so; every later "
        "row is cash."
    ]


def assumptions(settings: Settings, run: Run) -> list[str]:
    """What the simulation assumes beyond its data."""
    costs, execution = settings.costs, settings.execution
    impact = (
        f"impact {costs.impact_y:g} x daily volatility x sqrt(order / daily volume)"
        if costs.impact == "square_root"
        else "the described impact model, which is far more optimistic than the square-root law"
    )
    fees = sorted({(i.fees.maker_bps, i.fees.taker_bps) for i in run.panel.instruments})
    charged = ", ".join(f"{maker:g} / {taker:g}" for maker, taker in fees)
    stress = "" if costs.stress == 1.0 else f" All costs are multiplied by {costs.stress:g}."
    late = execution.latency_rows
    return [
        f"Orders fill {_FILLS[FillMode(int(run.decision.program.params.Q[o.Q_FILL]))]}"
        f"{f', {late} rows late' if late else ''}; what is left after that bar is cancelled.",
        f"Costs: half-spread, {impact}, fees (maker / taker) of {charged} bps.{stress}",
        f"Cash earns {costs.cash_rate:.2%} a year; the Sharpe ratio is in excess of it.",
        "Leverage is not modelled: gross exposure stays at or below 1x.",
    ]


def names(instruments: Sequence[Instrument], panel: Panel) -> str:
    """The first symbols of some instruments and how many there are."""
    if len(instruments) == len(panel.instruments):
        return f"all {len(instruments)} instruments"
    listed = ", ".join(i.symbol for i in instruments[:MOST_NAMES])
    more = len(instruments) - MOST_NAMES
    return f"{listed} and {more} more" if more > 0 else listed


def _values(values: set[float]) -> str:
    low, high = (f"{bound:,.10g}" for bound in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"
