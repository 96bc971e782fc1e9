"""A thread with an event loop of its own, so that whoever calls goes on at once."""

import asyncio
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import Any, TypeVar

_T = TypeVar("_T")
Work = Callable[[], Coroutine[Any, Any, None]]
"""Begins something; called in the thread of the loop."""


class Worker:
    """One thread, one loop.

    Args:
        name: of the thread.
        lost: whether an error that nobody waited for may go unsaid; others are logged.
    """

    def __init__(self, name: str, lost: Callable[[BaseException], bool] = lambda _: False) -> None:
        self._loop = asyncio.new_event_loop()
        self._lost = lost
        self._loop.set_exception_handler(self._unsaid)
        self._thread = Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._posted = self._done = 0
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether nothing that was posted is still at work."""
        return self._posted == self._done

    def steady(self) -> int:
        """Ns of a clock that only grows, whoever sets the machine's."""
        return int(self._loop.time() * 1e9)

    def post(self, work: Work) -> None:
        """Let something be done; from one thread."""
        self._posted += 1
        self._loop.call_soon_threadsafe(self._start, work, self._finished)

    def keep(self, work: Work) -> None:
        """Let something be done that never ends; from one thread."""
        self._loop.call_soon_threadsafe(self._start, work, self._tasks.discard)

    def call(self, work: Coroutine[Any, Any, _T], timeout_s: float) -> _T:
        """Let something be done and wait for it; not from the loop's own thread.

        Raises:
            TimeoutError: it took too long.
        """
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def stop(self) -> None:
        """Cancel what is still at work and end the thread."""
        if self._thread.is_alive():
            self.call(self._cancelled(), 10.0)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10.0)
            self._loop.close()

    def _start(self, work: Work, then: Callable[[asyncio.Task[Any]], object]) -> None:
        task = self._loop.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(then)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._done += 1

    def _unsaid(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None or not self._lost(error):
            loop.default_exception_handler(context)

    async def _cancelled(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
