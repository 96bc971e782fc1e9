"""What the strategies still say when a run ends: every forecast that has not expired."""

from collections.abc import Iterator

import msgspec
import numpy as np
import polars as pl

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, STOP, Forecast
from kedge.domain.panel import F64, FRESH, I64, TRADABLE
from kedge.engine.pipeline import CELLS, Pipeline, fresh
from kedge.research.run import Run
from kedge.research.tables import instants
from kedge.strategies.flaws import valid


def live_forecasts(run: Run) -> Iterator[Forecast]:
    """The forecasts that live after the last row, as they were issued, by strategy.

    The strategies are asked again; a run keeps no forecasts.
    """
    said, rows = _last_said(run)
    ts = run.panel.ts
    for s, bound in enumerate(run.decision.strategies):
        for n, instrument in enumerate(run.panel.instruments):
            issued = int(ts[rows[s, n]])
            if rows[s, n] < 0 or int(ts[-1]) - issued > bound.terms.expiry_ns:
                continue
            stop = float(said[s, n, STOP])
            yield Forecast(
                strategy=bound.name,
                instrument=instrument.id,
                edge_bps=float(said[s, n, EDGE_BPS]),
                sigma_bps=float(said[s, n, SIGMA_BPS]),
                horizon_ns=bound.terms.horizon_ns,
                half_life_ns=bound.terms.half_life_ns,
                issued_at=issued,
                expires_at=issued + bound.terms.expiry_ns,
                confidence=float(said[s, n, CONFIDENCE]),
                stop_distance=stop if 0.0 < stop < np.inf else None,
            )


def forecasts_table(run: Run) -> pl.DataFrame:
    """One row per living forecast; the stop distance is in forward-adjusted prices."""
    symbols = {i.id: i.symbol for i in run.panel.instruments}
    found = [msgspec.structs.asdict(forecast) for forecast in live_forecasts(run)]
    table = pl.DataFrame(found, schema={name: _kind(name) for name in Forecast.__struct_fields__})
    return table.with_columns(
        instants(table["issued_at"].to_numpy()).alias("issued_at"),
        instants(table["expires_at"].to_numpy()).alias("expires_at"),
        pl.col("instrument").replace_strict(symbols, return_dtype=pl.String).alias("instrument"),
    ).rename({"instrument": "symbol"})


def _kind(field: str) -> pl.DataType:
    if field in ("strategy", "instrument"):
        return pl.String()
    return pl.Int64() if field.endswith(("_ns", "_at")) else pl.Float64()


def _last_said(run: Run) -> tuple[F64, I64]:
    """(S, N, FIELDS) the last valid forecast of each pair and (S, N) its row, -1 for none."""
    decision, panel = run.decision, run.panel
    shape = len(decision.strategies), len(panel.instruments)
    last, rows = np.full((*shape, FIELDS), np.nan), np.full(shape, -1)
    pipeline = Pipeline(decision, fresh(decision))
    size = max(1, CELLS // max(1, len(panel.instruments)))
    for start in range(0, panel.rows, size):
        stop = min(start + size, panel.rows)
        said = pipeline.forecast(panel, start, stop)
        usable = (panel.flags[start:stop] & (TRADABLE | FRESH)) == (TRADABLE | FRESH)
        counts = valid(said) & usable[:, None, :]
        heard = counts.any(axis=0)
        at = len(counts) - 1 - counts[::-1].argmax(axis=0)
        s, n = np.nonzero(heard)
        rows[s, n] = start + at[s, n]
        last[s, n] = said[at[s, n], s, n]
    return last, rows
