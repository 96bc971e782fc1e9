"""Whose cash and whose position: an account, and a position's full name."""

import msgspec


class Account(msgspec.Struct, frozen=True):
    """Where cash and positions are held; one account may net several strategies.

    Attributes:
        id: stable name, unique in a process that holds several.
        venue: where it is held, empty where there is none.
        currency: that it reports in.
    """

    id: str
    venue: str
    currency: str


class Key(msgspec.Struct, frozen=True):
    """What a net position is one of: the same instrument elsewhere is another position.

    Attributes:
        account, venue: of the position.
        instrument: stable entity id.
    """

    account: str
    venue: str
    instrument: str
