"""``result.json`` of a session: figures only, computed from its tables."""

from typing import Any

import numpy as np

from kedge import __version__
from kedge.domain.reason import MEANING
from kedge.research.session.decisions import decisions_of
from kedge.research.session.story import REASONS, Story
from kedge.research.session.tables import Tables


def result_of(
    story: Story,
    tables: Tables,
    config_hash: str,
    code: str,
    capital: float,
    strategies: tuple[str, ...],
) -> dict[str, Any]:
    """The content of ``result.json``.

    Args:
        story: of the session.
        tables: of the story.
        config_hash: of the last settings.
        code: reporting currency.
        capital: at the first start.
        strategies: names, in order.
    """
    equity = tables.equity["equity"].to_numpy()
    last = float(equity[-1]) if len(equity) else capital
    opened = story.opened
    return {
        "kedge": __version__,
        "config_hash": config_hash,
        "currency": code,
        "session": {
            "lineage": opened.lineage if opened else "",
            "platform": opened.platform if opened else "",
            "venue": opened.keys[0].venue if opened else "",
            "symbols": [each.symbol for each in story.instruments],
            "from": story.began,
            "to": story.ended,
            "rows": len(story.rows),
            "starts": story.starts,
            "decided": story.decided.at if story.decided else None,
            "capital": capital,
            "equity": last,
            "positions": positions_of(story),
        },
        "decisions": decisions_of(story, strategies),
        "metrics": _metrics(tables, last, capital),
        "limits": _bound(story),
        "refusals": _refusals(tables),
    }


def positions_of(story: Story) -> list[dict[str, Any]]:
    """What is held at the end."""
    found = []
    for key, lots in enumerate(story.lots):
        each = story.instruments[key]
        if lots:
            price = float(each.tick * story.last[key]) if story.last[key] else None
            found.append({
                "symbol": each.symbol,
                "quantity": float(each.lot * lots),
                "average": story.trips.average(key),
                "price": price,
            })  # fmt: skip
    return found


def _metrics(tables: Tables, last: float, capital: float) -> dict[str, Any]:
    trades, fills, orders = tables.trades, tables.fills, tables.orders
    pnl = trades["pnl"].to_numpy()
    won, lost = float(pnl[pnl > 0].sum()), float(-pnl[pnl < 0].sum())
    notional = (fills["quantity"] * fills["price"]).to_numpy()
    slipped = np.nan_to_num(fills["slippage_bps"].fill_null(0.0).to_numpy()) * 1e-4 * notional
    fall, waits = tables.equity["drawdown"], orders["wait_s"].drop_nulls()
    return {
        "total_return": last / capital - 1.0,
        "max_drawdown": float(-fall.min()) if len(fall) else 0.0,  # type: ignore[operator, arg-type]
        "orders": len(orders),
        "fills": len(fills),
        "trades": len(trades),
        "win_rate": float((pnl > 0).mean()) if len(pnl) else None,
        "profit_factor": won / lost if lost > 0 else None,
        "turnover": float(notional.sum()) / capital,
        "fees": float(fills["fee"].sum()),
        "slippage": float(slipped.sum()),
        "maker_share": float(fills["maker"].mean()) if len(fills) else None,  # type: ignore[arg-type]
        "answer_p50_s": waits.quantile(0.5, "nearest"),
        "answer_p99_s": waits.quantile(0.99, "nearest"),
        "refused_by_gate": int((tables.refusals["by"] == "gate").sum()),
        "rejected_by_venue": int((tables.refusals["by"] == "venue").sum()),
    }


def _bound(story: Story) -> list[dict[str, Any]]:
    """How often each reason had the last word on a cell, most often first."""
    return [
        {
            "name": name,
            "meaning": MEANING[REASONS[name]],
            "bound": times,
            "cells": story.cells,
            "share": times / story.cells,
        }
        for name, times in story.bound.most_common()
    ]


def _refusals(tables: Tables) -> list[dict[str, Any]]:
    counted = tables.refusals.group_by("by", "why", maintain_order=True).len()
    rows = sorted(counted.iter_rows(named=True), key=lambda row: -row["len"])
    return [{"by": row["by"], "why": row["why"], "count": row["len"]} for row in rows]
