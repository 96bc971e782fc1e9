"""How each venue numbers its book updates, and what a number out of turn means.

A rule is asked before an update is applied. The numbers are those of
`kedge.domain.market.BookDelta`.
"""

from enum import IntEnum
from typing import ClassVar, Final, Protocol

from kedge.domain.market import BookDelta


class Verdict(IntEnum):
    """What to do with an update."""

    APPLY = 0
    SKIP = 1
    GAP = 2


_APPLY: Final = Verdict.APPLY


class Rule(Protocol):
    """One venue's numbering.

    Attributes:
        buffers: the snapshot is asked for beside the stream, so updates before it are kept.
    """

    buffers: ClassVar[bool]

    def verdict(self, last: int, fresh: bool, update: BookDelta) -> Verdict:
        """What to do with an update.

        Args:
            last: number that the book stands at.
            fresh: nothing has been applied since the snapshot.
            update: the next one, no snapshot.
        """


class BinanceSpot:
    """First and last number: the first update covers the snapshot's, each next one follows."""

    buffers: ClassVar[bool] = True

    def verdict(self, last: int, fresh: bool, update: BookDelta) -> Verdict:
        """See `Rule`."""
        if update.last <= last:
            return Verdict.SKIP
        if update.first == last + 1 or (fresh and update.first <= last + 1):
            return Verdict.APPLY
        return Verdict.GAP


class BinanceFutures:
    """First, last and previous number: each update names the last one's end."""

    buffers: ClassVar[bool] = True

    def verdict(self, last: int, fresh: bool, update: BookDelta) -> Verdict:
        """See `Rule`."""
        if fresh:
            if update.last < last:
                return Verdict.SKIP
            return Verdict.APPLY if update.first <= last else Verdict.GAP
        if update.previous == last:
            return Verdict.APPLY
        return Verdict.SKIP if update.last <= last else Verdict.GAP


class Linked:
    """Each update names the number before it (OKX); numbers may go down after maintenance.

    Without numbers (OKX before 2023) only the checksum tells.
    """

    buffers: ClassVar[bool] = False

    def verdict(self, last: int, fresh: bool, update: BookDelta) -> Verdict:
        """See `Rule`."""
        if update.previous == last or (update.previous < 0 and update.checksum >= 0):
            return Verdict.APPLY
        return Verdict.SKIP if update.last <= last else Verdict.GAP


class Consecutive:
    """One number, one higher each time (Bybit v5, Kraken futures)."""

    buffers: ClassVar[bool] = False

    def verdict(self, last: int, fresh: bool, update: BookDelta) -> Verdict:
        """See `Rule`."""
        if update.last <= last:
            return Verdict.SKIP
        return Verdict.APPLY if update.last == last + 1 else Verdict.GAP


class Ascending:
    """Numbers rise by any step (Bybit v2): only disorder can be seen, not loss."""

    buffers: ClassVar[bool] = False

    def verdict(self, last: int, fresh: bool, update: BookDelta) -> Verdict:
        """See `Rule`."""
        if update.last > last:
            return Verdict.APPLY
        return Verdict.SKIP if update.last == last else Verdict.GAP


class Unnumbered:
    """No number of the book's own: a checksum (Kraken) or the connection's count (Coinbase)."""

    buffers: ClassVar[bool] = False

    def verdict(self, last: int, fresh: bool, update: BookDelta) -> Verdict:
        """See `Rule`."""
        return _APPLY
