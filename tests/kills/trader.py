"""``python -m kills.trader FOLDER SEED URL ORDERS``: a session in a plain process, to be traced."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from kills.session import BEAT_S, Life
from kills.stages import Halt, Stage, There, Wish
from kills.terms import busy_scene

PATIENCE_S = 900.0


def nobody(there: There) -> None:
    raise AssertionError("nobody wished it to die")


def trade(folder: Path, seed: int, url: str, orders: int) -> int:
    """Trade until so many orders were approved and nothing is on its way; gives their number."""
    life = Life(folder, busy_scene(seed), url, Halt(Wish(Stage.ANY, 0, 0, 0.0), nobody))
    life.trades = True
    _until(life, lambda: life.orders >= orders)
    life.trades = False
    _until(life, lambda: life.settled)
    life.close()
    return life.orders


def _until(life: Life, over: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not over():
        if time.monotonic() > end:
            raise TimeoutError(f"only {life.orders} orders")
        life.turn()
        time.sleep(BEAT_S)


if __name__ == "__main__":
    folder, seed, url, orders = sys.argv[1:]
    sys.stdout.write(f"{trade(Path(folder), int(seed), url, int(orders))}\n")
