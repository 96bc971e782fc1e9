"""A desk as bytes: what comes back is the same desk, and what does not fit changes nothing."""

import msgspec
import pytest

from at_desk import HOUR, PRICE, AtDesk
from kedge.domain import state as o
from kedge.domain.decided import Intent
from kedge.domain.reason import Reason
from kedge.engine.trading import snapshot
from kedge.engine.trading.desk import Desk, Pace, Work
from kedge.engine.trading.snapshot import DeskState, PlainState, dump, load

OTHER_SETS = ("orders", "done", "by_key", "by_instrument")
_state = msgspec.msgpack.Decoder(DeskState)


def busy() -> AtDesk:
    """A position with a stop, orders that are done, an intent that is being worked off."""
    at = AtDesk(style="iceberg")
    at.hold(4_000, 9_500)
    stop = at.stop()
    assert stop is not None
    at.accepted(stop.order)
    wish = Intent(
        at.now, at.desk.intents + 1, 0, 0, 9_000, PRICE, 0, int(Reason.NONE), HOUR * 10**6
    )
    at.fold(msgspec.structs.replace(wish, plan=at.engine.way.style.plan(at.desk, wish)))
    at.quote(PRICE, PRICE + 2, 10**9)
    at.desk.book.state.I[0, o.I_STOP] = 9_500
    return at


def fields(work: Work) -> list[object]:
    return [getattr(work, name) for name in Work.__slots__]


def paces(desk: Desk) -> list[list[object]]:
    return [[getattr(each, name) for name in Pace.__slots__] for each in desk.paces]


def test_what_comes_back_is_the_same_desk():
    before = busy().desk
    after = AtDesk(style="iceberg").desk
    assert before.works
    assert before.orders
    assert before.done
    assert load(after, dump(before))
    for name in (*PlainState.__struct_fields__, *OTHER_SETS):
        assert getattr(after, name) == getattr(before, name), name
    assert {n: fields(w) for n, w in after.works.items()} == {
        n: fields(w) for n, w in before.works.items()
    }
    assert paces(after) == paces(before)
    assert after.book.to_bytes() == before.book.to_bytes()
    assert dump(after) == dump(before)


def test_a_desk_that_came_back_shares_nothing_with_the_bytes():
    before = busy().desk
    one, other = AtDesk(style="iceberg").desk, AtDesk(style="iceberg").desk
    raw = dump(before)
    assert load(one, raw)
    assert load(other, raw)
    one.positions[0] += 1
    assert other.positions == before.positions


def another_format(raw: bytes) -> bytes:
    state = _state.decode(raw)
    return msgspec.msgpack.encode(msgspec.structs.replace(state, format=snapshot.FORMAT + 1))


def another_number_of_keys(raw: bytes) -> bytes:
    state = _state.decode(raw)
    state.plain.positions.append(0)
    return msgspec.msgpack.encode(state)


def a_shorter_book(raw: bytes) -> bytes:
    state = _state.decode(raw)
    return msgspec.msgpack.encode(msgspec.structs.replace(state, book=state.book[:-8]))


@pytest.mark.parametrize(
    "spoiled", [another_format, another_number_of_keys, a_shorter_book, lambda raw: raw[:-1]]
)
def test_what_does_not_fit_changes_nothing(spoiled):
    raw, desk = dump(busy().desk), AtDesk(style="iceberg").desk
    before = dump(desk)
    assert not load(desk, spoiled(raw))
    assert dump(desk) == before
