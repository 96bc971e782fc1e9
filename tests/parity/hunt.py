"""Run on a copy of the source: the first seed where it leaves the oracle.

``python -m parity.hunt FIRST LAST`` prints ``SEED: what differs``, or nothing.
"""

import sys
from pathlib import Path

import kedge
from parity.agreement import agree, seeded


def hunt(first: int, last: int) -> str:
    """The first difference in worlds ``first`` to ``last``, or an empty text."""
    for seed in range(first, last):
        faults = agree(seeded(seed)).faults
        if faults:
            return f"{seed}: {faults[0]}"
    return ""


if __name__ == "__main__":
    # The copy stands first on the path; without this check a hunt in the
    # wrong tree would call every fault unseen.
    where = Path(kedge.__path__[0]).resolve()
    assert where == Path(sys.argv[3]).resolve(), where
    sys.stdout.write(hunt(int(sys.argv[1]), int(sys.argv[2])))
