"""``python -m kills COUNT STATE`` from ``tests``: so many deaths; it goes on where it stopped.

It prints a table, and exits with 1 where anything was wrong.
"""

import sys
from pathlib import Path

from kills.campaign import campaign, shown


def main(count: int, state: Path) -> int:
    done = campaign(count, state)
    sys.stdout.write(f"{shown(done)}\n")
    wrong = [f"{each.stage}: {line}" for each in done for line in each.findings]
    sys.stdout.writelines(f"- {line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
