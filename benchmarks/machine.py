"""When, from what and on what a measurement was made; no host name and no path."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

CHANGED = "with changes"
"""Marks a commit that sources differ from."""
PARTS = ("kedge", "numpy", "numba", "llvmlite", "scipy")


def today() -> str:
    """The date, UTC."""
    return datetime.now(UTC).date().isoformat()


def commit(root: Path) -> str:
    """Short hash of the commit that is checked out, marked when sources differ from it."""
    known = _git(root, "rev-parse", "--short", "HEAD")
    if not known:
        return "unknown"
    changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", "src", "benchmarks")
    return f"{known} {CHANGED}" if changed else known


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def cpu() -> str:
    """The processor's model."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def facts(parts: tuple[str, ...] = PARTS) -> str:
    """CPU, cores, operating system and versions, as a list in Markdown."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {version(name)}" for name in parts)
    return "\n".join(
        (
            f"- {cpu()}, {cores} cores",
            f"- {platform.system()} {platform.machine()}, Python {platform.python_version()}",
            f"- {versions}",
        )
    )
