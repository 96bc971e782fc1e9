"""One death: a settled session trades until it is where it dies, and is looked at afterwards."""

import time
from collections.abc import Callable
from random import Random

from kills.evidence import durable, filled, partly, records, reported, shelf
from kills.process import PATIENCE_S, Process, Session
from kills.stages import Stage, There, Wish

LEAVE_S = 0.02
"""For a request to leave the process that sends it; the venue takes it later than that."""
CHANCE_S = 20.0
"""For an order to be filled in part, which is up to the market: without one it dies anyhow."""
RENAMED = 3
"""Changes of the disk, from writing on, after which a snapshot has its name."""
WHOLE = (Stage.SYNCED, Stage.SENT, Stage.SNAPSHOT)
"""Where everything that was decided is durable, so that the next process remembers all of it."""
_WAYS = {Stage.APPENDED: 2, Stage.SENT: 2, Stage.PARTLY: 2, Stage.SNAPSHOT: 5}


class NotThereError(Exception):
    """A session did not come to where it should die."""


def wish_of(random: Random, stage: Stage) -> Wish:
    """One of the ways to die in a stage."""
    variant, skip = random.randrange(_WAYS.get(stage, 1)), random.randrange(3)
    return Wish(stage, 0 if stage is Stage.PARTLY else skip, variant, random.random())


def die(session: Session, process: Process, wish: Wish) -> bool:
    """Let a settled process trade until it dies where it should.

    Returns:
        Whether what it left proves that it died there.
    """
    session.left = ""
    match wish:
        case Wish(Stage.SENT, _, 0):
            return _taken(session, process, wish)
        case Wish(Stage.PARTLY, _, 0):
            return _unheard(session, process)
        case Wish(Stage.PARTLY):
            return _heard(session, process)
        case Wish(Stage.ANY):
            process.say("trade")
            time.sleep(2.0 * wish.after_s)
            process.kill()
            return True
        case Wish(Stage.STARTING):
            process.kill()
            return _starting(session.start(wish), wish)
    return _told(session, process, wish)


def _told(session: Session, process: Process, wish: Wish) -> bool:
    """It says itself when it is there, and waits."""
    process.say("trade")
    there = process.there()
    if there is None:
        raise NotThereError(f"{wish}: it never came there")
    if wish.stage is Stage.SENT:
        time.sleep(LEAVE_S)
    process.kill()
    session.left = there.state if wish.stage in WHOLE else ""
    return _PROOFS[wish.stage](session, there)


def _taken(session: Session, process: Process, wish: Wish) -> bool:
    """It is killed while the venue takes its order; the answer has not left yet."""
    trap = session.market.set(wish.stage, wish.skip, process.strike)
    process.say("trade")
    if not trap.sprung.wait(PATIENCE_S):
        raise NotThereError(f"{wish}: the venue never took an order")
    process.kill()
    return _sent(session, There(trap.order, 0))


def _unheard(session: Session, process: Process) -> bool:
    """It is killed while an order of it is filled in part, before it hears of that."""
    trap = session.market.set(Stage.PARTLY, 0, process.strike)
    process.say("trade")
    sprung = trap.sprung.wait(CHANCE_S)
    process.kill()
    return sprung and not filled(records(session.folder), trap.order, trap.trade)


def _heard(session: Session, process: Process) -> bool:
    """It is killed once a fill is in its journal of an order that goes on resting."""
    process.say("trade")
    end = time.monotonic() + CHANCE_S
    while (order := _known_in_part(session)) is None and time.monotonic() < end:
        time.sleep(0.005)
    process.kill()
    return order is not None and partly(session.market.order(order))


def _known_in_part(session: Session) -> str | None:
    """An order that rests filled in part, as the journal says too."""
    truth = session.market.truth()
    resting = {known.order.id for known in truth.open if partly(known)}
    if not resting:
        return None
    found = records(session.folder)
    fills = [fill for fill in truth.fills if fill.order in resting]
    return next((f.order for f in fills if filled(found, f.order, f.trade)), None)


def _starting(process: Process, wish: Wish) -> bool:
    time.sleep(0.8 * wish.after_s)
    early = not process.said
    process.kill()
    return early


def _appended(session: Session, there: There) -> bool:
    return durable(session.folder) < there.number and session.market.order(there.order) is None


def _synced(session: Session, there: There) -> bool:
    return durable(session.folder) >= there.number and session.market.order(there.order) is None


def _sent(session: Session, there: There) -> bool:
    """The venue has it, sooner or later, and the journal has not heard of it."""
    end = time.monotonic() + 1.0
    while (known := session.market.order(there.order)) is None and time.monotonic() < end:
        time.sleep(0.01)
    return known is not None and not reported(records(session.folder), there.order)


def _snapshot(session: Session, there: There) -> bool:
    """It has begun and not got its name; or it has, and what follows was not done."""
    begun, whole = shelf(session.folder)
    return begun == 1 if there.number < RENAMED else whole > 0


_PROOFS: dict[Stage, Callable[[Session, There], bool]] = {
    Stage.APPENDED: _appended,
    Stage.SYNCED: _synced,
    Stage.SENT: _sent,
    Stage.SNAPSHOT: _snapshot,
}
