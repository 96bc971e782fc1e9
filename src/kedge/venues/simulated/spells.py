"""When faults that last begin and end."""

from random import Random

from kedge.venues.simulated.fault_plan import SPELLS, Fault, Plan
from kedge.venues.simulated.latency import NEVER


class Spells:
    """Alternating waits and spells of every kind, each of exponential length.

    Args:
        plan: how often and how long.
        random: of these alone.
        start: ns UTC.

    Attributes:
        active: kinds that hold now.
        next_time: when one begins or ends, ns UTC.
    """

    def __init__(self, plan: Plan, random: Random, start: int) -> None:
        self._plan = plan
        self._random = random
        self.active: set[Fault] = set()
        self._turns = {
            fault: start + self._length(plan.every_s[fault])
            for fault in SPELLS
            if fault in plan.every_s
        }
        self.next_time = NEVER
        self._set()

    def turn(self) -> tuple[Fault, int] | None:
        """Begin or end what is due: the kind and when it will be over, 0 where it is over.

        None where a spell would begin after the plan's end.
        """
        fault, at = min(self._turns.items(), key=lambda item: item[1])
        turned = self._turn(fault, at)
        self._set()
        return turned

    def strike(self, fault: Fault, over: int) -> None:
        """Begin a spell out of turn, or let the present one end at another time."""
        self.active.add(fault)
        self._turns[fault] = over
        self._set()

    def _turn(self, fault: Fault, at: int) -> tuple[Fault, int] | None:
        if fault in self.active:
            self.active.remove(fault)
            del self._turns[fault]
            if fault in self._plan.every_s:
                self._turns[fault] = at + self._length(self._plan.every_s[fault])
            return fault, 0
        if at >= self._plan.until:
            del self._turns[fault]
            return None
        self.active.add(fault)
        over = at + self._length(self._plan.lasting_s)
        if fault is Fault.HALF_OPEN:
            over = at + self._plan.watch
        self._turns[fault] = min(over, max(at + 1, self._plan.until))
        return fault, self._turns[fault]

    def _set(self) -> None:
        self.next_time = min(self._turns.values(), default=NEVER)

    def _length(self, mean_s: float) -> int:
        return 1 + int(self._random.expovariate(1.0 / mean_s) * 1e9)
