"""A headless Chromium driven over its debugging pipe, with nothing but the standard library."""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """The browser on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One page of the browser: commands, and the events seen so far."""

    def __init__(self, read: int, write: int) -> None:
        self.events: list[dict[str, Any]] = []
        self._read, self._write = read, write
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")
        attach = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attach["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def _next(self, patience: float = 30.0) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], patience)
            assert ready, "the browser did not answer"
            got = os.read(self._read, 1 << 20)
            assert got, "the browser closed its pipe"
            self._buffer += got
        line, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(line)

    def open(self, file: Path) -> None:
        """Loads a file and waits until it is drawn."""
        loader = self.call("Page.navigate", url=file.as_uri())["loaderId"]
        while not self._loaded(loader):
            self.events.append(self._next())
        self.settle()

    def _loaded(self, loader: str) -> bool:
        """Whether this very navigation, and not an earlier one, has fired its load event."""
        names = [e.get("method") for e in self.events]
        for k, event in enumerate(self.events):
            if names[k] == "Page.frameNavigated" and event["params"]["frame"]["loaderId"] == loader:
                return "Page.loadEventFired" in names[k:]
        return False

    def settle(self) -> None:
        """Waits for two frames, so that observers have run."""
        self.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def size(self, width: int, height: int, mobile: bool = False) -> None:
        """The size of the screen in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=mobile,
        )  # fmt: skip

    def prefer(self, scheme: str, media: str = "") -> None:
        """The reader's colour scheme, and ``print`` where the page is printed."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=media, features=[feature])

    def mouse(self, kind: str, x: float, y: float, pressed: bool = False) -> None:
        """One event of the mouse, with its left button where pressed."""
        self.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, clickCount=1,
            button="left" if pressed else "none", buttons=int(pressed),
        )  # fmt: skip

    def key(self, name: str) -> None:
        """One key, down and up."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name)

    def screenshot(self, file: Path, whole: bool = False) -> None:
        """What the screen shows, or the whole page, as PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))

    def requests(self) -> list[str]:
        """Every address the page has asked for."""
        sent = (e for e in self.events if e.get("method") == "Network.requestWillBeSent")
        return [e["params"]["request"]["url"] for e in sent]

    def complaints(self) -> list[str]:
        """Uncaught exceptions and errors in the page's console."""
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(json.dumps(params["exceptionDetails"]))
            if event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(params["entry"]["text"])
        return found


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A fresh browser with a profile of its own, ended when the block is left."""
    program = executable()
    assert program
    theirs_in, ours_out = (_high(fd) for fd in os.pipe())
    ours_in, theirs_out = (_high(fd) for fd in os.pipe())
    arguments = [
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
        f"--user-data-dir={profile}", "about:blank",
    ]  # fmt: skip
    quiet = os.open(os.devnull, os.O_RDWR)
    wiring = [
        (os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2),
        (os.POSIX_SPAWN_DUP2, theirs_in, 3), (os.POSIX_SPAWN_DUP2, theirs_out, 4),
    ]  # fmt: skip
    process = os.posix_spawn(program, arguments, os.environ, file_actions=wiring, setsid=True)
    for fd in (theirs_in, theirs_out, quiet):
        os.close(fd)
    try:
        yield Page(ours_in, ours_out)
    finally:
        os.close(ours_out)  # the browser leaves when its pipe closes
        _wait(process)
        os.close(ours_in)


def _high(fd: int) -> int:
    """The same pipe under a number that cannot collide with the child's 3 and 4."""
    copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(fd)
    return copy


def _wait(process: int, patience: float = 5.0) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if os.waitpid(process, os.WNOHANG)[0]:
            return
        time.sleep(0.02)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
