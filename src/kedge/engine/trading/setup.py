"""From recorded parameters to what a session runs with, and their change between rows.

A journal's `Parameters` say everything that decisions rest on beside code. A session, its
recovery and its replay all fold the same record through the same door, so that a change
takes effect at the same record in each of them.
"""

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from kedge.domain.control import Parameters
from kedge.domain.errors import ConfigError
from kedge.domain.record import Opened
from kedge.engine.pipeline import Decision
from kedge.engine.trading.book import Book
from kedge.engine.trading.desk import Desk, Universe

if TYPE_CHECKING:
    from kedge.engine.trading.way import Way


class Setup(NamedTuple):
    """What parameters stand for.

    Attributes:
        universe: what is traded; its lineage is the journal's, whatever stands here.
        decision: features, strategies and the compiled step.
        way: gate, time-outs, style.
        absence_ns: after which an order that was placed can no longer arrive at its venue.
    """

    universe: Universe
    decision: Decision
    way: "Way"
    absence_ns: int


class Adopt(Protocol):
    """Makes parameters into what they stand for."""

    def __call__(self, parameters: Parameters) -> Setup:
        """What they stand for; equal parameters give equal bits.

        Raises:
            InputError: they cannot be used; a file that they name is missing or another one.
        """


class MakeBook(Protocol):
    """Makes the book of a new desk."""

    def __call__(self, setup: Setup) -> Book:
        """A book before the first row."""


def make_book(setup: Setup) -> Book:
    """The book of a session that makes its forecasts of features."""
    universe = setup.universe
    return Book(setup.decision, universe.instruments, universe.interval_ns)


def make_desk(
    lineage: str, parameters: Parameters, adopt: Adopt, book: MakeBook = make_book
) -> Desk:
    """A desk before the first record of a journal that begins with these parameters.

    Raises:
        InputError: the parameters cannot be used.
    """
    setup = _stamped(adopt(parameters))
    universe = msgspec.structs.replace(setup.universe, lineage=lineage)
    desk = Desk(universe, book(setup), setup.absence_ns, adopt, setup.way)
    desk.parameters = parameters
    return desk


def change(desk: Desk, parameters: Parameters) -> None:
    """Go on with other parameters; those that a desk has already cost nothing.

    Raises:
        InputError: they cannot be used, or are of another universe.
    """
    before, desk.parameters = desk.parameters, parameters
    if desk.adopt is None or (before is not None and _same(before, parameters)):
        return
    setup = _stamped(desk.adopt(parameters))
    check(desk, setup)
    desk.universe = msgspec.structs.replace(setup.universe, lineage=desk.universe.lineage)
    desk.book.adopt(setup.decision)
    desk.way, desk.absence_ns = setup.way, setup.absence_ns
    desk.learn()


def unrecorded(desk: Desk, wanted: Parameters) -> Parameters | None:
    """The parameters to begin with, where a recovered journal's last are others or none.

    Args:
        desk: made with ``wanted`` by `make_desk`, then recovered.
        wanted: of the process that begins.
    """
    last = desk.parameters
    known = last is not None and last is not wanted and _same(last, wanted)
    return None if known else wanted


def check(desk: Desk, setup: Setup) -> None:
    """Refuse what a desk cannot go on with, before it is recorded.

    Raises:
        ConfigError: other instruments, keys or rows, or strategies that the book has no room for.
    """
    if _shape(setup.universe) != _shape(desk.universe):
        raise ConfigError(
            "other instruments, keys or rows cannot take over this journal",
            "universe",
            "begin another session folder",
        )
    desk.book.check(setup.decision)


def same_universe(opened: Opened, universe: Universe) -> bool:
    """Whether a journal is of these instruments and keys."""
    ours = tuple(i.id for i in universe.instruments)
    return opened.instruments == ours and opened.keys == universe.keys


def _same(one: Parameters, other: Parameters) -> bool:
    return (one.tree, one.files) == (other.tree, other.files)


def _shape(universe: Universe) -> tuple[object, ...]:
    """What state refers to by number, and what a number of it is worth."""
    worth = tuple((i.id, i.tick, i.lot, i.multiplier, i.settle) for i in universe.instruments)
    return worth, universe.keys, universe.primary, universe.instrument, universe.interval_ns


def _stamped(setup: Setup) -> Setup:
    """With a hash of every number that the parameters came to, which each decided row names.

    So a rule that changed by one bit is noticed even where it held nothing back.
    """
    way, params = setup.way, setup.decision.program.params
    digest = blake2b(digest_size=8)
    for array in params:
        digest.update(array.tobytes())
    told = (way.rules, way.terms, way.compare_ns, setup.absence_ns, setup.decision.program.capital)
    digest.update(msgspec.msgpack.encode(told))
    return setup._replace(way=way._replace(artifacts=(*way.artifacts, digest.hexdigest())))
