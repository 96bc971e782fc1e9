"""How a bug is planted for a test: functions of the product are swapped for wrong ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import pytest

Make = Callable[[Callable[..., Any]], Callable[..., Any]]
"""From a function as it is to one that is wrong."""


class Planter:
    """Swaps functions until the end of a `planted`.

    Attributes:
        used: calls of what was swapped in.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.used = 0

    def swap(self, owner: Any, name: Any, make: Make) -> None:
        """Swap one function, where callers look it up.

        Args:
            owner: a module, a class, or a table of functions.
            name: of the function in it.
            make: gives the wrong one.
        """
        real = owner[name] if isinstance(owner, dict) else getattr(owner, name)
        wrong = make(real)

        def counted(*given: Any, **named: Any) -> Any:
            self.used += 1
            return wrong(*given, **named)

        put = self._patch.setitem if isinstance(owner, dict) else self._patch.setattr
        put(owner, name, counted)


class Bug(NamedTuple):
    """A bug that can be switched on.

    Attributes:
        name: of it.
        seed: the first world that shows it, counted from 0.
        says: what is said of that world, as a regular expression.
        plant: puts it in.
    """

    name: str
    seed: int
    says: str
    plant: Callable[[Planter], None]


BUGS: Final[list[Bug]] = []
"""All of them, in the order in which they are written down."""


def bug(seed: int, says: str) -> Callable[[Callable[[Planter], None]], Callable[[Planter], None]]:
    """Enter a function that plants a bug in `BUGS`."""

    def entered(plant: Callable[[Planter], None]) -> Callable[[Planter], None]:
        BUGS.append(Bug(plant.__name__.replace("_", " "), seed, says, plant))
        return plant

    return entered


@contextmanager
def planted(found: Bug) -> Iterator[Planter]:
    """The product with a bug."""
    with pytest.MonkeyPatch.context() as patch:
        planter = Planter(patch)
        found.plant(planter)
        yield planter
