"""A run whose books do not balance is never a result."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kedge.domain import state as o
from kedge.domain.errors import RunError
from kedge.research.exactness import check_identities
from kedge.research.run import Run


def test_books_of_the_sample_balance(sample_run: Run) -> None:
    check_identities(sample_run)


def _changed(run: Run, name: str, place: tuple[int, ...], by: int) -> Run:
    array = getattr(run, name).copy()
    array[place] += by
    return replace(run, **{name: array})


PLANTED: dict[str, tuple[str, Callable[[Run], Run]]] = {
    "a fee": ("cash", lambda run: _changed(run, "fills", (3, o.FILL_FEE), 1)),
    "a notional": ("cash", lambda run: _changed(run, "fills", (7, o.FILL_NOTIONAL), -1)),
    "a dividend": ("cash", lambda run: _changed(run, "postings", (0, o.POST_AMOUNT), 1)),
    "the balance": ("cash", lambda run: _changed(run, "cash", (0,), 1)),
    "lots of a fill": ("position", lambda run: _changed(run, "fills", (3, o.FILL_LOTS), 1)),
    "a position": ("position", lambda run: _changed(run, "lots", (2,), -1)),
    "equity": ("equity", lambda run: _changed(run, "rows", (-1, o.ROW_EQUITY), 1)),
    "a share": (
        "quantity of fill 5",
        lambda run: _changed(run, "attribution", (5, 0, o.ATTR_QUANTITY), 1),
    ),
    "a profit": (
        "profit of fill 5",
        lambda run: _changed(run, "attribution", (5, 1, o.ATTR_PNL), 1),
    ),
    "a missing fill": ("cash", lambda run: replace(run, fills=np.delete(run.fills, 4, axis=0))),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_one_wrong_unit_is_found(sample_run: Run, what: str) -> None:
    named, plant = PLANTED[what]
    with pytest.raises(RunError, match=f"do not balance: the .*{named}|balance: {named}"):
        check_identities(plant(sample_run))
