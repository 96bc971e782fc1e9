"""How fast the venue's clock runs beside ours."""

import msgspec


class Pace(msgspec.Struct, frozen=True, array_like=True):
    """A line from our time to the venue's.

    Attributes:
        wall: ns UTC of ours.
        virtual: ns UTC of the venue's, at the same instant.
        speed: ns of the venue's for one of ours; 0 where it moves only when told to.
    """

    wall: int
    virtual: int
    speed: float

    def at(self, wall: int) -> int:
        """The venue's time at an instant of ours."""
        return self.virtual + int(max(0, wall - self.wall) * self.speed)
