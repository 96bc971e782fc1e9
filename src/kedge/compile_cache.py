"""Where compiled code is kept between runs, chosen so that an edit is always obeyed.

numba's disk cache notices an edit in the file that defines a compiled function,
but not in a file whose functions that one calls: a limit changed from 0.10 to
0.05 in ``risk/`` would still be 0.10 inside the cached decision step. So the
cache folder's name is a hash of every kedge source, the versions that shape the
machine code, and the CPU; any edit leads to a fresh folder.
"""

import hashlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path


def fingerprint(root: Path) -> str:
    """Hash of all Python sources under ``root``, numba, numpy, Python and the CPU."""
    digest = hashlib.blake2b(digest_size=10)
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(f"{sys.version}|{platform.machine()}|{_cpu()}".encode())
    for part in ("numba", "llvmlite", "numpy"):
        digest.update(version(part).encode())
    return digest.hexdigest()


def install(root: Path) -> Path:
    """Point numba at the folder for these sources; call before numba is imported.

    ``KEDGE_CACHE_DIR`` moves the parent folder. An explicit ``NUMBA_CACHE_DIR``
    is overridden on purpose: a foreign folder could hold stale limits.
    """
    folder = cache_folder() / "compiled" / fingerprint(root)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        from numba.core import config

        setattr(config, "CACHE_DIR", str(folder))  # noqa: B010 - numba sets it dynamically too
    return folder


def cache_folder() -> Path:
    """Where kedge keeps what it can rebuild; ``KEDGE_CACHE_DIR`` moves it."""
    given = os.environ.get("KEDGE_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kedge"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "flags", "Features")
    return "|".join(line for line in dict.fromkeys(lines) if line.startswith(wanted))
