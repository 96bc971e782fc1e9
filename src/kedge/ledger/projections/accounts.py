"""Fills, positions and cash: as booked from the records, and as the venue tells."""

from decimal import Decimal

from kedge.domain.decided import Adjusted
from kedge.domain.record import Record
from kedge.domain.report import Balances, Filled
from kedge.ledger.projections.orders import project_fill_of
from kedge.ledger.projections.places import Places
from kedge.ledger.projections.rows import Row, Rows
from kedge.ledger.projections.tables import CASH, FILLS, POSITIONS


def project_account(seq: int, record: Record, rows: Rows, places: Places) -> None:
    """Fold a record into fills, positions and cash; others change nothing."""
    match record:
        case Filled():
            _fill(seq, record, rows, places)
        case Adjusted(key=key, lots=lots, currency=currency, amount=amount):
            if lots:
                _move(seq, rows, places, key, lots)
            if amount:
                _pay(seq, rows, places, max(key, 0), currency, amount)
        case Balances():
            _told(seq, record, rows, places)
        case _:
            pass


def _fill(seq: int, fill: Filled, rows: Rows, places: Places) -> None:
    position = places.position(fill.key)
    if rows.find(FILLS, *position.values(), fill.trade) is not None:
        return  # a repeated report of the same execution
    lots = fill.side * fill.lots
    currency = places.currency(fill.key)
    fee = 0 if fill.paid_in else fill.fee
    cash = None if currency is None else -places.value(fill.key, lots, fill.ticks) - fee
    rows.put(FILLS, {
        **position, "trade": fill.trade, "order_id": fill.order, "venue_id": fill.venue_id,
        "at": fill.at, "side": fill.side, "lots": fill.lots, "ticks": fill.ticks,
        "fee": fill.fee, "maker": fill.maker, "cash": cash, "seq": seq,
    })  # fmt: skip
    project_fill_of(seq, fill, rows)
    _move(seq, rows, places, fill.key, lots)
    if fill.paid_in:
        _pay_in_kind(seq, fill, rows, places)
    if currency is not None and cash is not None:
        _pay(seq, rows, places, fill.key, currency, cash)


def _pay_in_kind(seq: int, fill: Filled, rows: Rows, places: Places) -> None:
    """A fee out of what was bought: the position is smaller by each lot that was begun."""
    position = places.position(fill.key)
    row = rows.find(POSITIONS, *position.values()) or _position(position)
    before = Decimal(row["paid"])
    after = before + fill.paid
    begun = [places.begun(fill.key, fill.paid_in, amount) for amount in (before, after)]
    if begun[1] or begun[0]:
        lots = row["lots"] - (begun[1] - begun[0])
        rows.put(POSITIONS, row | {"lots": lots, "paid": str(after), "seq": seq})


def _move(seq: int, rows: Rows, places: Places, key: int, lots: int) -> None:
    position = places.position(key)
    row = rows.find(POSITIONS, *position.values()) or _position(position)
    rows.put(POSITIONS, row | {"lots": row["lots"] + lots, "seq": seq})


def _pay(seq: int, rows: Rows, places: Places, key: int, currency: str, amount: int) -> None:
    of = places.key(key)
    row = rows.find(CASH, of.account, of.venue, currency) or _cash(of.account, of.venue, currency)
    rows.put(CASH, row | {"booked": row["booked"] + amount, "seq": seq})


def _told(seq: int, told: Balances, rows: Rows, places: Places) -> None:
    """What the venue does not name, it does not hold."""
    of = places.key(told.key)
    at = {"told_at": told.at, "seq": seq}
    for currency, amount in told.cash:
        row = rows.find(CASH, of.account, of.venue, currency)
        rows.put(CASH, (row or _cash(of.account, of.venue, currency)) | {"told": amount} | at)
    for row in rows.all(POSITIONS):
        if (row["account"], row["venue"]) == (of.account, of.venue):
            rows.put(POSITIONS, row | {"told": 0} | at)
    for key, lots in told.positions:
        position = places.position(key)
        row = rows.find(POSITIONS, *position.values())
        rows.put(POSITIONS, (row or _position(position)) | {"told": lots} | at)


def _position(position: dict[str, str]) -> Row:
    return {**position, "lots": 0, "paid": "0", "told": None, "told_at": None}


def _cash(account: str, venue: str, currency: str) -> Row:
    return {
        "account": account, "venue": venue, "currency": currency,
        "booked": 0, "told": None, "told_at": None,
    }  # fmt: skip
