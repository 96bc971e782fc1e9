"""Bugs in what is on the disk before something is sent."""

from kedge.engine.trading.shell import Shell
from kedge.ledger.journal import watermark
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.watermark import Mark
from simulation.planting import Planter, bug


@bug(0, "was never approved")
def no_sync(p: Planter) -> None:
    """What was handed to the system is called durable."""

    def sync(self: Journal) -> None:
        self.durable = self._written.seq

    p.swap(Journal, "sync", lambda real: sync)


@bug(13, r"was never approved|was taken \d+ times")
def send_before_sync(p: Planter) -> None:
    """Commands leave first, and their records are made durable after them."""

    def settle(self: Shell, now: int) -> None:
        if self._last > self._journal.durable or self.pump:
            for command in self.pump.due(self._last, now):
                self._send(command, now)
            self._journal.commit()

    p.swap(Shell, "_settle", lambda real: settle)


@bug(99, "is damaged")
def watermark_ahead_of_the_records(p: Planter) -> None:
    """The watermark is made durable before the records below it are."""

    def sync(self: Journal) -> None:
        target, files = self._written, self._unsynced
        self._unsynced = []
        if target.seq == self.durable:
            return
        mark = Mark(self._mark.number + 1, target.seq, target.chain, target.segment, target.offset)
        self._marks.write(*watermark.slot(mark))
        self._marks.sync()
        for file in files:
            file.sync()
        self._mark, self.durable = mark, mark.seq

    p.swap(Journal, "sync", lambda real: sync)
