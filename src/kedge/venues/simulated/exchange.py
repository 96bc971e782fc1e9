"""The exchange itself: orders, fills and balances, with no time lost on any way.

What comes of a request is told on two ways: `replies` answer the request itself, the
`stream` tells what happens to orders. `kedge.venues.simulated.venue` puts latency on
either. Every `received` here is the instant at which it happened.
"""

from collections.abc import Callable, Mapping

from kedge.domain.order import Order
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    End,
    Ended,
    Filled,
    FillsThrough,
    Found,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
    Triggered,
    VenueReport,
)
from kedge.venues.simulated import codes
from kedge.venues.simulated.account import Account, Hold
from kedge.venues.simulated.entries import Entries, Entry
from kedge.venues.simulated.filters import broken
from kedge.venues.simulated.listing import Listing
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.working import Gone, Match, Working

MINE = 1
"""Owner's number of the account in every book."""


class Exchange:
    """One exchange with one account that is ours.

    Args:
        listings: what is traded, by key.
        cash: the account's minor units by currency.
        lots: its positions by key.
        last: ticks of the last trade before the start, by key.
        history: ended orders and fills that it remembers.

    Attributes:
        listings: what is traded, by key.
        matchers: the books, by key.
        account: what is ours.
        entries: our orders.
        replies, stream: reports since somebody emptied them.
        prints: (key, execution) since somebody emptied it.
        at: the exchange's clock, ns; whoever calls sets it first.
    """

    def __init__(
        self,
        listings: Mapping[int, Listing],
        cash: Mapping[str, int],
        lots: Mapping[int, int],
        last: Mapping[int, int],
        history: int = 10_000,
    ) -> None:
        self.listings = dict(listings)
        self.matchers = {key: Matcher(last.get(key, 0)) for key in listings}
        self.account = Account(self.listings, cash, lots, lambda key: self.matchers[key].last)
        self.entries = Entries(history)
        self.replies: list[VenueReport] = []
        self.stream: list[VenueReport] = []
        self.prints: list[tuple[int, Match]] = []
        self.at = 0
        for key, matcher in self.matchers.items():
            matcher.positions[MINE] = self.account.lots[key]
            matcher.admit = self._admit_of(key)

    def submit(self, order: Order) -> None:
        """Take an order, or refuse it: `Accepted` or `Rejected`.

        Of an id that works already there is no more than `NoAnswer`: the order is there.
        """
        no = self._refusal(order) or self._take(order)
        if no is codes.DUPLICATE:
            why = f"{no.code} {no.text}"
            self.replies.append(NoAnswer(order.key, order.id, self.at, self.at, why))
        elif no is not None:
            self.replies.append(Rejected(order.key, order.id, self.at, self.at, no.code, no.text))

    def cancel(self, key: int, client: str) -> None:
        """Cancel an order: `Ended` on both ways, or `CancelRefused`."""
        entry = self.entries.working(client)
        if entry is None or entry.order.key != key:
            no = codes.UNKNOWN_CANCEL
            self.replies.append(CancelRefused(key, client, self.at, self.at, no.code, no.text))
            return
        self.matchers[key].cancel(entry.working.number)
        self.settle(key)
        self.replies.append(self._ended(entry, End.CANCELLED))

    def query(self, key: int, client: str, asked: int) -> None:
        """Tell what became of an order: its fills and `Found`, or `NotFound`."""
        entry = self.entries.find(client)
        if entry is None or entry.order.key != key:
            self.replies.append(NotFound(key, client, self.at, self.at, asked))
            return
        self.replies += entry.fills
        working = entry.working
        still = entry.ended is None
        self.replies.append(
            Found(key, client, self.at, self.at, str(working.number), still, working.filled, False)
        )

    def open_orders(self) -> None:
        """Tell everything that works."""
        orders = tuple(
            (e.order.id, str(number), e.order.key, e.order.side, e.order.lots, e.working.filled)
            for number, e in self.entries.live.items()
        )
        self.replies.append(OpenOrders(self._any_key, "", self.at, self.at, orders))

    def fills_since(self, cursor: str) -> None:
        """Tell the fills after a cursor."""
        fills = self.entries.since(cursor)
        if fills is None:
            why = f"{codes.CHARACTERS.code} {codes.CHARACTERS.text}"
            self.replies.append(NoAnswer(self._any_key, "", self.at, self.at, why))
            return
        self.replies += fills
        through = str(self.entries.executions)
        self.replies.append(FillsThrough(self._any_key, "", self.at, self.at, through))

    def balances(self) -> None:
        """Tell cash, what is locked among it, and positions."""
        cash = tuple(self.account.cash.items())
        lots = tuple((key, lots) for key, lots in self.account.lots.items() if lots)
        self.replies.append(Balances(self._any_key, "", self.at, self.at, cash, lots))

    def settle(self, key: int) -> None:
        """Book and tell everything that happened in a book since the last call."""
        matcher = self.matchers[key]
        happened, matcher.happened = matcher.happened, []
        for what in happened:
            if type(what) is Match:
                self.prints.append((key, what))
                if what.maker_owner == MINE:
                    self._fill(key, what, what.maker, -what.side, maker=True)
                if what.taker_owner == MINE:
                    self._fill(key, what, what.taker, what.side, maker=False)
            elif type(what) is Gone:
                self._gone(what)
            else:
                entry = self.entries.live[what.number]
                entry.base = _mid(matcher)
                self.stream.append(Triggered(key, entry.order.id, self.at, self.at))

    @property
    def _any_key(self) -> int:
        return next(iter(self.listings))

    def _refusal(self, order: Order) -> codes.Refused | None:
        listing = self.listings.get(order.key)
        if listing is None:
            return codes.SYMBOL
        matcher = self.matchers[order.key]
        if matcher.halted:
            return codes.CLOSED
        if self.entries.working(order.id) is not None:
            return codes.DUPLICATE
        return broken(order, listing, matcher.last)

    def _take(self, order: Order) -> codes.Refused | None:
        key, at, number = order.key, self.at, self.entries.count + 1
        matcher, working = self.matchers[key], _working(number, order)
        refusal = matcher.screen(working)
        if refusal is not None:
            return codes.OF_MATCHING[refusal]
        need = self._need(key, working, order.limit or order.trigger)
        if not self.account.covers(need):
            return codes.FUNDS
        self.account.lock(number, need)
        self.entries.add(Entry(order, working, at, [], None, _mid(matcher)))
        self.replies.append(Accepted(key, order.id, at, at, str(number)))
        matcher.accept(working)
        self.settle(key)
        return None

    def _need(self, key: int, order: Working, price: int) -> Hold:
        """What an order has to have at a price, 0 for the market's.

        One that only reduces needs no more than there is.
        """
        lots = order.left
        if order.reduce_only:
            lots = min(lots, max(0, -order.side * self.account.lots[key]))
        cost = lots * price if price else self.matchers[key].sweep(order.side, lots)[1]
        notional = self.listings[key].notional(cost, 1)
        return self.account.needs(key, order.side, lots, notional)

    def _admit_of(self, key: int) -> Callable[[Working], bool]:
        def admit(order: Working) -> bool:
            """A touched stop works only if its owner can still pay for it."""
            self.settle(key)
            need = self._need(key, order, order.limit)
            covered = self.account.covers(need, own=order.number)
            if covered:
                self.account.lock(order.number, need)
            return covered

        return admit

    def _fill(self, key: int, match: Match, number: int, side: int, *, maker: bool) -> None:
        """Book and tell what a match was for one of our orders, on ``side``."""
        entry = self.entries.live[number]
        at, lots, ticks = self.at, match.lots, match.ticks
        fee = self.account.fill(key, side, lots, ticks, maker)
        base = ticks if maker or not entry.base else entry.base
        client, trade = entry.order.id, str(match.id)
        fill = Filled(key, client, at, at, str(number), trade, side, lots, ticks, fee, maker, base)
        self.entries.fill(entry, fill)
        self.stream.append(fill)
        self.account.relock(key, entry.working)

    def _gone(self, gone: Gone) -> None:
        self.account.release(gone.number)
        self.stream.append(self._ended(self.entries.end(gone.number, gone.why), gone.why))

    def _ended(self, entry: Entry, why: End) -> Ended:
        order = entry.order
        return Ended(order.key, order.id, self.at, self.at, why, entry.working.filled)


def _working(number: int, order: Order) -> Working:
    return Working(
        number, MINE, order.side, order.lots, order.limit, order.type, order.tif, order.trigger,
        order.post_only, order.reduce_only, order.display,
    )  # fmt: skip


def _mid(matcher: Matcher) -> int:
    bids, asks = matcher.halves[1].ranks, matcher.halves[-1].ranks
    return (bids[-1] - asks[-1]) // 2 if bids and asks else 0
