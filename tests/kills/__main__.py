"""``python -m kills COUNT STATE`` from ``tests``: so many deaths; it goes on where it stopped.

It prints a line and a table, and exits with 1 where anything was wrong.
"""

import sys
from pathlib import Path

from kills.campaign import campaign, shown


def main(count: int, state: Path) -> int:
    done = campaign(count, state)
    wrong = [f"{each.stage}: {line}" for each in done for line in each.findings]
    orders = sum(each.orders for each in done)
    sys.stdout.write(f"{len(done)} killed, {orders:,} orders, {len(wrong)} findings\n\n")
    sys.stdout.write(f"{shown(done)}\n\n")
    sys.stdout.writelines(f"- {line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
