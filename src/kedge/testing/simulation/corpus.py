"""Worlds that failed once, kept so that they do not fail again.

A line holds the scene beside the seed: a seed alone means another world as soon as worlds
are drawn in another way.
"""

from pathlib import Path

import msgspec

from kedge.testing.simulation.scene import Scene, draw


class Kept(msgspec.Struct, frozen=True):
    """One world of a corpus.

    Attributes:
        seed: of everything that the scene leaves open.
        was: what went wrong, in a line.
        scene: its choices.
    """

    seed: int
    was: str
    scene: Scene


def line_of(seed: int, was: str) -> str:
    """The line that keeps a drawn world, as JSON."""
    return msgspec.json.encode(Kept(seed, was, draw(seed))).decode()


def read(file: Path) -> list[Kept]:
    """The worlds of a corpus, one a line.

    Raises:
        msgspec.ValidationError: a line is none.
    """
    return [msgspec.json.decode(line, type=Kept) for line in file.read_text().splitlines()]
