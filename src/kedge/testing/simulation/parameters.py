"""The parameters of a simulated world as its journal keeps them, and what they stand for."""

from functools import lru_cache
from typing import Final

import msgspec

from kedge.domain.control import Parameters
from kedge.domain.errors import JournalError
from kedge.engine.trading.book import Book
from kedge.engine.trading.setup import Setup
from kedge.testing.simulation.scene import (
    ABSENCE_NS,
    Scene,
    decision_of,
    universe_of,
    way_of,
)
from kedge.testing.simulation.seeded_book import SeededBook

SCENE: Final = "scene"
"""The one key of such a tree, by which it is told from a session's."""


def tree_of(scene: Scene) -> str:
    """A scene as JSON, which is YAML too."""
    return msgspec.json.encode({SCENE: scene}).decode()


@lru_cache(64)
def scene_of(tree: str) -> Scene:
    """The inverse of `tree_of`.

    Raises:
        JournalError: the text is no scene.
    """
    try:
        return msgspec.json.decode(tree, type=dict[str, Scene])[SCENE]
    except (ValueError, KeyError) as error:
        raise JournalError(f"the parameters are no scene: {error}", "journal") from error


def is_scene(tree: str) -> bool:
    """Whether parameters are those of a simulated world."""
    return tree.startswith(f'{{"{SCENE}":')


def adopt(parameters: Parameters) -> Setup:
    """What a world's parameters stand for.

    Raises:
        JournalError: they are no scene.
    """
    scene = scene_of(parameters.tree)
    return Setup(universe_of(scene), decision_of(scene), way_of(scene), ABSENCE_NS)


def seeded_book(scene: Scene, setup: Setup) -> Book:
    """The book of a world: its forecasts follow from the seed."""
    return SeededBook(scene, setup.decision)
