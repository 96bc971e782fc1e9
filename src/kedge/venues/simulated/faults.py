"""A venue behind a bad line: a seeded plan of faults around a simulated one.

Every call is still answered in the end, if only by `NoAnswer`; what the venue itself
does is never wrong, only what is heard of it.
"""

from collections import Counter
from itertools import groupby

import msgspec

from kedge.domain.market import MarketEvent
from kedge.domain.report import Balances, Link, NoAnswer, Rejected, VenueReport
from kedge.risk.approved import Approved
from kedge.venues.contract import Able
from kedge.venues.simulated import codes
from kedge.venues.simulated.fault_plan import OF_REPORTS, OF_REQUESTS, Fault, Plan
from kedge.venues.simulated.latency import Mail
from kedge.venues.simulated.requests import (
    Act,
    AskBalances,
    AskDepth,
    Cancel,
    Halt,
    ListFills,
    ListOpen,
    Query,
    Request,
    Skew,
    Submit,
)
from kedge.venues.simulated.spells import Spells
from kedge.venues.simulated.truth import Truth
from kedge.venues.simulated.venue import SimulatedVenue

_SILENT = _LINK_DOWN, _HALF_OPEN = (Fault.LINK_DOWN, Fault.HALF_OPEN)
_OUTAGE, _BANNED = Fault.OUTAGE, Fault.BANNED
_MISSING = (Fault.REPORT_LOST, Fault.REPORT_LATE)
_AGAIN = (Fault.REPORT_LATE, Fault.REPORT_TWICE)


class FaultyVenue:
    """`SimulatedVenue` with everything that a network and a bad day do to it.

    Args:
        venue: what is behind it; nobody else may read its reports.
        plan: what goes wrong.

    Attributes:
        plan: of which scenarios may put another one; spells stay those of the first.
        counts: how often each kind of fault struck.
    """

    def __init__(self, venue: SimulatedVenue, plan: Plan) -> None:
        self._venue = venue
        self.plan = plan
        self.counts: Counter[Fault] = Counter()
        self._chance = venue.setup.random("faults of requests")
        self._noise = venue.setup.random("faults of reports")
        self._spells = Spells(plan, venue.setup.random("spells"), venue.setup.start)
        self._held: Mail[tuple[int, Request]] = Mail()
        self._mail: Mail[VenueReport] = Mail()
        self._feed: list[MarketEvent] = []
        self._gap = False
        self._others: set[int] = set()
        self._marked: dict[int, tuple[Fault, int, Request]] = {}
        self._keys = sorted(venue.public)
        self._halted: int | None = None
        self._keep = False
        self._back = 0
        self._set: dict[type, Fault] = {}

    @property
    def able(self) -> Able:
        """What it can do."""
        return self._venue.able

    @property
    def now(self) -> int:
        """Ns UTC that the clock was last run to."""
        return self._venue.now

    def submit(self, approved: Approved) -> None:
        """Send an order, once."""
        self._send(Submit(approved.order))

    def cancel(self, key: int, order: str) -> None:
        """Ask for a cancel by client order id."""
        self._send(Cancel(key, order))

    def query(self, key: int, order: str) -> None:
        """Ask what became of an order."""
        self._send(Query(key, order))

    def open_orders(self) -> None:
        """Ask for everything that rests."""
        self._send(ListOpen())

    def fills_since(self, cursor: str) -> None:
        """Ask for fills after a cursor."""
        self._send(ListFills(cursor))

    def balances(self) -> None:
        """Ask what the account holds."""
        self._send(AskBalances())

    def connect(self) -> None:
        """A process begins and listens anew: it is told so, unless the link is down."""
        if Fault.LINK_DOWN not in self._spells.active:
            key, now = self._keys[0], self.now
            self._mail.send(now, Link(key, "", now, now, True, "connected"))

    def ask_depth(self, key: int) -> None:
        """Ask for a whole book through the feed."""
        self._venue.send(AskDepth(key))

    def by_hand(self, request: Request) -> None:
        """Somebody else at the same account asks; the answer is his, the stream tells everybody."""
        self._others.add(self._venue.send(request))

    def act(self, act: Act) -> None:
        """Let something happen at the venue itself, for scenarios."""
        self._venue.act(act)

    def strike(self, fault: Fault, lasting: int) -> None:
        """Begin a spell now, for scenarios: it lasts so many ns."""
        self._spells.strike(fault, self.now + lasting)
        self._weather(fault, self.now, self.now + lasting)

    def befall(self, fault: Fault, kind: type) -> None:
        """Let the next request of a class of ``requests`` meet a fault, for scenarios."""
        self._set[kind] = fault

    def truth(self) -> Truth:
        """What is so at the venue, whatever it has told anybody."""
        return self._venue.truth()

    def reports(self) -> list[VenueReport]:
        """Everything that has come in, in order of arrival."""
        came: list[VenueReport] = []
        while (due := self._mail.next_time()) <= self._venue.now:
            report = self._mail.take()
            late = report.received != due
            came.append(msgspec.structs.replace(report, received=due) if late else report)
        return came

    def market_events(self) -> list[MarketEvent]:
        """Everything that the feed has brought; a gap takes some of it away."""
        if not self._feed and not self._gap:
            return self._venue.market_events()
        came, self._feed = self._feed, []
        return came if self._gap else came + self._venue.market_events()

    def next_time(self) -> int:
        """When something next arrives or goes wrong, ns UTC."""
        own = min(self._mail.next_time(), self._held.next_time(), self._spells.next_time)
        return max(self._venue.now, min(own, self._venue.next_time()))

    def advance(self, now: int) -> None:
        """Run the clock to ``now``."""
        venue, spells, held = self._venue, self._spells, self._held
        while (due := min(spells.next_time, held.next_time())) <= now:
            self._run(due)
            if held.next_time() <= due:
                sent, request = held.take()
                venue.send(request, sent)
            else:
                self._turn(due)
        self._run(now)

    def _run(self, now: int) -> None:
        """Run the venue and hear what it says, in the weather of this moment."""
        self._venue.advance(now)
        if self._gap:
            self.counts[Fault.FEED_GAP] += len(self._venue.market_events())
        if self._venue.mail.next_time() <= now:
            for number, group in groupby(self._venue.arrivals(), key=lambda arrival: arrival[0]):
                reports = [report for _, report in group]
                if number:
                    self._hear_answer(number, reports)
                else:
                    self._hear_stream(reports)

    def _send(self, request: Request) -> None:
        """A request leaves: at most one thing goes wrong with it."""
        now, plan, active = self.now, self.plan, self._spells.active
        if _OUTAGE in active:
            self._answer(request, now, self._server_error(request, now))
            return
        if _BANNED in active:
            self._answer(request, now, self._too_many(request, now, "418"))
            return
        fault = self._set.pop(type(request), self._drawn(OF_REQUESTS, self._chance.random()))
        if fault is Fault.REQUEST_TWICE and isinstance(request, Submit):
            fault = None  # whoever sends an order twice is at fault himself
        if fault is None:
            self._venue.send(request)
            return
        self.counts[fault] += 1
        match fault:
            case Fault.REQUEST_LOST:
                self._mail.send(now + plan.timeout, self._no_answer(request, now, "timed out"))
            case Fault.ERROR_NOT_DONE:
                self._answer(request, now, self._server_error(request, now))
            case Fault.RATE_LIMITED:
                self._answer(request, now, self._too_many(request, now, "429"))
            case Fault.REQUEST_LATE:
                self._held.send(now + int(plan.late * self._chance.random()), (now, request))
            case _:
                number = self._venue.send(request)
                if fault is Fault.REQUEST_TWICE:
                    self._venue.send(request)
                else:
                    self._marked[number] = (fault, now, request)

    def _hear_answer(self, number: int, reports: list[VenueReport]) -> None:
        """All of an answer arrives together, late, or not at all."""
        if number in self._others:
            return
        at = reports[0].received
        fault, sent, request = self._marked.pop(number, (None, 0, None))
        if request is None or fault is Fault.ANSWER_LATE:
            late = int(self.plan.late * self._noise.random()) if request else 0
            for report in reports:
                self._mail.send(at + late, self._distorted(report))
        elif fault is Fault.ANSWER_LOST:
            given_up = max(at, sent + self.plan.timeout)
            self._mail.send(given_up, self._no_answer(request, at, "timed out"))
        else:
            self._mail.send(at, self._server_error(request, at))

    def _hear_stream(self, reports: list[VenueReport]) -> None:
        """Reports of the stream arrive, unless it is broken just now."""
        for report in reports:
            if _HALF_OPEN in self._spells.active:
                continue
            if _LINK_DOWN not in self._spells.active:
                self._hear_one(report.received, report)
            elif self._keep:
                self._mail.send(self._back, report)

    def _hear_one(self, at: int, report: VenueReport) -> None:
        fault = self._drawn(OF_REPORTS, self._noise.random())
        delay = 1 + int(self.plan.late * self._noise.random())
        if fault is None:
            self._mail.send(at, report)
            return
        self.counts[fault] += 1
        if fault not in _MISSING:
            # A swap is a report that just misses its turn.
            self._mail.send(at + (fault is Fault.REPORT_SWAPPED) * 1_000_000, report)
        if fault in _AGAIN:
            self._mail.send(at + delay, report)

    def _drawn(self, kinds: tuple[Fault, ...], u: float) -> Fault | None:
        """The fault that a uniform number stands for."""
        if self.now >= self.plan.until:
            return None
        for kind in kinds:
            u -= self.plan.chance.get(kind, 0.0)
            if u < 0.0:
                return kind
        return None

    def _distorted(self, report: VenueReport) -> VenueReport:
        """Balances may be wrong in one figure."""
        if not isinstance(report, Balances) or self.now >= self.plan.until:
            return report
        if self._noise.random() >= self.plan.chance.get(Fault.WRONG_BALANCES, 0.0):
            return report
        self.counts[Fault.WRONG_BALANCES] += 1
        if report.positions and self._noise.random() < 0.5:
            (key, lots), *rest = report.positions
            return msgspec.structs.replace(report, positions=((key, lots + 1), *rest))
        (code, amount), *others = report.cash
        return msgspec.structs.replace(report, cash=((code, amount - 1_000_000), *others))

    def _turn(self, at: int) -> None:
        """A spell begins or ends."""
        turned = self._spells.turn()
        if turned is None:
            return
        self._weather(turned[0], at, turned[1])

    def _weather(self, fault: Fault, at: int, over: int) -> None:
        """What a spell does when it begins, or when it is over."""
        self.counts[fault] += bool(over)
        if fault in _SILENT:
            self._silence(fault, at, over)
        elif fault is Fault.FEED_GAP:
            if over and not self._gap:
                self._feed += self._venue.market_events()
            self._gap = bool(over)
        elif fault is Fault.CLOCK_SKEW:
            self._venue.act(Skew(self.plan.skew if over else 0))
        elif fault is Fault.OUTAGE or fault is Fault.HALT:
            if fault is Fault.HALT:
                self._halted = self._any_key() if over else None
            for key in self._keys:
                down = Fault.OUTAGE in self._spells.active or key == self._halted
                self._venue.act(Halt(key, down))

    def _any_key(self) -> int:
        return self._keys[int(self._noise.random() * len(self._keys))]

    def _silence(self, fault: Fault, at: int, over: int) -> None:
        """The stream breaks, or comes back; a half-open one is only noticed in the end."""
        key = self._keys[0]
        if over and fault is Fault.LINK_DOWN:
            self._keep, self._back = self._noise.random() < 0.5, over
            self._mail.send(at, Link(key, "", at, at, False, "connection reset"))
        elif not over:
            if fault is Fault.HALF_OPEN:
                self._mail.send(at, Link(key, "", at, at, False, "nothing heard for too long"))
            self._mail.send(at, Link(key, "", at, at, True, "connected again"))

    def _answer(self, request: Request, at: int, report: VenueReport) -> None:
        """An answer from the door: the request never came in."""
        self._mail.send(at + 2 * self._venue.setup.latency.low, report)

    def _named(self, request: Request) -> tuple[int, str]:
        match request:
            case Submit(order=order):
                return order.key, order.id
            case Cancel(key=key, order=client) | Query(key=key, order=client):
                return key, client
            case _:
                return self._keys[0], ""

    def _no_answer(self, request: Request, at: int, why: str) -> VenueReport:
        return NoAnswer(*self._named(request), at, at, why)

    def _server_error(self, request: Request, at: int) -> VenueReport:
        return self._no_answer(request, at, f"503 {codes.BUSY.text}")

    def _too_many(self, request: Request, at: int, status: str) -> VenueReport:
        no = codes.TOO_MANY
        if isinstance(request, Submit):
            return Rejected(*self._named(request), at, at, no.code, f"{status} {no.text}")
        return self._no_answer(request, at, f"{status} {no.text}")
