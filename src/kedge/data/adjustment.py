"""Dated events of a panel, and the forward adjustment that features see.

The factor of an instrument starts at 1 and changes only on the row where a
split or dividend takes effect: by ``a / b`` for ``a`` new units for ``b`` old
ones, by ``1 / (1 - d / p)`` for a dividend ``d`` and previous close ``p`` (the
total-return convention of CRSP). Raw price times factor is continuous, and no
event ever moves what was seen before it.
"""

from collections.abc import Sequence

import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, F64, I64, EventKind
from kedge.ports.store import Action, Store

PRICED = (EventKind.SPLIT, EventKind.DIVIDEND)


def event_rows(
    store: Store,
    instruments: Sequence[Instrument],
    ts: I64,
    fresh: np.ndarray,
    as_of: int | None,
    currencies: Sequence[str],
) -> np.ndarray:
    """The panel's events, dtype ``EVENT``, sorted by row, kind and index.

    An event belongs to the first row after the instant at which it is both
    effective and known. Those before an instrument's first bar, when nobody can
    have held it, and those after the last row are left out.

    Args:
        store: where events are read.
        instruments: N instruments.
        ts: (T,) row instants, ns UTC.
        fresh: (T, N) cells with a bar.
        as_of: events known later are not seen, ns UTC.
        currencies: code of each currency number, for fx rates.
    """
    found: list[tuple[int, int, int, int, int, float]] = []
    for column, instrument in enumerate(instruments):
        first = int(fresh[:, column].argmax()) if fresh[:, column].any() else len(ts)
        for action in store.actions(instrument.id, as_of):
            row = _row_of(action, ts)
            if action.kind not in (None, EventKind.FX) and first < row < len(ts):
                found.append(_event(action, instrument, row, column))
    for number, code in enumerate(currencies):
        rates = [each for each in store.actions(code, as_of) if each.kind is EventKind.FX]
        latest = {_row_of(each, ts): each.x for each in rates}  # in time order: the last one stays
        found += [
            (row, int(EventKind.FX), number, 0, 0, x) for row, x in latest.items() if row < len(ts)
        ]
    return np.array(sorted(found), dtype=EVENT)


def adjust_factors(
    instruments: Sequence[Instrument], closes: I64, fresh: np.ndarray, events: np.ndarray
) -> F64:
    """Forward adjustment factors (T, N) from split and dividend events.

    Args:
        instruments: N instruments.
        closes: (T, N) closing ticks, zero where masked.
        fresh: (T, N) cells with a bar.
        events: dtype ``EVENT``, sorted.

    Returns:
        (T, N); one read-only 1.0 for all cells where nothing was split or paid.

    Raises:
        DataError: when a dividend is as large as the price it is paid from.
    """
    if not np.isin(events["kind"], PRICED).any():
        return np.broadcast_to(1.0, closes.shape)
    steps = np.ones(closes.shape, dtype=np.float64)
    for column, instrument in enumerate(instruments):
        mine = events[(events["index"] == column) & np.isin(events["kind"], PRICED)]
        rows = np.flatnonzero(fresh[:, column])
        for row in np.unique(mine["row"]):
            before = rows[np.searchsorted(rows, row) - 1]
            price = float(closes[before, column] * instrument.tick)
            since = mine[(mine["row"] > before) & (mine["row"] <= row)]
            steps[row, column] = _step(since, int(row), price, instrument)
    return np.multiply.accumulate(steps, axis=0, dtype=np.float64)


def _step(since: np.ndarray, row: int, price: float, instrument: Instrument) -> float:
    """Factor of the events on ``row``, given the last close and the events after it."""
    step = 1.0
    for event in since:
        factor = 1.0
        if event["kind"] == EventKind.SPLIT:
            factor = event["a"] / event["b"]
            price /= factor
        elif event["x"] < price:
            factor = 1.0 / (1.0 - event["x"] / price)
            price -= event["x"]
        else:
            raise DataError(
                f"a dividend of {event['x']:g} on a price of {price:g}",
                instrument.symbol,
                "correct the event: kedge data import --actions",
            )
        if event["row"] == row:
            step *= factor
    return step


def _row_of(action: Action, ts: I64) -> int:
    return int(np.searchsorted(ts, max(action.ts, action.available_at), side="right"))


def _event(
    action: Action, instrument: Instrument, row: int, column: int
) -> tuple[int, int, int, int, int, float]:
    assert action.kind is not None  # symbol changes are not events of a panel
    a = round(action.x / float(instrument.tick)) if action.kind is EventKind.DEAL else action.a
    return row, int(action.kind), column, a, action.b, action.x
