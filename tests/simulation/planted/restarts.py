"""Bugs that a restart brings out."""

from collections.abc import Iterable
from typing import Any

from kedge.domain import state as o
from kedge.domain.control import Mode, Started
from kedge.domain.record import Decided, Event, decode
from kedge.engine.trading import decide, fold
from kedge.engine.trading.fold import evolve
from kedge.testing.simulation import world
from simulation.planting import Planter, bug


@bug(259, "neither stop nor")
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


@bug(79, "before the venue has told")
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
