"""The only thing a venue's ``submit`` takes, and only the gate can make one.

An `Approved` wraps an order that has passed every check of the pre-trade gate. It
cannot be made without the gate's own token, changed, copied, or read from a file: so
nothing that is left after a crash can be sent again, and nothing that was not checked
can be sent at all. Import rules keep `kedge.risk.mint` to the gate alone.
"""

from typing import Never

from kedge.domain.order import Order
from kedge.risk.mint import Token


class Approved:
    """An order that may be sent, once.

    Args:
        order: what was checked.
        token: the gate's.
        reduces: whether it was found to make the position smaller whatever else fills.

    Raises:
        TypeError: the token is not the gate's.
    """

    __slots__ = ("_order", "_reduces", "_token")
    _order: Order
    _reduces: bool
    _token: Token

    def __init__(self, order: Order, token: Token, reduces: bool = False) -> None:
        if type(token) is not Token:
            raise TypeError("only the pre-trade gate approves orders")
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_reduces", reduces is True)
        object.__setattr__(self, "_token", token)

    @property
    def order(self) -> Order:
        """What was checked.

        Raises:
            TypeError: the object was put together without the gate.
        """
        if type(getattr(self, "_token", None)) is not Token:
            raise TypeError("only the pre-trade gate approves orders")
        return self._order

    @property
    def reduces(self) -> bool:
        """Whether it is a verified reduction, a protective stop among them: no new risk."""
        return getattr(self, "_reduces", None) is True

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"an approved order is frozen: {name}")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"an approved order is frozen: {name}")

    def __init_subclass__(cls) -> Never:
        raise TypeError("Approved has no subclasses")

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("an approved order is neither copied nor stored")

    def __repr__(self) -> str:
        return f"Approved({self.order.id})"
