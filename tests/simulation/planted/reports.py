"""Bugs in what is made of the reports of a venue."""

from typing import Any

from kedge.domain.report import End, Filled
from kedge.engine.trading import fold, fold_orders
from kedge.engine.trading.engine import Query
from kedge.engine.trading.shell import Shell
from kedge.execution import lifecycle
from kedge.execution.seen import Seen, Sight
from kedge.execution.tracked import Cancelling, Done, Placed, Unknown, Why, existed
from kedge.risk.approved import Approved
from simulation.planting import Planter, bug


@bug(0, "^(positions|cash)")
def fill_counted_twice(p: Planter) -> None:
    """Forgotten idempotency: a fill that is reported again is booked again."""
    p.swap(Seen, "look", lambda real: lambda self, fill: Sight.NEW)


@bug(0, "^(positions|cash)")
def fills_told_apart_by_number_alone(p: Planter) -> None:
    """A fill is taken for a repeat of another instrument's with the same number."""

    def look(self: Seen, fill: Any) -> Sight:
        known = any(fill.trade in each.ids for each in self.keys.values())
        return Sight.REPEAT if known else Sight.NEW

    p.swap(Seen, "look", lambda real: look)


@bug(129, "sells more than there is|lots too many")
def cancel_race(p: Planter) -> None:
    """A cancel that is acknowledged is taken to mean that nothing more has filled."""

    def ended(real: Any) -> Any:
        def wrong(state: Any, report: Any) -> Any:
            if report.why is End.CANCELLED and not isinstance(state, Done):
                filled = 0 if isinstance(state, Placed) else state.filled
                return Done(state.order, state.order.id, filled, Why.CANCELLED, state.at)
            return real(state, report)

        return wrong

    p.swap(lifecycle, "ended", ended)


@bug(0, "^(positions|cash)")
def fill_after_a_cancel_lost(p: Planter) -> None:
    """What fills between a cancel and its answer is seen, and not booked."""

    def filled(real: Any) -> Any:
        def wrong(desk: Any, record: Filled) -> None:
            if isinstance(desk.state_of(record.order), Cancelling):
                fold_orders._step(desk, record.order, record)
                desk.seen.note(record)
            else:
                real(desk, record)

        return wrong

    p.swap(fold._FOLDS, Filled, filled)


@bug(0, "lots too many|sells more than there is")
def remainder_of_a_partial_fill_lost(p: Planter) -> None:
    """The first fill of an order is taken for its last."""

    def with_fill(real: Any) -> Any:
        def wrong(state: Any, fill: Any) -> Any:
            after = real(state, fill)
            if isinstance(after, Done):
                return after
            return Done(after.order, after.venue_id, after.filled, Why.FILLED, after.at)

        return wrong

    p.swap(lifecycle, "with_fill", with_fill)


@bug(3, "lots too many|sells more than there is")
def unknown_treated_as_rejected(p: Planter) -> None:
    """A submit that nobody answered is taken for one that was refused."""

    def no_answer(real: Any) -> Any:
        def wrong(state: Any, report: Any) -> Any:
            if isinstance(state, Placed):
                return Done(state.order, "", 0, Why.REJECTED, state.at)
            return real(state, report)

        return wrong

    p.swap(lifecycle, "_no_answer", no_answer)


@bug(0, "lots too many|sells more than there is")
def not_found_taken_as_never_existed(p: Planter) -> None:
    """An order that the venue does not know yet is taken for one that will never arrive."""
    p.swap(
        lifecycle,
        "_not_found",
        lambda real: lambda state, report, wait: real(state, report, -(2**62)),
    )


@bug(12, r"was taken \d+ times")
def resend_on_timeout(p: Planter) -> None:
    """An order in doubt is sent again instead of asked for."""
    sent: dict[str, Approved] = {}

    def submit(real: Any) -> Any:
        def wrong(self: Shell, approved: Approved, now: int) -> None:
            sent[approved.order.id] = approved
            real(self, approved, now)

        return wrong

    def send(real: Any) -> Any:
        def wrong(self: Shell, command: object, now: int) -> None:
            if isinstance(command, Query) and command.order in sent:
                state = self.desk.orders.get(command.order)
                if isinstance(state, Unknown) and not existed(state):
                    self._venues[command.key].submit(sent[command.order])
                    return
            real(self, command, now)

        return wrong

    p.swap(Shell, "_submit", submit)
    p.swap(Shell, "_send", send)
