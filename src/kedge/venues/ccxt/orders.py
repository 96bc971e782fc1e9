"""Requests about orders and the account, each answered by at least one report."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.domain.order import Order
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    FillsThrough,
    Found,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
    Unsent,
)
from kedge.risk.approved import Approved
from kedge.venues.ccxt import failures, numbers
from kedge.venues.ccxt.dialect import Dialect, Structure
from kedge.venues.ccxt.door import Door
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.fills import Fills
from kedge.venues.ccxt.own import ALL
from kedge.venues.ccxt.paths import TooBusyError, Way
from kedge.venues.ccxt.reading import at_of, ended, works
from kedge.venues.ccxt.requests import Placing, client_id, market_of, own_id, placing
from kedge.venues.ccxt.told import Told

_PATIENCE: Final = 30_000_000_000


class Orders:
    """Orders of one account.

    Args:
        way: to the exchange.
        dialect: that it speaks.
        exchange: which.
        instruments: by key.
        told: where reports go.
        fills: of the account.
        door: where orders leave.

    Attributes:
        own: the part of the account that is told of.
    """

    def __init__(
        self,
        way: Way,
        dialect: Dialect,
        exchange: Exchange,
        instruments: Mapping[int, Instrument],
        told: Told,
        fills: Fills,
        door: Door,
    ) -> None:
        self._way, self._dialect, self._exchange = way, dialect, exchange
        self._instruments, self._told, self._fills = instruments, told, fills
        self._door = door
        self.own = ALL

    async def submit(self, approved: Approved, given: int) -> None:
        """Send an order, once; nothing here ever sends it again.

        Args:
            approved: what to send.
            given: when it was to be sent, ns UTC.
        """
        with self._door.leaving(approved.order.id):
            await self._submit(approved, given)

    async def _submit(self, approved: Approved, given: int) -> None:
        order = approved.order
        key, told, now = order.key, self._told, self._told.now()
        told.give(order.id, given)
        client = self._way.client
        try:
            args = placing(order, self._instruments[key], self._exchange, client)
            args = self._dialect.asked(order, args)
        except Exception as error:
            told.say(Rejected(key, order.id, now, now, "LOCAL", failures.said(error)))
            return
        due = given + self._exchange.patience_ns
        try:
            reply = await self._way.go(
                "submit", max(0, due - now), lambda: self._place(args, due, approved)
            )
        except TooBusyError as error:
            told.say(Unsent(key, order.id, now, now, str(error)))
        except Exception as error:
            code, why = failures.code_of(error), failures.said(error)
            if failures.definite(error):
                told.say(Rejected(key, order.id, now, now, code, why))
            else:
                told.say(NoAnswer(key, order.id, now, now, why))
        else:
            await self._answered(order, reply)

    async def _answered(self, order: Order, reply: Structure) -> None:
        key, told, now = order.key, self._told, self._told.now()
        if reply.get("status") == "rejected":
            info = reply["info"]
            code = failures.words(str(info.get("sCode") or "REJECTED"))
            why = failures.words(str(info.get("sMsg") or "refused"))
            no = Rejected(key, order.id, now, now, code, why)
            told.say(NoAnswer(key, order.id, now, now, why) if failures.unsure(code, why) else no)
        elif not reply.get("id"):
            told.say(NoAnswer(key, order.id, now, now, "an answer that names no order"))
        else:
            self._taken(key, order.id, reply)
            await self._looked_after(order)

    async def _looked_after(self, order: Order) -> None:
        """What fails here has no report of its own: the order is out, and was told of."""
        symbol = market_of(self._instruments[order.key])
        with suppress(Exception):
            await self._dialect.placed(order, symbol, client_id(order.id, self._exchange))

    async def _place(self, args: Placing, due: int, approved: Approved) -> Any:
        """The request, unless it is too late for it or the session was killed meanwhile."""
        if self._told.now() > due:
            raise TooBusyError("it could not leave in time")
        self._door.let(approved)
        return await self._dialect.place(args)

    async def cancel(self, key: int, order: str) -> None:
        """Cancel an order: `Ended` or `CancelRefused`, or `NoAnswer`."""
        told, now, instrument = self._told, self._told.now(), self._instruments[key]
        try:
            wanted = client_id(order, self._exchange)
        except MessageError as error:
            told.say(CancelRefused(key, order, now, now, "LOCAL", str(error)))
            return
        try:
            number = told.called(key, order)
            reply = await self._dialect.cancel(market_of(instrument), wanted, number)
        except TooBusyError as error:
            told.say(CancelRefused(key, order, now, now, "LOCAL", str(error)))
        except Exception as error:
            code, why = failures.code_of(error), failures.said(error)
            if failures.definite(error):
                told.say(CancelRefused(key, order, now, now, code, why))
            else:
                told.say(NoAnswer(key, order, now, now, why))
        else:
            gone = ended(key, order, reply, instrument) if self._exchange.cancels_at_once else None
            if gone is None:
                await self.query(key, order)
            else:
                told.say(gone)

    async def query(self, key: int, order: str) -> None:
        """Tell an order's fills, then what became of it."""
        told, asked, left = self._told, self._told.now(), self._door.steady()
        try:
            found = await self._look(key, order)
            if found is None:
                as_of = asked if self._door.absent(order, left) else 0
                told.say(NotFound(key, order, asked, asked, as_of))
                return
            working = works(found)
            venue_id = told.canonical(str(found["id"]))
            told.name(venue_id, key, order)
            lots = numbers.whole_lots(found.get("filled") or 0, self._instruments[key])
            fills = await self._fills.of_order(key, venue_id) if lots else []
            for fill in fills:
                await self._fills.say(fill, again=True)
        except Exception as error:
            told.say(NoAnswer(key, order, asked, asked, failures.said(error)))
            return
        instrument = self._instruments[key]
        seen = sum(numbers.whole_lots(fill["amount"], instrument) for fill in fills)
        if seen < lots:
            why = f"{lots} lots are filled, and fills of {seen} are told so far"
            told.say(NoAnswer(key, order, asked, asked, why))
            return
        at, no = at_of(found) or asked, found.get("status") == "rejected"
        told.say(Found(key, order, at, at, venue_id, working, max(lots, seen), no))

    async def open_orders(self) -> None:
        """Tell everything that rests."""
        told, asked = self._told, self._told.now()
        rows: list[tuple[str, str, int, int, int, int]] = []
        any_key = next(iter(self._instruments))
        try:
            for key, instrument in self._instruments.items():
                found = await self._dialect.resting(market_of(instrument))
                rows += [self._row(key, instrument, each) for each in found]
        except Exception as error:
            told.say(NoAnswer(any_key, "", asked, asked, failures.said(error)))
        else:
            told.say(OpenOrders(any_key, "", asked, asked, tuple(rows)))

    async def fills_since(self, cursor: str) -> None:
        """Tell the fills after a cursor."""
        told, asked, any_key = self._told, self._told.now(), next(iter(self._instruments))
        try:
            through = await self._fills.since(cursor or self.own.cursor)
        except Exception as error:
            told.say(NoAnswer(any_key, "", asked, asked, failures.said(error)))
        else:
            told.say(FillsThrough(any_key, "", asked, asked, through))

    async def balances(self) -> None:
        """Tell cash and positions; what is less than a lot is no position."""
        told, asked, any_key = self._told, self._told.now(), next(iter(self._instruments))
        try:
            total = (await self.held())["total"]
            codes = sorted({each.settle for each in self._instruments.values()})
            cash = tuple((code, numbers.minor(self.own.of(total, code), code)) for code in codes)
            lots = [
                (key, numbers.whole_lots(self.own.of(total, each.base), each))
                for key, each in self._instruments.items()
            ]
        except Exception as error:
            told.say(NoAnswer(any_key, "", asked, asked, failures.said(error)))
        else:
            positions = tuple(each for each in lots if each[1])
            told.say(Balances(any_key, "", asked, asked, cash, positions))

    async def held(self) -> Any:
        """The account's balances as ccxt has them."""
        return await self._way.go("balances", _PATIENCE, self._way.client.fetch_balance)

    def _taken(self, key: int, order: str, reply: Mapping[str, Any]) -> None:
        venue_id = self._told.canonical(str(reply["id"]))
        self._told.name(venue_id, key, order)
        if self._told.anew(("accepted", key, venue_id)):
            at = at_of(reply) or self._told.now()
            self._told.say(Accepted(key, order, at, at, venue_id))

    async def _look(self, key: int, order: str) -> Structure | None:
        """An order by client id; None where the exchange has none."""
        symbol, wanted = market_of(self._instruments[key]), client_id(order, self._exchange)
        return await self._dialect.find(symbol, wanted, self._told.called(key, order))

    def _row(
        self, key: int, instrument: Instrument, told: Mapping[str, Any]
    ) -> tuple[str, str, int, int, int, int]:
        venue_id, client = (
            self._told.canonical(str(told["id"])),
            str(told.get("clientOrderId") or ""),
        )
        order = own_id(client, self._exchange)
        self._told.name(venue_id, key, order)
        side = 1 if told.get("side") == "buy" else -1
        lots = numbers.whole_lots(told.get("amount") or 0, instrument)
        done = numbers.whole_lots(told.get("filled") or 0, instrument)
        return (order, venue_id, key, side, lots, done)
