"""Worlds that failed once do not fail again; `kedge simulate` prints the line to add."""

from pathlib import Path

import pytest

from kedge.testing.simulation.corpus import Kept, line_of, read
from kedge.testing.simulation.scene import draw
from kedge.testing.simulation.world import World

CORPUS = read(Path(__file__).with_name("corpus.jsonl"))


@pytest.mark.parametrize("kept", CORPUS, ids=lambda kept: f"{kept.seed}: {kept.was}")
def test_a_world_that_failed_once_is_whole(kept: Kept):
    world = World(kept.seed, kept.scene).run()
    assert world.failures() == []
    assert world.submitted.total() >= kept.scene.orders


def test_a_line_keeps_the_world_as_it_was_drawn(tmp_path: Path):
    file = tmp_path / "corpus.jsonl"
    file.write_text(line_of(4, "a stop came late") + "\n")
    assert read(file) == [Kept(4, "a stop came late", draw(4))]
    assert World(4, draw(4)).scene == World(4).scene
