"""Engine time, which never runs backward (see `fold`)."""

from typing import Final

from kedge.engine.trading.desk import Desk

HOUR_NS: Final = 3_600_000_000_000


def set_clock(desk: Desk, at: int) -> None:
    """Engine time never runs backward."""
    if at > desk.at:
        desk.at = at
