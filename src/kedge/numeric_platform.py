"""What the bits of a number rest on besides kedge's own sources, as one line of text.

Two machines with the same line compute the same floats; it heads every journal, and a
replay says whether it runs on the platform that a journal was written on. Only what can
change a result is in it: instruction sets and not the processor's name or its kernel,
because compiled code and libraries choose their variants of ``exp`` and ``log`` by them.
"""

import hashlib
import os
import platform
from functools import cache
from importlib.metadata import version

LIBRARIES = ("numpy", "numba", "llvmlite", "scipy")


@cache
def platform_fingerprint() -> str:
    """Parts joined by commas, each a name and a version or a hash.

    Costs an import of llvmlite on the first call.
    """
    libc = " ".join(platform.libc_ver()).strip() or "libc unknown"
    parts = [
        f"{platform.system()} {platform.machine()}",
        libc,
        f"python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in LIBRARIES),
        f"cpu {_instruction_sets()}",
    ]
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        parts.append("interpreted")
    return ", ".join(parts)


def differing_parts(recorded: str, ours: str) -> list[str]:
    """What of two fingerprints is not the same, each as ``theirs, here ours``."""
    theirs, mine = recorded.split(", "), ours.split(", ")
    if len(theirs) != len(mine):
        return [f"{recorded}; here {ours}"]
    return [f"{a}, here {b}" for a, b in zip(theirs, mine, strict=True) if a != b]


def _instruction_sets() -> str:
    """Hash of the processor's features, as numba's compiler sees or is told them."""
    given = os.environ.get("NUMBA_CPU_FEATURES")
    if given is None:
        from llvmlite import binding

        given = binding.get_host_cpu_features().flatten()
    names = sorted(name for name in given.split(",") if name.startswith("+"))
    return hashlib.blake2b(",".join(names).encode(), digest_size=6).hexdigest()
