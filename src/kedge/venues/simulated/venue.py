"""The simulated venue: an exchange behind two slow wires, on a clock that is passed in.

Everything happens in order of time, whether the clock is run in one stride or in many:
the seed and the log of what was asked give the same venue again.
"""

from collections import deque
from collections.abc import Callable, Iterable

import msgspec

from kedge.domain.market import Funding, MarketEvent
from kedge.domain.order import TimeInForce
from kedge.domain.report import CancelRefused, NoAnswer, Rejected, VenueReport
from kedge.risk.approved import Approved
from kedge.venues.contract import Able
from kedge.venues.simulated import codes
from kedge.venues.simulated.crossing import cross
from kedge.venues.simulated.exchange import Exchange
from kedge.venues.simulated.latency import Mail
from kedge.venues.simulated.market import Public, publish, trade_of, whole
from kedge.venues.simulated.requests import (
    Act,
    AskBalances,
    AskDepth,
    Cancel,
    Close,
    Cross,
    Deposit,
    Fund,
    Halt,
    ListFills,
    ListOpen,
    Query,
    Request,
    Sent,
    Skew,
    Submit,
)
from kedge.venues.simulated.setup import MakeMarket, Setup
from kedge.venues.simulated.truth import Truth, truth_of

_AHEAD = 1_000_000_000
"""How far into the venue's future a request may say that it was sent, ns."""


class SimulatedVenue:
    """One account at one simulated exchange: `kedge.venues.contract.Venue` and a clock.

    Args:
        setup: what it starts from.
        market: makes what drives the books.
        log: called with every request and act, before anything comes of it.

    Attributes:
        now: ns UTC that the clock was last run to.
        exchange: what lies behind the wires.
    """

    def __init__(
        self, setup: Setup, market: MakeMarket, log: Callable[[Sent], object] = id
    ) -> None:
        self.setup = setup
        self.now = setup.start
        self._log = log
        listings = {listing.key: listing for listing in setup.listings}
        self.exchange = Exchange(listings, setup.cash, setup.lots, setup.opening, setup.history)
        self.exchange.at = setup.start
        self.market = market(self.exchange.matchers)
        self.public = {key: Public() for key in listings}
        self.requests: Mail[tuple[int, Sent]] = Mail()
        self.mail: Mail[tuple[int, VenueReport]] = Mail()
        self.asked = 0
        self.feed: deque[MarketEvent] = deque()
        self.randoms = {name: setup.random(name) for name in ("requests", "reports", "feed")}
        self.stream_due = self.feed_due = setup.start
        self.skew = 0
        for key in listings:
            self._tell(key)

    @property
    def able(self) -> Able:
        """What it can do."""
        short = any(listing.margin for listing in self.setup.listings)
        return Able(iceberg=True, short=short, receive_window_ns=self.setup.window)

    def submit(self, approved: Approved) -> None:
        """Send an order, once."""
        self.send(Submit(approved.order))

    def cancel(self, key: int, order: str) -> None:
        """Ask for a cancel by client order id."""
        self.send(Cancel(key, order))

    def query(self, key: int, order: str) -> None:
        """Ask what became of an order."""
        self.send(Query(key, order))

    def open_orders(self) -> None:
        """Ask for everything that rests."""
        self.send(ListOpen())

    def fills_since(self, cursor: str) -> None:
        """Ask for fills after a cursor, empty for all that are remembered."""
        self.send(ListFills(cursor))

    def balances(self) -> None:
        """Ask what the account holds."""
        self.send(AskBalances())

    def ask_depth(self, key: int) -> None:
        """Ask for a whole book, to start from or after a gap; it comes with `market_events`."""
        self.send(AskDepth(key))

    def reports(self) -> list[VenueReport]:
        """Everything that has come in, in order of arrival."""
        if self.mail.next_time() > self.now:
            return []
        received = msgspec.structs.replace
        return [received(report, received=due) for due, (_, report) in self.mail.arrived(self.now)]

    def arrivals(self) -> list[tuple[int, VenueReport]]:
        """`reports`, each with the number of the request that it answers, 0 for none."""
        received = msgspec.structs.replace
        return [
            (number, received(report, received=due))
            for due, (number, report) in self.mail.arrived(self.now)
        ]

    def market_events(self) -> list[MarketEvent]:
        """Everything that the feed has brought, in order."""
        came: list[MarketEvent] = []
        feed, now = self.feed, self.now
        while feed and feed[0].available_time <= now:
            came.append(feed.popleft())
        return came

    def next_time(self) -> int:
        """When something next arrives, there or here, ns UTC; now, where it has arrived."""
        soonest = min(self.market.next_time(), self.requests.next_time(), self.mail.next_time())
        if self.feed:
            soonest = min(soonest, self.feed[0].available_time)
        return max(self.now, soonest)

    def advance(self, now: int) -> None:
        """Run the clock to ``now``; it never runs backward."""
        market, requests, exchange = self.market, self.requests, self.exchange
        while True:
            moves, arrives = market.next_time(), requests.next_time()
            if moves > now and arrives > now:
                break
            if moves <= arrives:
                exchange.at = moves
                self._tell(market.step())
            else:
                exchange.at = arrives
                self._serve(*requests.take())
        self.now = max(now, self.now)
        exchange.at = self.now

    def send(self, request: Request, sent: int | None = None) -> int:
        """Let a request leave now; ``sent`` where it says that it left earlier.

        Returns:
            Its number; answers carry it, see `arrivals`.
        """
        line = Sent(self.now, self.now if sent is None else sent, request)
        self._log(line)
        delay = self.setup.latency.way(self.randoms["requests"])
        self.asked += 1
        self.requests.send(self.now + delay, (self.asked, line))
        return self.asked

    def act(self, act: Act) -> None:
        """Let something happen at the venue now."""
        self._log(Sent(self.now, self.now, act))
        self.exchange.at = self.now
        match act:
            case Halt(key=key, on=on):
                self.exchange.matchers[key].halted = on
            case Deposit(currency=currency, amount=amount):
                self.exchange.account.deposit(currency, amount)
            case Fund(key=key, rate=rate):
                self._fund(key, rate)
            case Close():
                for key, matcher in self.exchange.matchers.items():
                    matcher.expire(TimeInForce.DAY)
                    self._tell(key)
            case Skew(ns=ns):
                self.skew = ns
            case Cross(key=key, side=side, ticks=ticks, lots=lots):
                cross(self.exchange.matchers[key], side, ticks, lots)
                self._tell(key)

    def replay(self, log: Iterable[Sent], until: int) -> None:
        """Do again what a log tells, in a venue that was just made, and run the clock on.

        What it reports on the way is all there, whether it was ever read or not.
        """
        for line in log:
            self.advance(line.at)
            if isinstance(line.what, Act):
                self.act(line.what)
            else:
                self.send(line.what, line.sent)
        self.advance(until)

    def truth(self) -> Truth:
        """What is so at the venue, whatever it has told anybody."""
        return truth_of(self.exchange)

    def _serve(self, number: int, line: Sent) -> None:
        """A request arrives."""
        at, skewed = self.exchange.at, self.exchange.at + self.skew
        if line.sent > skewed + _AHEAD or skewed - line.sent > self.setup.window:
            self.exchange.replies.append(_too_late(line, at, next(iter(self.public))))
            self._post(number)
            return
        exchange, touched = self.exchange, -1
        match line.what:
            case Submit(order=order):
                exchange.submit(order)
                touched = order.key
            case Cancel(key=key, order=client):
                exchange.cancel(key, client)
                touched = key
            case Query(key=key, order=client):
                exchange.query(key, client, line.sent)
            case ListOpen():
                exchange.open_orders()
            case ListFills(cursor=cursor):
                exchange.fills_since(cursor)
            case AskBalances():
                exchange.balances()
            case AskDepth(key=key):
                self._snapshot(key)
        if touched in self.public:
            self._tell(touched)
        self._post(number)

    def _tell(self, key: int) -> None:
        """Book and publish what happened in a book."""
        exchange = self.exchange
        matcher = exchange.matchers[key]
        if matcher.happened:
            exchange.settle(key)
        prints, halves = exchange.prints, matcher.halves
        if prints or halves[1].touched or halves[-1].touched:
            at, due = exchange.at, self._feed_due()
            if prints:
                self.feed.extend([trade_of(key, match, at, due) for key, match in prints])
                prints.clear()
            self.feed.extend(publish(key, matcher, self.public[key], at, due))
        if exchange.stream and not exchange.replies:
            self._post(0)

    def _feed_due(self) -> int:
        """When a market message that leaves now arrives: never before an earlier one."""
        due = self.exchange.at + self.setup.latency.feed(self.randoms["feed"])
        if due > self.feed_due:
            self.feed_due = due
        return self.feed_due

    def _post(self, number: int) -> None:
        """Let reports leave: the answer to a request on its own, the stream in order."""
        exchange = self.exchange
        if exchange.replies:
            due = exchange.at + self.setup.latency.way(self.randoms["reports"])
            self.mail.send_all(due, [(number, report) for report in exchange.replies])
            exchange.replies.clear()
        if exchange.stream:
            due = exchange.at + self.setup.latency.way(self.randoms["reports"])
            self.stream_due = max(self.stream_due, due)
            self.mail.send_all(self.stream_due, [(0, report) for report in exchange.stream])
            exchange.stream.clear()

    def _snapshot(self, key: int) -> None:
        if key in self.public:
            matcher, public = self.exchange.matchers[key], self.public[key]
            self.feed.append(whole(key, matcher, public, self.exchange.at, self._feed_due()))

    def _fund(self, key: int, rate: float) -> None:
        self.exchange.account.fund(key, rate)
        at = self.exchange.at
        self.feed.append(Funding(key, at, self._feed_due(), rate, at, settled=True))


def _too_late(line: Sent, at: int, some: int) -> VenueReport:
    """The answer to a request whose time is not the venue's."""
    no, what = codes.TIMESTAMP, line.what
    if isinstance(what, Submit):
        return Rejected(what.order.key, what.order.id, at, at, no.code, no.text)
    if isinstance(what, Cancel):
        return CancelRefused(what.key, what.order, at, at, no.code, no.text)
    if isinstance(what, Query):
        return NoAnswer(what.key, what.order, at, at, f"{no.code} {no.text}")
    return NoAnswer(some, "", at, at, f"{no.code} {no.text}")
