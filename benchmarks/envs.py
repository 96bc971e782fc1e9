"""An environment of its own for every peer, made when it is missing."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
ENVS = HERE / ".envs"
PEERS = ("vectorbt", "backtesting", "nautilus")


def python_of(peer: str) -> Path:
    """The interpreter of a peer's environment.

    The environment is made again when the pinned versions change.

    Raises:
        subprocess.CalledProcessError: a package cannot be installed.
    """
    pins = HERE / "peers" / f"{peer}.txt"
    folder = ENVS / peer
    python, marker = folder / "bin" / "python", folder / ".pins"
    if not (marker.is_file() and marker.read_text() == pins.read_text()):
        print(f"making the environment of {peer}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        quiet = ["--quiet", "--quiet", "--disable-pip-version-check"]
        command = [str(python), "-m", "pip", "install", *quiet, "-r", str(pins)]
        subprocess.run(command, check=True)
        marker.write_text(pins.read_text())
    return python


def version_of(peer: str) -> str:
    """Name and pinned version of a peer."""
    names = {"vectorbt": "vectorbt", "backtesting": "backtesting", "nautilus": "nautilus_trader"}
    for line in (HERE / "peers" / f"{peer}.txt").read_text().splitlines():
        name, _, version = line.partition("==")
        if name == names[peer]:
            return f"{name} {version}"
    raise ValueError(f"{peer}.txt pins no {names[peer]}")
