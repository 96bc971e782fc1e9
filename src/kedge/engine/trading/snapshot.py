"""A desk as bytes and back: what a start goes on from instead of the whole journal.

A snapshot is a cache. Everything in it follows from the records before it; where it does
not fit the sources that read it, it is passed over and the journal is folded from its start.
"""

from collections import OrderedDict
from decimal import Decimal
from typing import Any, Final

import msgspec

from kedge.domain.control import Mode, Parameters, Quoted
from kedge.domain.decided import Intent
from kedge.engine.trading.desk import Desk, Pace, Work
from kedge.engine.trading.setup import change
from kedge.execution.reconcile.holdings import Doubt
from kedge.execution.seen import Seen
from kedge.execution.slicing.plan import Plan
from kedge.execution.slicing.volumes import VolumesState, fits
from kedge.execution.tracked import Done, Tracked

FORMAT: Final = 6
"""Changes whenever a field does: an older snapshot is then none."""


class WorkState(msgspec.Struct, frozen=True, array_like=True):
    """`kedge.engine.trading.desk.Work`, field by field."""

    intent: Intent
    left: int
    children: tuple[str, ...]
    made: int
    sent_at: int
    refused: bool
    plan: Plan | None
    traded: int
    reduces: bool


class PlainState(msgspec.Struct, array_like=True):
    """Fields of a `Desk` that are plain values, under their own names."""

    at: int
    mode: Mode
    killed: bool
    why: str
    flattening: bool
    stopping: bool
    stops: list[str]
    stop_refusals: list[int]
    stop_refused: list[tuple[int, int]]
    stop_after: list[int]
    close_after: list[int]
    close_tries: list[int]
    positions: list[int]
    quotes: list[Quoted]
    quoted_at: int
    traded: list[int]
    session: int
    intents: int
    protections: int
    seen: Seen
    up: list[bool]
    compared: list[bool]
    cursors: dict[int, str]
    told: dict[int, int]
    doubts: dict[int, Doubt]
    cash_doubts: dict[str, Doubt]
    odd: list[str]
    asked: dict[int, int]
    answered: dict[int, int]
    rows: int
    marks: tuple[int, int, int]
    restarts: int
    parameters: Parameters | None
    routes: list[int]
    healthy_since: list[int]
    cash_told: dict[int, dict[str, int]]
    paid: list[Decimal]
    owed: dict[str, int]


class DeskState(msgspec.Struct, frozen=True, array_like=True):
    """A desk between two records."""

    format: int
    plain: PlainState
    orders: list[Tracked]
    done: list[Done]
    works: list[WorkState]
    paces: list[tuple[int, int, int]]
    book: bytes
    volumes: VolumesState | None


_decoder: msgspec.msgpack.Decoder[DeskState] = msgspec.msgpack.Decoder(DeskState)


def dump(desk: Desk) -> bytes:
    """The desk as it stands after its last record."""
    plain: dict[str, Any] = {name: getattr(desk, name) for name in PlainState.__struct_fields__}
    works = [
        WorkState(w.intent, w.left, tuple(sorted(w.children)), w.made, w.sent_at, w.refused,
                  w.plan, w.traded, w.reduces)
        for w in desk.works.values()
    ]  # fmt: skip
    state = DeskState(
        FORMAT,
        PlainState(**plain),
        list(desk.orders.values()),
        list(desk.done.values()),
        works,
        [(p.last, p.hour, p.used) for p in desk.paces],
        desk.book.to_bytes(),
        None if desk.volumes is None else desk.volumes.state(),
    )
    return msgspec.msgpack.encode(state)


def load(desk: Desk, raw: bytes) -> bool:
    """Make a fresh desk what another was.

    Returns:
        False, and nothing changed, where the bytes are of another format or another shape.
    """
    try:
        state = _decoder.decode(raw)
    except msgspec.DecodeError:
        return False
    if state.format != FORMAT or not _fits(desk, state):
        return False
    if state.plain.parameters is not None:
        change(desk, state.plain.parameters)
    _restore(desk, state)
    return True


def _fits(desk: Desk, state: DeskState) -> bool:
    """Whether a state can be of a desk of this shape."""
    n, row_ns = len(desk.universe.instruments), desk.universe.interval_ns
    learned = state.volumes is None or fits(state.volumes, n, row_ns)
    same = len(state.plain.positions) == len(desk.positions)
    return same and learned and desk.book.fits(state.book)


def _restore(desk: Desk, state: DeskState) -> None:
    for name in PlainState.__struct_fields__:
        setattr(desk, name, getattr(state.plain, name))
    desk.orders = {each.order.id: each for each in state.orders}
    desk.done = OrderedDict((each.order.id, each) for each in state.done)
    desk.works = {each.intent.number: _work(each) for each in state.works}
    desk.by_key = [set() for _ in desk.by_key]
    for each in state.orders:
        desk.by_key[each.order.key].add(each.order.id)
    desk.by_instrument = [set() for _ in desk.by_instrument]
    for work in state.works:
        desk.by_instrument[work.intent.instrument].add(work.intent.number)
    desk.paces = [_pace(*each) for each in state.paces]
    desk.book.from_bytes(state.book)
    if desk.volumes is not None and state.volumes is not None:
        desk.volumes.restore(state.volumes)


def _work(state: WorkState) -> Work:
    work = Work(state.intent, state.plan, state.traded, state.reduces)
    work.left, work.children, work.made = state.left, set(state.children), state.made
    work.sent_at, work.refused = state.sent_at, state.refused
    return work


def _pace(last: int, hour: int, used: int) -> Pace:
    pace = Pace()
    pace.last, pace.hour, pace.used = last, hour, used
    return pace
