"""Bugs that trading systems have had, each planted in one place of the engine.

The seed is that of the first world which shows the bug, the text what the observer says of it:
``test_planted_bugs`` looks for both.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from kedge.domain import state as o
from kedge.domain.control import Mode, Started
from kedge.domain.decided import IntentEnded
from kedge.domain.reason import Reason
from kedge.domain.record import Decided, Event, decode
from kedge.domain.report import End, Filled
from kedge.engine.commit import CommandPump
from kedge.engine.trading import decide, engine, fold, fold_orders, styles, views
from kedge.engine.trading.book import Book
from kedge.engine.trading.engine import Query
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.shell import Shell
from kedge.execution import lifecycle, stops
from kedge.execution.seen import Seen, Sight
from kedge.execution.tracked import LIVE, Cancelling, Done, Placed, Unknown, Why, existed, exposed
from kedge.ledger.journal import watermark
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.watermark import Mark
from kedge.risk import gate
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.testing.simulation import world
from simulation.planting import BUGS, Planter, bug

__all__ = ["BUGS"]

_replace: Final = msgspec.structs.replace
_CLOSES: Final = (int(Reason.STOP), int(Reason.HALTED))


# What the venue says of orders


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


@bug(20, r"was taken \d+ times")
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


# Durability


@bug(0, "was never approved")
def no_sync(p: Planter) -> None:
    """What was handed to the system is called durable."""

    def sync(self: Journal) -> None:
        self.durable = self._written.seq

    p.swap(Journal, "sync", lambda real: sync)


@bug(12, r"was never approved|was taken \d+ times")
def send_before_sync(p: Planter) -> None:
    """Commands leave first, and their records are made durable after them."""

    def settle(self: Shell, now: int) -> None:
        if self._last > self._journal.durable or self.pump:
            for command in self.pump.due(self._last, now):
                self._send(command, now)
            self._journal.commit()

    p.swap(Shell, "_settle", lambda real: settle)


@bug(99, "is damaged")
def watermark_ahead_of_the_records(p: Planter) -> None:
    """The watermark is made durable before the records below it are."""

    def sync(self: Journal) -> None:
        target, files = self._written, self._unsynced
        self._unsynced = []
        if target.seq == self.durable:
            return
        mark = Mark(self._mark.number + 1, target.seq, target.chain, target.segment, target.offset)
        self._marks.write(*watermark.slot(mark))
        self._marks.sync()
        for file in files:
            file.sync()
        self._mark, self.durable = mark, mark.seq

    p.swap(Journal, "sync", lambda real: sync)


# Restarts


@bug(224, "neither stop nor")
def stop_lost_on_restart(p: Planter) -> None:
    """After a restart nobody knows at which level a position is protected, nor by what."""

    def started(real: Any) -> Any:
        def wrong(desk: Any, record: Started) -> None:
            real(desk, record)
            desk.book.state.I[:, o.I_STOP] = 0
            desk.stops = [""] * len(desk.stops)

        return wrong

    p.swap(fold._FOLDS, Started, started)


@bug(3, "adds risk while HALTED")
def kill_forgotten_on_restart(p: Planter) -> None:
    """Every process begins to trade, whatever stopped the one before."""

    def started(real: Any) -> Any:
        def wrong(desk: Any, record: Started) -> None:
            real(desk, record)
            desk.mode, desk.killed = Mode.ACTIVE, False

        return wrong

    p.swap(fold._FOLDS, Started, started)


@bug(0, "intent 1 follows|was approved twice")
def ids_repeated_after_a_restart(p: Planter) -> None:
    """Every process counts its intents from 1."""

    def started(real: Any) -> Any:
        def wrong(desk: Any, record: Started) -> None:
            real(desk, record)
            desk.intents = 0

        return wrong

    p.swap(fold._FOLDS, Started, started)


@bug(12, "before the venue has told")
def trades_before_it_has_compared(p: Planter) -> None:
    """After a restart the account is taken for equal to the venue's without asking."""

    def started(real: Any) -> Any:
        def wrong(desk: Any, record: Started) -> None:
            real(desk, record)
            desk.compared = [True] * len(desk.compared)

        return wrong

    p.swap(fold._FOLDS, Started, started)


@bug(10, "neither stop nor|an orphan|sells more than there is")
def snapshot_without_open_orders(p: Planter) -> None:
    """A snapshot keeps positions and intents, and no orders."""

    def dump(real: Any) -> Any:
        def wrong(desk: Any) -> bytes:
            orders, stops_ = desk.orders, desk.stops
            children = {number: work.children for number, work in desk.works.items()}
            desk.orders, desk.stops = {}, [""] * len(stops_)
            for work in desk.works.values():
                work.children = set()
            raw: bytes = real(desk)
            desk.orders, desk.stops = orders, stops_
            for number, work in desk.works.items():
                work.children = children[number]
            return raw

        return wrong

    p.swap(world, "dump", dump)


@bug(31, r"intent \d+ follows")
def recovery_that_decides(p: Planter) -> None:
    """A recovery derives decisions from the events instead of folding what was decided."""

    def recover(desk: Any, payloads: Iterable[tuple[int, bytes]]) -> int:
        last = 0
        for number, payload in payloads:
            last, record = number, decode(payload)
            if isinstance(record, Decided):
                continue
            evolve(desk, record)
            if isinstance(record, Event):
                for derived, _ in decide.decide(desk, record, desk.way):
                    evolve(desk, derived)
        desk.book.taken()
        return last

    p.swap(world, "recover", lambda real: recover)


# Risk


@bug(0, "sells more than there is|adds risk")
def gate_skipped(p: Planter) -> None:
    """Every order is approved."""

    def examine(order: Any, rules: Any, view: Any) -> Approved:
        return Approved(order, Token(), gate.reduces(order, view))

    p.swap(decide, "examine", lambda real: examine)


@bug(100, "brings key")
def limit_blind_to_working_orders(p: Planter) -> None:
    """The position limit counts what is held, not what may still fill."""

    def exposure(real: Any) -> Any:
        return lambda order, rules, view: real(order, rules, _replace(view, buying=0, selling=0))

    p.swap(gate, "exposure", exposure)


@bug(0, "sells more than there is")
def reduction_blind_to_working_orders(p: Planter) -> None:
    """An order against the position is a reduction whatever else is on its way to close it."""

    def reduces(order: Any, view: Any) -> bool:
        return order.side * view.held < 0 and order.lots <= abs(view.held)

    p.swap(gate, "reduces", lambda real: reduces)
    p.swap(decide, "_room", lambda real: lambda desk, work, way: abs(work.left))


@bug(51, "adds risk while")
def new_risk_after_a_kill(p: Planter) -> None:
    """The gate does not ask whether the session may trade."""
    p.swap(gate, "state_of_session", lambda real: lambda view: None)


@bug(64, "was sent after the session was killed")
def latch_not_read_when_sending(p: Planter) -> None:
    """A kill is obeyed once the loop has heard of it, and not before."""

    def init(real: Any) -> Any:
        return lambda self, killed: real(self, lambda: False)

    p.swap(CommandPump, "__init__", init)


@bug(0, "on a quote that is")
def stale_quote_accepted(p: Planter) -> None:
    """A quote that was true once is good enough for new risk."""

    def quote(real: Any) -> Any:
        return lambda view, rules: real(_replace(view, age=0), rules)

    p.swap(gate, "quote", quote)


# Intents, slices, stops


@bug(2, "lots too many")
def cancel_replace_doubles_exposure(p: Planter) -> None:
    """Lots whose cancel was asked for are ordered anew before it is confirmed."""

    def progress(real: Any) -> Any:
        def wrong(desk: Any, work: Any, plan: Any) -> Any:
            states = [desk.orders[name] for name in work.children]
            gone = sum(exposed(each) for each in states if not isinstance(each, LIVE))
            found = real(desk, work, plan)
            return _replace(found, worked=found.worked - gone, open=found.open - gone)

        return wrong

    p.swap(styles, "_progress", progress)


@bug(0, "sells more than there is")
def stop_replaced_before_its_end(p: Planter) -> None:
    """What is being cancelled counts no more, so the next stop is placed beside it."""

    def with_(real: Any) -> Any:
        def wrong(g: Any, stop: Any) -> Any:
            return stops._without(g) if isinstance(stop, Cancelling) else real(g, stop)

        return wrong

    def at_work(real: Any) -> Any:
        return lambda state: 0 if isinstance(state, Cancelling) else real(state)

    p.swap(stops, "_with", with_)
    p.swap(views, "exposed", at_work)


@bug(0, "neither stop nor")
def no_stop(p: Planter) -> None:
    """A position is left to itself."""
    p.swap(decide, "protect", lambda real: lambda g: stops.Keep("it is fine"))


@bug(0, "neither stop nor|adds risk")
def wrong_side_on_close(p: Planter) -> None:
    """What is to close a position adds to it."""

    def intent(real: Any) -> Any:
        def wrong(desk: Any, way: Any, n: int, lots: int, ticks: int, stop: int, why: int) -> Any:
            return real(desk, way, n, -lots if why in _CLOSES else lots, ticks, stop, why)

        return wrong

    p.swap(decide, "_intent", intent)


@bug(0, "has not ended")
def intents_never_ended(p: Planter) -> None:
    """An intent that is over is kept."""

    def ended(real: Any) -> Any:
        def wrong(desk: Any, event: Any, way: Any) -> Iterator[Any]:
            return (out for out in real(desk, event, way) if not isinstance(out[0], IntentEnded))

        return wrong

    p.swap(engine, "decide", ended)


# Money


@bug(0, "^cash")
def fees_not_booked(p: Planter) -> None:
    """A fill costs its price and nothing else."""

    def fill(real: Any) -> Any:
        def wrong(
            self: Book, n: int, lots: int, ticks: int, base: int, fee: int, *rest: int
        ) -> None:
            real(self, n, lots, ticks, base, 0, *rest)

        return wrong

    p.swap(Book, "fill", fill)


@bug(0, "^cash")
def fees_rounded_to_cents(p: Planter) -> None:
    """A fee is booked to two digits, the venue keeps eight."""

    def fill(real: Any) -> Any:
        def wrong(
            self: Book, n: int, lots: int, ticks: int, base: int, fee: int, *rest: int
        ) -> None:
            real(self, n, lots, ticks, base, round(fee / 10**6) * 10**6, *rest)

        return wrong

    p.swap(Book, "fill", fill)


# What only some worlds have


@bug(45, "lots in an hour of")
def hour_begun_anew_by_a_restart(p: Planter) -> None:
    """Every process counts an hour's volume from nothing."""

    def started(real: Any) -> Any:
        def wrong(desk: Any, record: Started) -> None:
            real(desk, record)
            desk.book.state.I[:, o.I_USED] = 0
            for pace in desk.paces:
                pace.used = 0

        return wrong

    p.swap(fold._FOLDS, Started, started)


@bug(2, "neither stop nor")
def watched_stop_that_closes_nothing(p: Planter) -> None:
    """Where no stop rests at the venue a touch of its level is only noted."""

    def protect(real: Any) -> Any:
        def wrong(g: Any) -> Any:
            found = real(g)
            return stops.Keep("noted") if isinstance(found, stops.Close) else found

        return wrong

    p.swap(decide, "protect", protect)


@bug(10, "after a flatten$")
def flatten_of_one_instrument(p: Planter) -> None:
    """A flatten closes the first position and no other."""

    def close(real: Any) -> Any:
        def wrong(
            desk: Any, n: int, key: int, lots: int, reason: Reason, way: Any
        ) -> Iterator[Any]:
            if n == 0 or reason is not Reason.HALTED:
                yield from real(desk, n, key, lots, reason, way)

        return wrong

    p.swap(decide, "_close_at_once", close)


@bug(25, "^cash")
def adopted_fill_costs_nothing(p: Planter) -> None:
    """What an adopted order brings is counted, and not paid."""

    def transfer(real: Any) -> Any:
        def wrong(desk: Any, fill: Filled, n: int) -> None:
            desk.book.move_lots(n, fill.side * fill.lots)

        return wrong

    p.swap(fold_orders, "_transfer", transfer)
