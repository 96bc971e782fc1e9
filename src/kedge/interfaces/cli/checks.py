"""What ``kedge doctor`` looks at; each check says what it found and what to do."""

import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final, Literal

from kedge.data.instruments import FILE as INSTRUMENTS
from kedge.domain.errors import ConfigError
from kedge.settings import Settings, find_file, load_settings

OLDEST: Final = (3, 11)
TEST_DATA: Final = "KEDGE_TEST_DATA"
NOT_EXTRAS: Final = ("all", "dev")

State = Literal["ok", "absent", "bad"]


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: what was looked at.
        state: ``ok``, ``absent`` (optional and not there) or ``bad`` (must be mended).
        found: version, path or reason.
        remedy: what to do; empty when nothing is to be done.
    """

    name: str
    state: State
    found: str
    remedy: str = ""


def checks(config: Path | None) -> Iterator[Check]:
    """Every check, in the order a person would ask."""
    yield python()
    yield Check("CPU", "ok", f"{_cpu()}, {os.cpu_count()} cores")
    yield from parts()
    yield cache()
    settings, configuration = configured(config)
    yield configuration
    yield store(settings)
    if TEST_DATA in os.environ:
        yield test_data(Path(os.environ[TEST_DATA]))


def python() -> Check:
    """The interpreter, against the oldest that kedge runs on."""
    found = platform.python_version()
    if sys.version_info[:2] >= OLDEST:
        return Check("Python", "ok", found)
    oldest = ".".join(map(str, OLDEST))
    return Check("Python", "bad", found, f"install Python {oldest} or newer")


def parts() -> Iterator[Check]:
    """The packages kedge is made of, then each extra."""
    extras: dict[str, dict[str, str | None]] = {}
    for requirement in requires("kedge") or []:
        name = re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0]
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
        if extra is None:
            yield _core(name)
        elif extra[1] not in NOT_EXTRAS:
            extras.setdefault(extra[1], {})[name] = _installed(name)
    for extra_name, found in extras.items():
        yield _extra(extra_name, found)


def cache() -> Check:
    """The folder for compiled code: it must be writable, or every start compiles anew."""
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(existing, os.W_OK):
        return Check("compiled code", "ok", str(folder))
    return Check(
        "compiled code", "bad", f"{existing} is not writable", "set KEDGE_CACHE_DIR to a folder"
    )


def configured(config: Path | None) -> tuple[Settings, Check]:
    """The settings in force; the defaults where the configuration is wrong."""
    path = find_file(config)
    try:
        settings = load_settings(path)
    except ConfigError as error:
        where = f"{error.where}: " if error.where else ""
        return Settings(), Check("configuration", "bad", f"{where}{error.what}", error.remedy)
    return settings, Check("configuration", "ok", str(path) if path else "the defaults")


def store(settings: Settings) -> Check:
    """The market store of the settings in force."""
    folder = settings.store
    if (folder / INSTRUMENTS).is_file():
        return Check("store", "ok", str(folder))
    remedy = "run `kedge data sample` or `kedge data import`"
    return Check("store", "absent", f"no market data in {folder}", remedy)


def test_data(folder: Path) -> Check:
    """The recorded market data of the project's own tests."""
    if folder.is_dir():
        return Check("test data", "ok", str(folder))
    return Check("test data", "bad", f"no folder {folder}", f"mend or unset {TEST_DATA}")


def _core(name: str) -> Check:
    found = _installed(name)
    if found is not None:
        return Check(name, "ok", found)
    return Check(name, "bad", "not installed", "install kedge again")


def _extra(name: str, found: dict[str, str | None]) -> Check:
    missing = [part for part, installed in found.items() if installed is None]
    label = f"extra: {name}"
    if not missing:
        text = ", ".join(f"{part} {installed}" for part, installed in found.items())
        return Check(label, "ok", text)
    return Check(label, "absent", f"without {', '.join(missing)}", f"pip install -e '.[{name}]'")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
