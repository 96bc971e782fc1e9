"""What tests of the replay share: journals of simulated worlds, and journals that were touched."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from kedge.domain.control import Parameters
from kedge.domain.record import Record, encode
from kedge.domain.row import RowDecided
from kedge.engine.trading.replay import Verdict, replay
from kedge.engine.trading.setup import Adopt, Setup
from kedge.ledger.journal.folder import open_journal
from kedge.numeric_platform import platform_fingerprint
from kedge.testing.simulation.parameters import adopt, scene_of, seeded_book, tree_of
from kedge.testing.simulation.scene import Scene, draw
from kedge.testing.simulation.world import World

SEED = 5
SHAPE = {
    "style": "pov", "session_rows": 8, "crashes": 1, "commands": True, "turn_ns": 400_000_000,
    "rate": 0.8, "takers": 0.3, "spread_bps": 100.0, "follow": 0.3, "volatility": 1.5,
}  # fmt: skip
"""A world with a restart and a change of parameters, whose slices follow the volume."""


@cache
def world(seed: int = SEED, **choices: float) -> World:
    """A world that has run; every test reads the same one."""
    return World(seed, msgspec.structs.replace(draw(seed), **{**SHAPE, **choices})).run()


def records(seed: int = SEED, **choices: float) -> list[Record]:
    return list(world(seed, **choices).records())


def replayed(
    found: list[Record],
    made: Adopt = adopt,
    platform: str | None = None,
    start: int = 1,
    step: Callable[[int], None] | None = None,
) -> Verdict:
    """A replay of records numbered from 1."""
    scene = next(scene_of(r.tree) for r in found if isinstance(r, Parameters))
    return replay(
        enumerate(found, 1),
        made,
        platform_fingerprint() if platform is None else platform,
        book=lambda setup: seeded_book(scene, setup),
        start=start,
        step=step,
    )


def turned(field: str) -> Adopt:
    """Parameters of which one float is the next one up."""

    def adopt_turned(parameters: Parameters) -> Setup:
        scene: Scene = scene_of(parameters.tree)
        up = float(np.nextafter(getattr(scene, field), np.inf))
        other = msgspec.structs.replace(scene, **{field: up})
        return adopt(Parameters(parameters.at, tree_of(other), parameters.files))

    return adopt_turned


def place_of(found: list[Record], kind: type, nth: int = 0) -> int:
    """Index of the nth record of a kind."""
    return [at for at, record in enumerate(found) if isinstance(record, kind)][nth]


def changed(found: list[Record], at: int, **fields: object) -> list[Record]:
    """The records, one of them with other fields."""
    other = list(found)
    other[at] = msgspec.structs.replace(found[at], **fields)
    return other


def flipped(raw: bytes, word: int, kind: str) -> bytes:
    """An array's bytes with the last bit of one word turned."""
    words = np.frombuffer(raw, kind).copy()
    words[word] ^= 1
    return words.tobytes()


def with_a_forecast(found: list[Record]) -> int:
    """Index of a decided row whose first forecast is a number."""
    return next(
        at
        for at, r in enumerate(found)
        if isinstance(r, RowDecided) and np.isfinite(np.frombuffer(r.forecasts)[0])
    )


def on_disk(found: list[Record], folder: Path) -> Path:
    """A journal of the records."""
    journal = open_journal(folder, segment_bytes=1 << 18)
    for record in found:
        journal.append(encode(record))
    journal.close()
    return folder
