"""A server of a simulated exchange, from its first line to Ctrl-C."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path

import msgspec

from kedge.domain.errors import ConfigError
from kedge.interfaces.clock import wall_ns
from kedge.venues.simulated.latency import Latency
from kedge.venues.wire.faults import plan_of
from kedge.venues.wire.restore import noted, opened, reopened
from kedge.venues.wire.state import State
from kedge.venues.wire.tapes import tape_files
from kedge.venues.wire.world import World

_HOUR = 3_600 * 10**9
_MS = 1_000_000


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    host: str
    port: int
    seed: int
    speed: float
    symbols: tuple[str, ...]
    faults: str
    latency_ms: str
    state: Path | None
    history: float
    cash: int
    fees_in: str
    tapes: tuple[str, ...] = ()


def run(wanted: Wanted) -> None:
    """Serve until interrupted.

    Raises:
        ConfigError: an option is wrong, the port is taken, or aiohttp is not installed.
    """
    try:
        import aiohttp  # noqa: F401
    except ModuleNotFoundError:
        raise ConfigError(
            "needs aiohttp, which is not installed",
            "kedge venue serve",
            "pip install -e '.[crypto]'",
        ) from None
    asyncio.run(_served(wanted))


def latency_of(text: str) -> Latency:
    """Bounds of a delay from text such as ``50-250``, in ms; each way.

    Raises:
        ConfigError: it is no such text.
    """
    low, _, high = text.partition("-")
    try:
        bounds = round(float(low) * _MS), round(float(high or low) * _MS)
    except ValueError:
        raise ConfigError(f"latency {text!r}", "--latency-ms", "such as 50-250") from None
    return Latency(*bounds, 0, bounds[1] // 5)


async def _served(wanted: Wanted) -> None:
    from kedge.venues.wire.server import Terms, WireServer

    wall = wall_ns()
    world = World(
        symbols=wanted.symbols,
        start=wall - int(wanted.history * _HOUR),
        seed=wanted.seed,
        cash=wanted.cash,
        fees_in=wanted.fees_in,
        tapes=tape_files(wanted.tapes, wanted.symbols),
    )
    terms = Terms(
        latency=latency_of(wanted.latency_ms),
        plan=plan_of(wanted.faults, wanted.seed),
        seed=wanted.seed,
    )
    state = None if wanted.state is None else State(wanted.state, world)
    if state is None:
        floor, pace = opened(world, wall, wanted.speed)
    else:
        floor, pace = reopened(state, wall, wanted.speed)
    server = WireServer(floor, pace, wall_ns, terms, noted(state))
    port = await server.start(wanted.host, wanted.port)
    where = f"{wanted.host}:{port}"
    key = next(iter(terms.keys))
    sys.stdout.write(
        f"kedge venue: http://{where} ws://{where}/ws ws://{where}/ws-api/v3\n"
        f"  key {key}\n  secret {terms.keys[key].secret}\n"
    )
    sys.stdout.write("".join(f"  plays {each}\n" for each in floor.played))
    if state is None:
        sys.stdout.write("  without --state everything is forgotten when it ends\n")
    sys.stdout.flush()
    await _until_interrupted(server.finished())
    await server.stop()
    if state is not None:
        state.close()
    struck = ", ".join(f"{fault.value} {n}" for fault, n in server.faults.counts.most_common())
    sys.stdout.write(f"kedge venue: stopped{f'; faults: {struck}' if struck else ''}\n")


async def _until_interrupted(work: Coroutine[object, object, None]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    tasks = {asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())}
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for task in done:
        task.result()
