"""The token that lets the pre-trade gate, and nothing else, make an `Approved` order.

Import rules allow this module to `kedge.risk.approved` and `kedge.risk.gate` only.
"""

from typing import Never


class Token:
    """Proof of having come through the gate; worth nothing outside this process."""

    __slots__ = ()

    def __init_subclass__(cls) -> Never:
        raise TypeError("Token has no subclasses")
