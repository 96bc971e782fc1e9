"""The exchange behind the wire: the simulated venue, run by whoever holds the clock.

The wire has its own delays, so the venue here has none: what is asked is served at once,
and what comes of it is heard in the same call.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from kedge.domain.market import MarketEvent, Trade
from kedge.domain.report import Accepted, Ended, Filled, Triggered, VenueReport
from kedge.venues.simulated.latency import NONE
from kedge.venues.simulated.requests import Act, Request, Sent, Submit
from kedge.venues.simulated.setup import MakeMarket, Setup
from kedge.venues.simulated.venue import SimulatedVenue
from kedge.venues.wire.past import Past
from kedge.venues.wire.prints import Prints
from kedge.venues.wire.spot import Spot
from kedge.venues.wire.tickets import Ticket, Tickets
from kedge.venues.wire.till import QUOTE, Till

Report = Accepted | Filled | Ended | Triggered
Hear = Callable[[Ticket, Report], None]
"""Told of everything that happens to an order, when it happens."""
_NO_PAST: Mapping[int, Past] = {}


class Floor:
    """One exchange, its tape, and the account's orders.

    Args:
        setup: what the venue starts from; its latency is left out.
        market: makes what drives the books.
        spots: the symbols, one for each listing.
        log: called with every request and act, before anything comes of it.
        past: what was traded before the tape, by key; there may be none.
        fees_in: where fees are taken; see `Till`.
        played: of recordings, for people: a line to a symbol.

    Attributes:
        played: as given.
        spots: by symbol.
        keyed: by key.
        tickets: the account's orders.
        prints: the tape by key.
        till: what the account has.
        hear: told of the account's orders.
        publish: told of the market's events.
    """

    def __init__(
        self,
        setup: Setup,
        market: MakeMarket,
        spots: Sequence[Spot],
        log: Callable[[Sent], object] = id,
        past: Mapping[int, Past] = _NO_PAST,
        fees_in: str = QUOTE,
        played: tuple[str, ...] = (),
    ) -> None:
        self.played = played
        self._log, self._silent = log, False
        self.venue = SimulatedVenue(
            msgspec.structs.replace(setup, latency=NONE, window=1 << 62), market, self._note
        )
        self.spots = {spot.symbol: spot for spot in spots}
        self.keyed = {spot.listing.key: spot for spot in spots}
        self.tickets = Tickets()
        self.till = Till(self.venue.exchange, self.keyed, fees_in)
        self.prints = {key: Prints(past.get(key, {})) for key in self.keyed}
        self.hear: Hear = _nobody
        self.publish: Callable[[MarketEvent], None] = _nowhere

    @property
    def now(self) -> int:
        """Ns UTC that the clock was last run to."""
        return self.venue.now

    def run(self, now: int) -> None:
        """Run the clock."""
        self.venue.advance(now)
        self._listen(0, None)

    def ask(self, request: Request) -> list[VenueReport]:
        """Have a request served now.

        Returns:
            What it was answered.
        """
        number = self.venue.send(request)
        self.venue.advance(self.now)
        return self._listen(number, request)

    def act(self, act: Act) -> None:
        """Let something happen at the exchange now."""
        self.venue.act(act)
        self._listen(0, None)

    def replay(self, log: Iterable[Sent]) -> None:
        """Do again what a log tells, in a floor that was just made; nothing is logged again."""
        self._silent = True
        for line in log:
            self.run(line.at)
            if isinstance(line.what, Act):
                self.act(line.what)
            else:
                self.ask(line.what)
        self._silent = False

    def _note(self, line: Sent) -> None:
        if not self._silent:
            self._log(line)

    def _listen(self, number: int, request: Request | None) -> list[VenueReport]:
        answers: list[VenueReport] = []
        for answered, report in self.venue.arrivals():
            if answered == 0:
                self._follow(report)
                continue
            answers.append(report)
            if isinstance(report, Accepted) and isinstance(request, Submit):
                self.hear(self.tickets.take(request.order, report), report)
        for event in self.venue.market_events():
            if isinstance(event, Trade):
                self.prints[event.key].take(event)
            self.publish(event)
        return answers

    def _follow(self, report: VenueReport) -> None:
        match report:
            case Filled():
                fill = self.till.named(report)
                self.hear(self.tickets.fill(fill), fill)
            case Ended():
                self.hear(self.tickets.end(report), report)
            case Triggered():
                self.hear(self.tickets.touch(report), report)
            case _:
                pass


def _nobody(ticket: Ticket, report: Report) -> None:
    pass


def _nowhere(event: MarketEvent) -> None:
    pass
