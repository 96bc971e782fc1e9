import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.domain.order import Order
from kedge.domain.report import Unsent
from kedge.engine.commit import CommandPump
from kedge.risk.approved import Approved
from kedge.risk.mint import Token


def approved(name: str, reduces: bool = False) -> Approved:
    return Approved(Order(id=name, key=3, side=1, lots=5), Token(), reduces)


class Latch:
    def __init__(self) -> None:
        self.set = False

    def __call__(self) -> bool:
        return self.set


def test_command_waits_for_its_record() -> None:
    pump = CommandPump(Latch())
    pump.push(5, "cancel a")
    assert list(pump.due(4, 0)) == []
    assert len(pump) == 1
    assert list(pump.due(5, 0)) == ["cancel a"]
    assert list(pump.due(5, 0)) == []


def test_commands_come_out_in_the_order_of_their_records() -> None:
    pump = CommandPump(Latch())
    for seq, command in ((2, "a"), (2, "b"), (7, "c"), (9, "d")):
        pump.push(seq, command)
    assert list(pump.due(7, 0)) == ["a", "b", "c"]
    assert list(pump.due(100, 0)) == ["d"]


@pytest.mark.parametrize("seq", [0, -1, 4])
def test_command_out_of_order_is_refused(seq: int) -> None:
    pump = CommandPump(Latch())
    pump.push(5, "a")
    with pytest.raises(ValueError, match="after one of record 5"):
        pump.push(seq, "b")


def test_kill_holds_orders_back_and_lets_cancels_pass() -> None:
    latch = Latch()
    pump = CommandPump(latch)
    pump.push(1, approved("x"))
    pump.push(2, "cancel x")
    pump.push(3, approved("y"))
    latch.set = True
    out = list(pump.due(3, 77))
    assert out[1] == "cancel x"
    assert [(each.order, each.key, each.at) for each in out if isinstance(each, Unsent)] == [
        ("x", 3, 77), ("y", 3, 77),
    ]  # fmt: skip


def test_kill_lets_verified_reductions_and_stops_pass() -> None:
    latch = Latch()
    latch.set = True
    pump, stop = CommandPump(latch), approved("stop", reduces=True)
    pump.push(1, stop)
    assert list(pump.due(1, 0)) == [stop]


def test_latch_is_read_at_the_moment_of_each_order() -> None:
    latch = Latch()
    pump = CommandPump(latch)
    first, second = approved("x"), approved("y")
    pump.push(1, first)
    pump.push(1, second)
    drawn = pump.due(1, 0)
    assert next(drawn) is first
    latch.set = True
    assert isinstance(next(drawn), Unsent)


def test_what_was_not_drawn_stays_and_nothing_comes_out_twice() -> None:
    pump = CommandPump(Latch())
    for seq in (1, 2, 3):
        pump.push(seq, seq)
    assert next(pump.due(3, 0)) == 1
    assert list(pump.due(3, 0)) == [2, 3]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans())))
def test_no_order_leaves_before_its_record_or_after_the_kill(
    steps: list[tuple[int, int, bool]],
) -> None:
    latch, seq, durable, sent = Latch(), 0, 0, []
    pump, pushed = CommandPump(latch), []
    for appended, synced, kill in steps:
        for _ in range(appended):
            seq += 1
            pushed.append((seq, approved(str(seq))))
            pump.push(*pushed[-1])
        durable = min(seq, durable + synced)
        latch.set = latch.set or kill
        for command in pump.due(durable, 0):
            assert isinstance(command, Unsent) == latch.set
            number = int(command.order if latch.set else command.order.id)  # type: ignore[attr-defined]
            assert number <= durable
            sent.append(number)
    assert sent == list(range(1, durable + 1))
