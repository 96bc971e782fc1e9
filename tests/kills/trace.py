"""What the system saw of a session: every request about an order left after its own sync.

``python -m kills.trace ORDERS`` from ``tests`` traces a session over so many orders.
"""

import codecs
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kedge.domain.decided import CancelAsked, OrderApproved
from kedge.domain.record import Record, decode
from kedge.ledger.journal.frame import OVERHEAD
from kedge.ledger.journal.segment import HEADER, MAGIC
from kills.market import market
from kills.terms import busy_scene

STRACE = shutil.which("strace")
CALLS = "pwrite64,fdatasync,sendto,sendmsg,write,writev"
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (?P<again>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)", re.S)
_FILE = re.compile(r"\d+<(?P<path>[^>]*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ORDER = re.compile(rb"(POST|DELETE) /api/v3/order\b.*?ClientOrderId=([\w-]+)", re.S)


class Call(NamedTuple):
    """One moment of a system call.

    Attributes:
        name: of the call.
        path: of the file or socket.
        data: first text among its arguments.
        ended: whether it comes back here; otherwise it begins.
        good: whether it came back without an error.
    """

    name: str
    path: str
    data: bytes
    ended: bool
    good: bool


class Sent(NamedTuple):
    """What a trace shows.

    Attributes:
        orders, cancels: requests that left.
        syncs: of segments that came back.
        early: requests whose record was not durable yet, or that left more often than it says.
    """

    orders: int
    cancels: int
    syncs: int
    early: tuple[str, ...]


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """The calls of a trace in order: where one was interrupted, its begin and its end."""
    begun: dict[str, Call] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        rest, good = match["rest"], not re.search(r"= -1 E\w+", line[-80:])
        if match["again"]:
            yield begun.pop(match[1])._replace(ended=True, good=good)
            continue
        call = _call(match["name"], rest)
        yield call
        if rest.rstrip().endswith("<unfinished ...>"):
            begun[match[1]] = call
        else:
            yield call._replace(ended=True, good=good)


def _call(name: str, rest: str) -> Call:
    file, text = _FILE.match(rest), _TEXT.search(rest)
    data = codecs.escape_decode(text[1].encode("ascii"))[0] if text else b""
    return Call(name, file["path"] if file else "", data, False, False)


class _Durable:
    """Requests whose records are on the disk, below a watermark that is there too."""

    def __init__(self) -> None:
        self.requests = Counter[str]()
        self.syncs = 0
        self._written: dict[str, Counter[str]] = {}
        self._begun: dict[str, Counter[str]] = {}
        self._synced: dict[str, Counter[str]] = {}
        self._marked = Counter[str]()

    def segment(self, call: Call) -> None:
        """What was written before a sync began is synced when it came back."""
        written = self._written.setdefault(call.path, Counter())
        if call.name == "fdatasync" and not call.ended:
            self._begun[call.path] = Counter(written)
        elif call.name == "fdatasync" and call.good:
            self._synced[call.path] = self._begun[call.path]
            self.syncs += 1
        elif call.name == "pwrite64" and call.ended and call.good:
            written.update(map(_request, _records(call.data)))

    def watermark(self, call: Call) -> None:
        """It vouches for what was synced before it was written."""
        if call.name == "pwrite64" and not call.ended:
            self._marked = sum(self._synced.values(), Counter())
        elif call.name == "fdatasync" and call.ended and call.good:
            self.requests = self._marked


def judged(found: Iterable[Call]) -> Sent:
    """Hold every request against the records that were durable when it began."""
    durable, sent = _Durable(), Counter[str]()
    early: list[str] = []
    for call in found:
        kind = Path(call.path).name
        if kind.endswith(".segment"):
            durable.segment(call)
        elif kind == "watermark":
            durable.watermark(call)
        elif call.path.startswith("socket:") and not call.ended:
            for verb, name in _ORDER.findall(call.data):
                request = f"{verb.decode()} {name.decode()}"
                sent[request] += 1
                if sent[request] > durable.requests[request]:
                    early.append(request)
    orders = sum(n for request, n in sent.items() if request.startswith("POST"))
    return Sent(orders, sent.total() - orders, durable.syncs, tuple(early))


def _records(data: bytes) -> Iterator[Record]:
    """The records of the frames in one write."""
    at = HEADER if data.startswith(MAGIC) else 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        yield decode(data[at + OVERHEAD : at + 8 + length])
        at += -(-(8 + length) // 8) * 8


def _request(record: Record) -> str:
    """The request that a record is about; empty for any other."""
    match record:
        case OrderApproved(order=order):
            return f"POST {order.id}"
        case CancelAsked(order=order):
            return f"DELETE {order}"
        case _:
            return ""


def traced(orders: int, seed: int, folder: Path) -> Sent:
    """A session over so many orders, under strace.

    Raises:
        RuntimeError: it ended with an error.
    """
    tests, log = Path(__file__).resolve().parents[1], folder / "trace"
    paths = os.pathsep.join((str(tests), str(tests.parent / "src")))
    strace = [str(STRACE), "-f", "-y", "--seccomp-bpf", "-s", "4194304", "-e", f"trace={CALLS}"]
    with market(busy_scene(seed)) as served:
        session = [str(folder / "session"), str(seed), served.url, str(orders)]
        done = subprocess.run(
            [*strace, "-o", str(log), sys.executable, "-m", "kills.trader", *session],
            env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the traced session: {done.stderr[-2000:]}")
    with log.open(encoding="ascii") as lines:
        return judged(calls(lines))


def main(orders: int) -> int:
    if STRACE is None:
        sys.stdout.write("strace is not installed: nothing was traced\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        sent = traced(orders, 1, Path(folder))
    sys.stdout.write(
        f"{sent.orders:,} orders sent, {len(sent.early)} requests before their sync\n\n"
        "| orders sent | cancels sent | syncs of a segment | sent before their sync |\n"
        "|---|---|---|---|\n"
        f"| {sent.orders:,} | {sent.cancels:,} | {sent.syncs:,} | {len(sent.early)} |\n\n"
    )
    sys.stdout.writelines(f"- {request}\n" for request in sent.early)
    return 1 if sent.early or sent.orders < orders else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
