"""Bugs that trading systems have had, each planted in one place of the engine.

The seed is that of the first world which shows the bug, the text what the observer says of it:
``test_planted_bugs`` looks for both.
"""

from simulation.planted import durability, execution, money, reports, restarts, risk
from simulation.planting import BUGS

__all__ = ["BUGS", "durability", "execution", "money", "reports", "restarts", "risk"]
