"""Orders as the projection tells them: one word of status from the records about them."""

from typing import Final

from kedge.domain.decided import CancelAsked, Doubted, OrderApproved, OrderRefused, Refusal
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.record import Record
from kedge.domain.report import (
    Accepted,
    End,
    Ended,
    Filled,
    Found,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.ledger.projections.places import Places, reason_name
from kedge.ledger.projections.rows import Row, Rows
from kedge.ledger.projections.tables import ORDERS

OVER: Final = frozenset({"filled", "cancelled", "expired", "rejected", "refused", "unsent"})
"""Statuses after which only fills still change an order's row."""


def project_order(seq: int, record: Record, rows: Rows, places: Places) -> None:
    """Fold a record into the table of orders; records about something else change nothing."""
    match record:
        case OrderApproved(at=at, order=order):
            rows.put(ORDERS, _new(order, at, places) | {"status": "approved", "seq": seq})
        case OrderRefused(at=at, order=order, why=why, limit=limit, value=value):
            said = f"{Refusal(why).name}: {value:g} against {limit:g}"
            fresh = _new(order, at, places)
            rows.put(ORDERS, fresh | {"status": "refused", "why": said, "seq": seq})
        case _:
            changed = _changed(record)
            row = rows.find(ORDERS, getattr(record, "order", None)) if changed else None
            if row is not None and row["status"] not in OVER:
                rows.put(ORDERS, row | changed | {"changed_at": _at(record), "seq": seq})


def project_fill_of(seq: int, fill: Filled, rows: Rows) -> None:
    """Count a fill that is new into its order's row, if the order is ours."""
    row = rows.find(ORDERS, fill.order)
    if row is None:
        return
    filled = row["filled"] + fill.lots
    status = row["status"]
    if status not in OVER:
        status = "filled" if filled >= row["lots"] else "partly filled"
    rows.put(ORDERS, row | {
        "filled": filled, "fees": row["fees"] + fill.fee, "venue_id": fill.venue_id,
        "status": status, "changed_at": fill.received, "seq": seq,
    })  # fmt: skip


def _changed(record: Record) -> Row:
    """What a record says of an order that is not over."""
    match record:
        case Accepted(venue_id=venue_id):
            return {"status": "accepted", "venue_id": venue_id}
        case Triggered():
            return {"status": "triggered"}
        case Ended(why=why, text=text):
            return {"status": End(why).name.lower(), "why": text}
        case Rejected(code=code, text=text):
            return {"status": "rejected", "why": f"{code} {text}".strip()}
        case Unsent(why=why):
            return {"status": "unsent", "why": why}
        case Doubted():
            return {"status": "unknown"}
        case CancelAsked():
            return {"status": "cancelling"}
        case Found(rejected=True):
            return {"status": "rejected"}
        case Found(open=True, venue_id=venue_id):
            return {"status": "accepted", "venue_id": venue_id}
        case _:
            return {}


def _at(record: Record) -> int:
    """When we knew it."""
    known: int = getattr(record, "received", None) or getattr(record, "at")  # noqa: B009
    return known


def _new(order: Order, at: int, places: Places) -> Row:
    return {
        "id": order.id, **places.position(order.key), "intent": order.intent,
        "side": order.side, "lots": order.lots, "type": OrderType(order.type).name,
        "tif": TimeInForce(order.tif).name, "limit_ticks": order.limit,
        "trigger_ticks": order.trigger, "post_only": order.post_only,
        "reduce_only": order.reduce_only, "reason": reason_name(order.reason), "filled": 0,
        "fees": 0, "venue_id": "", "opened_at": at, "changed_at": at, "why": "",
    }  # fmt: skip
