"""What the open lots of a position cost on average: one rule for the view and the report."""


def average_entry(held: int, average: float, lots: int, price: float) -> float:
    """The average entry price after a change of a position.

    Lots that are added count at their price, and what leaves does not change what the rest had
    cost. A position that turns begins anew.

    Args:
        held: lots before, signed.
        average: that they had cost, any unit; it does not matter where nothing is held.
        lots: that come or go, signed.
        price: of those, in the same unit.

    Returns:
        In the same unit; 0 where nothing is left.
    """
    after = held + lots
    if after == 0:
        return 0.0
    if (held > 0) != (after > 0) or held == 0:
        return float(price)
    if abs(after) <= abs(held):
        return average
    return (held * average + lots * price) / after
