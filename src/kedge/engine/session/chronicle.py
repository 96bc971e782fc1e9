"""What a session has done of late, from its records: counts, a log in words, the last row."""

from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from kedge.data.samplers.row import LeftOut
from kedge.domain.control import Asked, Mode, Started
from kedge.domain.decided import Adjusted, Doubted, ModeSet, Odd, OrderApproved, OrderRefused
from kedge.domain.instrument import Instrument
from kedge.domain.record import Record
from kedge.domain.refusal import REFUSED, refusal_words
from kedge.domain.report import Accepted, Filled, Kept, Link, Rejected, Triggered
from kedge.domain.row import RowDecided, SessionOpened
from kedge.domain.status import Happened
from kedge.engine.session.order_words import amount_words, order_words, price_words, wish_words
from kedge.engine.session.print_words import left_out_words
from kedge.engine.session.timings import Timings

LINES: Final = 200
"""Lines of the log that are kept."""
TOLD: Final = 50
"""Lines of them that are told from outside at once."""
GRAVE: Final = 10
"""Lines that somebody should look at are told so often, however long ago."""
SENT: Final = 1_000
"""Orders whose way to the venue and back is measured at once."""


class Chronicle:
    """Told of every record; see `kedge.engine.trading.shell.Shell`.

    Args:
        instruments: of the keys.
        timings: where the way from submit to acknowledgement is noted.
        booked: whether an execution has been booked already.

    Attributes:
        counts: of rows, orders, fills and refusals since this process started.
        log: the last lines, oldest first.
        decided: the last decided row, None before the first.
    """

    def __init__(
        self,
        instruments: tuple[Instrument, ...],
        timings: Timings,
        booked: Callable[[Filled], bool],
    ) -> None:
        self._instruments, self._timings, self._booked = instruments, timings, booked
        self.counts: Counter[str] = Counter({"orders": 0, "fills": 0, "refusals": 0})
        self.log: deque[Happened] = deque(maxlen=LINES)
        self.decided: RowDecided | None = None
        self._grave: deque[Happened] = deque(maxlen=GRAVE)
        self._sent: dict[str, tuple[int, str]] = {}

    def last(self) -> tuple[Happened, ...]:
        """The last lines, oldest first, and before them the last grave ones."""
        lines = tuple(self.log)[-TOLD:]
        return (*(each for each in self._grave if each not in lines), *lines)

    def hear(self, record: Record) -> None:
        """Take one record."""
        match record:
            case RowDecided():
                self.decided = record
            case OrderApproved(at=at, order=order):
                self.counts["orders"] += 1
                words = order_words(order, self._instruments[order.key])
                self._note_sent(order.id, at, words)
                self._say(at, words)
            case Accepted(order=name, received=at):
                if name in self._sent:
                    self._timings.note("submit to ack", at - self._sent.pop(name)[0])
            case Filled() if self._booked(record):
                pass  # told once more, as a comparison and every start do
            case Filled(received=at, key=key, side=side, lots=lots, ticks=ticks):
                self.counts["fills"] += 1
                word, each = "bought" if side > 0 else "sold", self._instruments[key]
                text = f"{word} {amount_words(lots, each)} at {price_words(ticks, each)}"
                self._say(at, text)
            case OrderRefused(at=at, order=order):
                self.counts["refusals"] += 1
                each = self._instruments[order.key]
                why = refusal_words(record, each)
                self._say(at, f"{REFUSED}: {wish_words(order, each)}: {why}", True)
            case _:
                self._rarer(record)

    def _rarer(self, record: Record) -> None:
        match record:
            case Rejected(received=at, text=text, order=name):
                self.counts["rejections"] += 1
                _, wish = self._sent.pop(name, (0, name))
                self._say(at, f"the venue rejected: {wish}: {text}", True)
            case Triggered(received=at, key=key):
                self._say(at, f"the stop of {self._instruments[key].symbol} was touched")
            case ModeSet(at=at, mode=mode, why=why):
                self._say(at, f"{mode.name}: {why}", mode is not Mode.ACTIVE)
            case Asked(at=at, verb=verb, who=who, granted=granted):
                refused = "" if granted else " (refused)"
                self._say(at, f"{verb.name.lower()} asked by {who}{refused}", not granted)
            case Odd(at=at, what=what):
                self._say(at, what, True)
            case Doubted(at=at, order=name):
                self._say(at, f"nobody knows what became of {name}: the venue is asked", True)
            case Adjusted(at=at, why=why):
                self._say(at, f"adjusted to the venue: {why}", True)
            case Started(at=at, cut=cut):
                torn = f", {cut} torn records dropped" if cut else ""
                self._say(at, f"the session started{torn}")
            case SessionOpened(at=at, session=number):
                self._say(at, f"trading session {number} opened")
            case Link(received=at, up=up):
                self._say(at, "the venue is reached" if up else "the venue is gone", not up)
            case Kept(received=at, segment="", why=why):
                self._say(at, f"the market is not recorded any more: {why}", True)
            case _:
                pass

    def leave_out(self, at: int, left: LeftOut) -> None:
        """Prints that a row was closed without.

        Args:
            at: end of the row, ns UTC.
            left: which, of an instrument that is its primary key's.
        """
        self.counts["implausible prints"] += left.prints
        self._say(at, left_out_words(left, self._instruments[left.instrument]), True)

    def say(self, at: int, text: str, grave: bool = False) -> None:
        """A line that no record stands for."""
        self._say(at, text, grave)

    def _say(self, at: int, text: str, grave: bool = False) -> None:
        self.log.append(Happened(at, text, grave))
        if grave:
            self._grave.append(self.log[-1])

    def _note_sent(self, name: str, at: int, words: str) -> None:
        self._sent[name] = at, words
        if len(self._sent) > SENT:
            del self._sent[next(iter(self._sent))]
