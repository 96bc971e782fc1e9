"""Orders, fills and balances as the exchange's answers and reports write them."""

from collections.abc import Iterable

from kedge.domain.report import Accepted, Ended, Filled
from kedge.venues.wire.asked import MS
from kedge.venues.wire.floor import Floor, Report
from kedge.venues.wire.spot import Spot, text
from kedge.venues.wire.terms import wire_life, wire_type
from kedge.venues.wire.tickets import Ticket

JsonObject = dict[str, object]


def placed(ticket: Ticket, spot: Spot, style: str) -> JsonObject:
    """Answer to a new order: ``ACK``, ``RESULT`` or ``FULL``."""
    told: JsonObject = {
        "symbol": spot.symbol,
        "orderId": ticket.number,
        "orderListId": -1,
        "clientOrderId": ticket.order.id,
        "transactTime": ticket.updated // MS,
    }
    if style != "ACK":
        told |= _terms(ticket, spot) | {"workingTime": ticket.at // MS}
    if style == "FULL":
        told["fills"] = [_part(fill, spot) for fill in ticket.fills]
    return told


def known(ticket: Ticket, spot: Spot) -> JsonObject:
    """Answer to a query."""
    return {
        "symbol": spot.symbol,
        "orderId": ticket.number,
        "orderListId": -1,
        "clientOrderId": ticket.order.id,
        **_terms(ticket, spot),
        "time": ticket.at // MS,
        "updateTime": ticket.updated // MS,
        "isWorking": ticket.worked > 0,
        "workingTime": ticket.at // MS,
    }


def cancelled(ticket: Ticket, spot: Spot) -> JsonObject:
    """Answer to a cancel."""
    return {
        "symbol": spot.symbol,
        "origClientOrderId": ticket.order.id,
        "orderId": ticket.number,
        "orderListId": -1,
        "clientOrderId": ticket.cancel,
        "transactTime": ticket.updated // MS,
        **_terms(ticket, spot),
    }


def traded(fill: Filled, spot: Spot) -> JsonObject:
    """One of the account's own trades."""
    return {
        "symbol": spot.symbol,
        "id": int(fill.trade),
        "orderId": int(fill.venue_id),
        "orderListId": -1,
        "price": spot.price(fill.ticks),
        "qty": spot.size(fill.lots),
        "quoteQty": spot.worth(fill.lots * fill.ticks),
        "commission": commission(fill, spot),
        "commissionAsset": fill.paid_in or spot.listing.settle,
        "time": fill.at // MS,
        "isBuyer": fill.side > 0,
        "isMaker": fill.maker,
        "isBestMatch": True,
    }


def executed(ticket: Ticket, spot: Spot, report: Report) -> JsonObject:
    """A report of the account's stream; cumulative figures as of now."""
    order, fill = ticket.order, report if isinstance(report, Filled) else None
    kind = {Accepted: "NEW", Filled: "TRADE"}.get(type(report), "")
    if isinstance(report, Ended):
        kind = ticket.status
    working: JsonObject = {"W": ticket.worked // MS} if ticket.worked else {}
    return {
        "e": "executionReport",
        "E": report.at // MS,
        "s": spot.symbol,
        "c": ticket.cancel or order.id,
        "S": _side(order.side),
        "o": wire_type(order),
        "f": wire_life(order),
        "q": spot.size(order.lots),
        "p": spot.price(order.limit),
        "P": spot.price(order.trigger),
        "F": spot.size(order.display),
        "g": -1,
        "C": order.id if ticket.cancel else "",
        "x": kind,
        "X": ticket.status,
        "r": "NONE",
        "i": ticket.number,
        "l": spot.size(fill.lots if fill else 0),
        "z": spot.size(ticket.filled),
        "L": spot.price(fill.ticks if fill else 0),
        "n": commission(fill, spot) if fill else "0",
        "N": (fill.paid_in or spot.listing.settle) if fill else None,
        "T": report.at // MS,
        "t": int(fill.trade) if fill else -1,
        "I": ticket.number,
        "w": ticket.works and ticket.worked > 0,
        "m": fill.maker if fill else False,
        "M": False,
        "O": ticket.at // MS,
        "Z": spot.worth(ticket.product),
        "Y": spot.worth(fill.lots * fill.ticks if fill else 0),
        "Q": "0.00000000",
        **working,
        "V": "EXPIRE_TAKER",
    }


def commission(fill: Filled, spot: Spot) -> str:
    """Text of what a fill cost, in the coin that it was taken in."""
    return text(fill.paid) if fill.paid_in else spot.cash(fill.fee)


def held(floor: Floor) -> list[JsonObject]:
    """What the account holds, free and locked, by asset."""
    account, rows = floor.till, {}
    for spot in floor.spots.values():
        settle, key = spot.listing.settle, spot.listing.key
        free, coins = account.free_cash(settle), account.free_coins(key)
        locked = spot.size(account.lots[key] - account.free_lots(key))
        rows[settle] = (spot.cash(free), spot.cash(account.cash[settle] - free))
        rows[spot.instrument.base] = (text(coins), locked)
    return [{"asset": a, "free": free, "locked": locked} for a, (free, locked) in rows.items()]


def position(rows: Iterable[JsonObject], at: int) -> JsonObject:
    """Balances as the account's stream tells them."""
    told = [{"a": row["asset"], "f": row["free"], "l": row["locked"]} for row in rows]
    return {"e": "outboundAccountPosition", "E": at // MS, "u": at // MS, "B": told}


def _terms(ticket: Ticket, spot: Spot) -> JsonObject:
    order = ticket.order
    told: JsonObject = {
        "price": spot.price(order.limit),
        "origQty": spot.size(order.lots),
        "executedQty": spot.size(ticket.filled),
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": spot.worth(ticket.product),
        "status": ticket.status,
        "timeInForce": wire_life(order),
        "type": wire_type(order),
        "side": _side(order.side),
        "stopPrice": spot.price(order.trigger),
        "icebergQty": spot.size(order.display),
        "selfTradePreventionMode": "EXPIRE_TAKER",
    }
    return told


def _part(fill: Filled, spot: Spot) -> JsonObject:
    return {
        "price": spot.price(fill.ticks),
        "qty": spot.size(fill.lots),
        "commission": commission(fill, spot),
        "commissionAsset": fill.paid_in or spot.listing.settle,
        "tradeId": int(fill.trade),
    }


def _side(side: int) -> str:
    return "BUY" if side > 0 else "SELL"
