"""A graceful end: what becomes of working orders and positions, by policy."""

from collections.abc import Callable, Iterator
from typing import Literal

from kedge.domain.control import Mode, Verb
from kedge.engine.session.driver import OURS, Driver
from kedge.engine.trading.desk import Desk

Policy = Literal["cancel", "leave", "flatten"]


def ending(driver: Driver, policy: Policy, patience_ns: int) -> Iterator[Callable[[], bool]]:
    """The steps of an end: drive until what each yields is so, then ask for the next.

    Protective stops stay with what they protect. ``flatten`` closes every position first, and
    leaves a session that was active able to trade again at its next start, unless something else
    has come to forbid it: a kill, a contradiction, the drawdown stop.

    Args:
        driver: of the session.
        policy: what is done about orders.
        patience_ns: how long each step waits, of the engine's time.
    """
    if policy == "leave":
        return
    active = driver.shell.desk.mode is Mode.ACTIVE
    if policy == "flatten":
        driver.ask(Verb.FLATTEN, OURS)
        yield _within(driver, lambda: driver.flat and driver.idle, patience_ns)
    driver.ask(Verb.STOP, OURS)
    yield _within(driver, lambda: driver.idle, patience_ns)
    if policy == "flatten" and active and _only_by_us(driver.shell.desk):
        driver.ask(Verb.RESUME, OURS)
        yield _within(driver, lambda: True, patience_ns)


def _only_by_us(desk: Desk) -> bool:
    """Whether nothing forbids new risk but the flatten that the end itself asked for."""
    return desk.why == f"flattened by {OURS}" and not (desk.killed or desk.book.halted)


def _within(driver: Driver, holds: Callable[[], bool], patience_ns: int) -> Callable[[], bool]:
    begun = driver.now

    def over() -> bool:
        return driver.now > begun and (holds() or driver.now - begun >= patience_ns)

    return over
