"""Mutants that do the same as the source, and why: looked at by hand, by their lines."""

from typing import Final

EQUIVALENT: Final[dict[tuple[str, str, str], str]] = {}
"""By file, line before and line after."""
