"""Simulated worlds against what they came to before: run in the tree that holds a mutant.

``python worlds.py FILE SEEDS`` writes the failures of every world to a file that is not there,
and else names the first world that fails otherwise than the file says, with exit code 1.
"""

import json
import signal
import sys
from pathlib import Path
from typing import Final

from kedge.testing.simulation.campaign import run_world

LONGEST_S: Final = 20
"""A world that takes longer goes on for ever."""


def failures(seed: int) -> list[str]:
    """What is wrong with a world."""
    return [line[:200] for line in run_world(seed).failures]


def main(file: Path, seeds: int) -> int:
    """Write or compare."""
    if not file.exists():
        file.write_text(json.dumps([failures(seed) for seed in range(seeds)]))
        return 0
    for seed, known in enumerate(json.loads(file.read_text())[:seeds]):
        signal.alarm(LONGEST_S)
        found = failures(seed)
        signal.alarm(0)
        if found and found != known:
            print(f"seed {seed}: {found[0]}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
