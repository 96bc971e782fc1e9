"""Sessions that are killed again and again, each death followed by a start that is compared."""

import shutil
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from kills.death import NotThereError, die, wish_of
from kills.market import market
from kills.process import Session
from kills.stages import Stage
from kills.terms import scene_of

STAGES = tuple(Stage)


class Killed(NamedTuple):
    """One death and the start after it.

    Attributes:
        stage: where it was to die.
        proven: whether what it left proves that it did.
        orders, fills: at the venue since the comparison before.
        findings: what was wrong after the next start.
    """

    stage: str
    proven: bool
    orders: int = 0
    fills: int = 0
    findings: tuple[str, ...] = ()


def killed(seed: int, stages: Sequence[Stage], folder: Path) -> list[Killed]:
    """One session that dies in each of some stages in turn.

    Args:
        seed: of everything but the system's own timing.
        stages: where it dies.
        folder: made anew; it stays where something is wrong.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with market(scene_of(seed)) as served:
        done = _deaths(Session(seed, folder, served), Random(f"{seed}/deaths"), stages)
    if not any(each.findings for each in done):
        shutil.rmtree(folder)
    return done


def _deaths(session: Session, random: Random, stages: Sequence[Stage]) -> list[Killed]:
    done: list[Killed] = []
    wish = wish_of(random, stages[0])
    process = session.start(wish)
    found = session.compared(process)
    for stage, following in zip(stages, (*stages[1:], Stage.ANY), strict=True):
        if found:
            break
        try:
            proven = die(session, process, wish)
        except NotThereError as error:
            found = (str(error),)
            done.append(Killed(stage, False, *session.counted(), found))
            break
        wish = wish_of(random, following)
        process = session.start(wish)
        found = session.compared(process)
        done.append(Killed(stage, proven, *session.counted(), found))
    process.end()
    done.append(done.pop()._replace(findings=(*found, *session.ended())))
    return done


def enough(done: Sequence[Killed], count: int, stages: Sequence[Stage]) -> bool:
    """Whether so many have died, and a tenth of them in each stage, by what they left."""
    proven = Counter(each.stage for each in done if each.proven)
    return len(done) >= count and all(10 * proven[stage] >= count for stage in stages)


def campaign(
    count: int, state: Path, stages: Sequence[Stage] = STAGES, rounds: int = 3
) -> list[Killed]:
    """Sessions until enough have died; ``state`` says which are done, and keeps those that failed.

    Args:
        count: deaths in all.
        state: a folder, made where it is missing.
        stages: in which they die.
        rounds: how often a session dies in each.
    """
    state.mkdir(parents=True, exist_ok=True)
    log = state / "deaths.jsonl"
    lines = log.read_bytes().splitlines() if log.exists() else []
    sessions = [msgspec.json.decode(line, type=list[Killed]) for line in lines]
    while not enough(list(chain(*sessions)), count, stages):
        seed = len(sessions)
        order = [*stages] * rounds
        Random(f"{seed}/order").shuffle(order)
        sessions.append(killed(seed, order, state / f"session-{seed}"))
        with log.open("ab") as file:
            file.write(msgspec.json.encode(sessions[-1]) + b"\n")
    return list(chain(*sessions))


def shown(done: list[Killed]) -> str:
    """A table in Markdown: what each stage came to."""
    head = "stage", "kills", "proven by what was left", "orders", "fills", "findings"
    rows = [head, ("---",) * len(head)]
    for stage in STAGES:
        of = [each for each in done if each.stage == stage]
        found = sum(len(each.findings) for each in of)
        proven = "-" if stage is Stage.ANY else str(sum(each.proven for each in of))
        orders, fills = sum(each.orders for each in of), sum(each.fills for each in of)
        rows.append((stage, str(len(of)), proven, f"{orders:,}", f"{fills:,}", str(found)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
