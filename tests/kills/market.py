"""The venue that outlives the sessions: a wire server in a thread of whoever kills them."""

from collections.abc import Callable
from contextlib import contextmanager
from threading import Event

from kedge.domain.report import Accepted, Filled
from kedge.testing.simulation.scene import Scene
from kedge.venues.simulated.truth import Known, Truth
from kedge.venues.wire.floor import Report
from kedge.venues.wire.server import Terms
from kedge.venues.wire.tickets import Ticket
from kills.evidence import partly
from kills.stages import Stage
from kills.terms import ALLOWED, LATENCY, floor_of
from wire_stage import Served


class Trap:
    """Springs in the instant in which something is so at the venue, before anybody is told.

    Args:
        stage: an order was taken, or rests filled in part.
        skip: how often that happens before.
        truth: of the venue.
        then: what to do.

    Attributes:
        sprung: set once it has.
        order, trade: that it was about, the latter empty without a fill.
    """

    def __init__(
        self, stage: Stage, skip: int, truth: Callable[[], Truth], then: Callable[[], None]
    ) -> None:
        self._stage, self._skip, self._truth, self._then = stage, skip, truth, then
        self.sprung, self.order, self.trade = Event(), "", ""

    def hear(self, ticket: Ticket, report: Report) -> None:
        """Told of everything that happens to the account's orders."""
        if self.sprung.is_set() or not self._fits(ticket, report):
            return
        self._skip -= 1
        if self._skip < 0:
            self._then()
            self.order, self.trade = ticket.order.id, getattr(report, "trade", "")
            self.sprung.set()

    def _fits(self, ticket: Ticket, report: Report) -> bool:
        if self._stage is Stage.SENT:
            return isinstance(report, Accepted)
        named = (k for k in self._truth().orders if k.number == ticket.number)
        return isinstance(report, Filled) and partly(next(named, None))


class Market(Served):
    """The venue of one session.

    Args:
        scene: what is traded.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(floor_of(scene), Terms(latency=LATENCY, allowed=ALLOWED, seed=scene.seed))
        self.trap: Trap | None = None
        self._tell, self.floor.hear = self.floor.hear, self._hear

    def truth(self) -> Truth:
        """What is so at the venue now."""
        return self.do(self.floor.venue.truth)

    def order(self, name: str) -> Known | None:
        """An order by its id, None where it never came."""
        return next((each for each in self.truth().orders if each.order.id == name), None)

    def set(self, stage: Stage, skip: int, then: Callable[[], None]) -> Trap:
        """Do something in the instant in which a stage is so at the venue."""
        self.trap = Trap(stage, skip, self.floor.venue.truth, then)
        return self.trap

    def _hear(self, ticket: Ticket, report: Report) -> None:
        if self.trap is not None:
            self.trap.hear(ticket, report)
        self._tell(ticket, report)


@contextmanager
def market(scene: Scene):
    """A venue, gone in the end."""
    served = Market(scene)
    try:
        yield served
    finally:
        served.stop()
