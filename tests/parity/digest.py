"""``python -m parity.digest FIRST LAST``: a hash of all bits of the step's runs."""

import hashlib
import sys

from kedge.engine.book_state import to_bytes
from parity.agreement import seeded
from parity.step import run_step


def digest(first: int, last: int) -> str:
    """SHA-256 over every table and the final state of worlds ``first`` to ``last``."""
    whole = hashlib.sha256()
    for seed in range(first, last):
        run = run_step(seeded(seed))
        for name, table in vars(run).items():
            whole.update(to_bytes(table) if name == "state" else table.tobytes())
    return whole.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(digest(int(sys.argv[1]), int(sys.argv[2])))
