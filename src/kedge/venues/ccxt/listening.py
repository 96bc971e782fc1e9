"""The account's stream: what happens to orders, told when it happens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from kedge.data.streams.backoff import Backoff
from kedge.domain.instrument import Instrument
from kedge.domain.report import Accepted, Link, NoAnswer, Triggered
from kedge.venues.ccxt import failures, numbers
from kedge.venues.ccxt.dialect import Dialect, Structure
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.fills import Fills
from kedge.venues.ccxt.paths import Way
from kedge.venues.ccxt.reading import at_of, ended, touched
from kedge.venues.ccxt.requests import own_id
from kedge.venues.ccxt.told import Told

_POLL_S: Final = 0.005
_JOIN_S: Final = 15.0


class Listening:
    """Keeps the stream open, for ever.

    ccxt keeps the latest orders and trades; its futures only say that there is something
    new. So all of both is looked through each time, trades first: nothing that came in
    between is missed, and an order's end is never told before its fills. That a stop was
    touched is told right before what came of it.

    Args:
        way: to the exchange.
        dialect: that it speaks.
        exchange: which.
        instruments: by key.
        told: where reports go.
        fills: of the account.
        backoff: between attempts.
        uniform: draws from [0, 1) for it.

    Attributes:
        up: whether the stream flows; None until that was told for the first time.
    """

    def __init__(
        self,
        way: Way,
        dialect: Dialect,
        exchange: Exchange,
        instruments: Mapping[int, Instrument],
        told: Told,
        fills: Fills,
        backoff: Backoff,
        uniform: Callable[[], float],
    ) -> None:
        self._way, self._dialect, self._exchange = way, dialect, exchange
        self._instruments, self._told, self._fills = instruments, told, fills
        self._backoff, self._uniform = backoff, uniform
        self._looking = asyncio.Lock()
        self._lost: asyncio.Future[None] | None = None
        self.up: bool | None = None
        self._left = False
        client = way.client
        client.on_error = self._noticing(client.on_error)
        client.on_close = self._noticing(client.on_close)

    def leave(self) -> None:
        """Do not join again: the sockets are about to be closed."""
        self._left = True

    async def listen(self) -> None:
        """Join, listen, and join again when it broke."""
        failed = 0
        while not self._left:
            try:
                await self._session()
            except Exception as error:
                failed = 1 if self.up else failed + 1
                self._link(False, failures.said(error))
                if isinstance(error, TimeoutError):
                    await self._hang_up()
            await asyncio.sleep(self._backoff.wait(failed, self._uniform()) * 1e-9)

    async def _session(self) -> None:
        watches = self._dialect.watches()
        tasks = [asyncio.create_task(self._wake(watch)) for watch in watches]
        lost = self._lost = asyncio.get_running_loop().create_future()
        joining = asyncio.create_task(self._joined())
        try:
            news = (*tasks, joining, lost)
            done, _ = await asyncio.wait(news, return_when=asyncio.FIRST_EXCEPTION)
            for each in done:
                each.result()
        finally:
            every = (*tasks, joining, lost)
            for each in every:
                each.cancel()
            await asyncio.gather(*every, return_exceptions=True)

    def _noticing(self, kept: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        """A socket that breaks ends the session, also while nobody waits for its news.

        ccxt tells those who wait, and opens another for who comes later: what was told in
        between would be missed, and nobody would ask for it.
        """

        def notice(socket: Any, why: Any) -> None:
            kept(socket, why)
            if self._lost is not None and not self._lost.done():
                error = why if isinstance(why, Exception) else ConnectionError(f"closed: {why}")
                self._lost.set_exception(error)

        return notice

    async def _wake(self, watch: Callable[[], Awaitable[object]]) -> None:
        while True:
            await watch()
            if self._dialect.sockets == 1:  # news of one socket say nothing of another
                self._link(True, "connected")
            await self._look()

    async def _joined(self) -> None:
        """Wait until the sockets are open and somebody waited on each of them for news.

        Raises:
            TimeoutError: that did not come about; an answer to a login may have got lost.
        """
        ready: set[Any] = set()
        for _ in range(int(_JOIN_S / _POLL_S)):
            clients = {each for each in (self._way.client.clients or {}).values() if _used(each)}
            ready |= {each for each in clients if _waits(each)}
            whole = all(each.isConnected and each in ready for each in clients)
            if self.up or (whole and len(clients) >= self._dialect.sockets):
                self._link(True, "connected")
                return
            await asyncio.sleep(_POLL_S)
        raise TimeoutError(f"the account's stream could not be joined within {_JOIN_S:g} s")

    async def _hang_up(self) -> None:
        """Close what is open: on the same socket ccxt would wait for the same answer again.

        One that is still dialled, which ccxt delays after failures, would open all the same.
        """
        sockets = self._way.client.clients or {}
        for url, socket in list(sockets.items()):
            if socket.isConnected:
                sockets.pop(url)
                with suppress(Exception):
                    await socket.close()

    async def _look(self) -> None:
        """Tell everything that is new, trades first."""
        async with self._looking:
            heard, traded = self._dialect.heard()
            orders = self._read(self._dialect.order, heard)
            trades = self._read(self._dialect.trade, traded)
            for order in orders:
                self._name(order)
            named = self._told.canonical
            numbered = {named(str(order["id"])): order for order in orders}
            for trade in trades:
                whose = numbered.get(named(str(trade.get("order"))))
                await self._safely(self._trade(trade, whose))
            for order in orders:
                await self._safely(self._order(order))

    async def _safely(self, saying: Awaitable[None]) -> None:
        """One message that cannot be read is told of, and does not hide the others."""
        try:
            await saying
        except Exception as error:
            self._unread(error)

    def _read(
        self, read: Callable[[Structure], Structure], heard: Iterable[Structure]
    ) -> list[Structure]:
        """As the exchange meant it, without what cannot be read, as in `_safely`."""
        found = []
        for each in heard:
            try:
                found.append(read(each))
            except Exception as error:
                self._unread(error)
        return found

    def _unread(self, error: Exception) -> None:
        any_key, now = next(iter(self._instruments)), self._told.now()
        why = f"a message could not be read: {failures.said(error)}"
        if self._told.anew(("unread", why)):
            self._told.say(NoAnswer(any_key, "", now, now, why))

    def _key(self, order: Structure) -> int | None:
        """Of its symbol; not every message names one of an order that is known."""
        symbol = order.get("symbol")
        if symbol is None:
            return self._told.place(self._told.canonical(str(order["id"])))
        return self._fills.keys.get(str(symbol))

    def _name(self, order: Structure) -> None:
        key = self._key(order)
        client = own_id(str(order.get("clientOrderId") or ""), self._exchange)
        if key is not None and client:
            self._told.name(self._told.canonical(str(order["id"])), key, client)

    async def _trade(self, trade: Structure, order: Structure | None) -> None:
        key = self._key(order) if order is not None else None
        if order is not None and key is not None:
            self._touch(key, order)
        await self._fills.say(trade, again=False)

    async def _order(self, order: Structure) -> None:
        told = self._told
        key, venue_id = self._key(order), told.canonical(str(order["id"]))
        if key is None or told.knows(("over", key, venue_id)):
            return
        if not told.anew(("order", key, venue_id), _state(order)):
            return
        self._touch(key, order)
        name = told.named(venue_id) or ""
        some = numbers.whole_lots(order.get("filled") or 0, self._instruments[key])
        if some and not self._exchange.streams_trades:
            for trade in await self._fills.of_order(key, venue_id):
                await self._fills.say(trade, again=False)
        if order.get("status") == "rejected" and not self._dialect.refuses_late:
            return
        self._accept(key, order)
        gone = ended(key, name, order, self._instruments[key])
        if gone is not None:
            told.anew(("over", key, venue_id))
            told.say(gone)

    def _touch(self, key: int, order: Structure) -> None:
        told, venue_id = self._told, self._told.canonical(str(order["id"]))
        if not touched(order, self._exchange.worked):
            return
        if told.anew(("touched", key, venue_id)):
            self._accept(key, order)
            at = at_of(order) or told.now()
            told.say(Triggered(key, told.named(venue_id) or "", at, at))

    def _accept(self, key: int, order: Structure) -> None:
        told, venue_id = self._told, self._told.canonical(str(order["id"]))
        if told.anew(("accepted", key, venue_id)):
            at = at_of(order) or told.now()
            told.say(Accepted(key, told.named(venue_id) or "", at, at, venue_id))

    def _link(self, up: bool, why: str) -> None:
        if up is not self.up:
            self.up = up
            any_key, now = next(iter(self._instruments)), self._told.now()
            self._told.say(Link(any_key, "", now, now, up, why))


def _state(order: Structure) -> tuple[str, str]:
    return str(order.get("status")), str(order.get("filled"))


def _used(client: Any) -> bool:
    """Kraken's holds a token and is never opened."""
    return bool(client.isConnected or client.connecting or client.futures)


def _waits(client: Any) -> bool:
    return any(
        "authenticate" not in str(name) and not str(name).isdigit() for name in client.futures
    )
